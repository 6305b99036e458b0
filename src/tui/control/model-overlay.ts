/**
 * The model picker in the app: lists what is installed, pulls what is not, and sets the model.
 *
 * Invariants: the list that is shown is the server's newest answer; a pull that the overlay started ends with it.
 * Does not: know how models are described (overlay/model-items.ts).
 */

import type { Event, ModelInfo } from '../../protocol.ts';
import { warningLines } from '../lines/notice.ts';
import type { ModelEntry } from '../overlay/model-items.ts';
import { modelPickerLines } from '../overlay/model-lines.ts';
import {
  handleModelKey,
  type ModelPickerStep,
  modelPulled,
  modelPullFailed,
  modelPullProgress,
  openModelPicker,
  setModels,
} from '../overlay/model-picker.ts';
import type { Overlay } from '../overlay-port.ts';
import type { App } from './app.ts';

export function modelOverlay(app: App): Overlay {
  const { session } = app.options;
  let state = openModelPicker(undefined, undefined);
  let pulled: string | undefined;
  const take = (step: ModelPickerStep): 'kept' | 'done' => {
    if ('result' in step) {
      const { result } = step;
      if (result.type === 'chosen') {
        const { model, effort } = result;
        session.submit({ type: 'set_model', model, effort });
      }
      return 'done';
    }
    state = step.state;
    const { effect } = step;
    if (effect?.type === 'pull') session.submit({ type: 'pull_model', name: effect.model });
    if (effect?.type === 'cancel_pull') session.submit({ type: 'cancel_pull', name: effect.model });
    return 'kept';
  };
  const entries = (models: readonly ModelInfo[]): ModelEntry[] =>
    models.map((model) => entryOf(model, app.state.model));
  session.submit({ type: 'list_models' });
  return {
    lines: (ctx, maxRows) => ({ lines: modelPickerLines(state, ctx, maxRows) }),
    onKey: (key) => take(handleModelKey(state, key)),
    onLeft: () => {
      const { stage } = state;
      if (stage.kind === 'pulling') session.submit({ type: 'cancel_pull', name: stage.pull.model });
    },
    onEvent: (event: Event, now) => {
      switch (event.type) {
        case 'models':
          if (event.error !== undefined) {
            app.print(warningLines(`the models cannot be listed: ${event.error}`, app.context()));
            return 'done';
          }
          if (pulled === undefined) state = setModels(state, entries(event.models));
          else {
            pulled = undefined;
            return take(modelPulled(state, entries(event.models)));
          }
          return 'kept';
        case 'pull_progress': {
          const { status, completed, total } = event;
          const bytes = total === undefined ? {} : { digest: event.name, total, completed: completed ?? 0 };
          state = modelPullProgress(state, { status, ...bytes }, now);
          return 'kept';
        }
        case 'pull_ended':
          if (event.error !== undefined) state = modelPullFailed(state, event.error);
          else {
            pulled = event.name;
            session.submit({ type: 'list_models' });
          }
          return 'kept';
        default:
          return 'kept';
      }
    },
  };
}

function entryOf(model: ModelInfo, current: string | undefined): ModelEntry {
  const { name, size, parameterSize, contextLength, capabilities, loadedWindow, family, profile } = model;
  const can = (what: string): boolean => capabilities.includes(what);
  const isKnown = capabilities.length > 0;
  return {
    name,
    sizeBytes: size,
    parameterSize,
    contextLength,
    ...(isKnown ? { tools: can('tools'), vision: can('vision'), thinking: can('thinking') } : {}),
    profile,
    hasThinkLevels: family === 'gptoss' || family === 'gpt-oss',
    isRunning: loadedWindow !== undefined,
    isCurrent: name === current,
  };
}
