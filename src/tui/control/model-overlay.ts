/**
 * The model picker in the app: lists what is installed, pulls what is not, and sets the model.
 *
 * Invariants: the list that is shown is the server's newest answer; a pull that the overlay started ends with it.
 */
import type { Event } from '../../protocol.ts';
import type { LineContext } from '../lines/style.ts';
import { modelEntry } from '../overlay/model-items.ts';
import { modelPickerLines } from '../overlay/model-lines.ts';
import {
  handleModelKey,
  type ModelPickerState,
  type ModelPickerStep,
  modelPulled,
  modelPullFailed,
  modelPullProgress,
  openModelPicker,
  setModels,
} from '../overlay/model-picker.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { Body } from '../screen/region.ts';
import type { Key } from '../term/keys.ts';
import type { AppPort } from './app-port.ts';

type Port = Pick<AppPort, 'state' | 'submit' | 'warn'>;
type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;

export class ModelOverlay implements Overlay {
  readonly #app: Port;
  #state: ModelPickerState = openModelPicker(undefined, undefined);
  /** A model was downloaded: the next list is to choose it from. */
  #hasPulled = false;

  constructor(app: Port) {
    this.#app = app;
    app.submit({ type: 'list_models' });
  }

  lines(ctx: LineContext, maxRows: number): Body {
    return { lines: modelPickerLines(this.#state, ctx, maxRows) };
  }

  onKey(key: Key): 'kept' | 'done' {
    return this.#take(handleModelKey(this.#state, key));
  }

  onLeft(): void {
    const { stage } = this.#state;
    if (stage.kind === 'pulling') this.#app.submit({ type: 'cancel_pull', name: stage.pull.model });
  }

  onEvent(event: Event, now: number): 'kept' | 'done' {
    switch (event.type) {
      case 'models':
        return this.#listed(event);
      case 'pull_progress':
        this.#progressed(event, now);
        return 'kept';
      case 'pull_ended':
        this.#pullEnded(event);
        return 'kept';
      default:
        return 'kept';
    }
  }

  #listed({ models, error }: EventOf<'models'>): 'kept' | 'done' {
    if (error !== undefined) {
      this.#app.warn(`could not list the models: ${error}`);
      return 'done';
    }
    const entries = models.map((model) => modelEntry(model, this.#app.state.model));
    if (this.#hasPulled) {
      this.#hasPulled = false;
      return this.#take(modelPulled(this.#state, entries));
    }
    this.#state = setModels(this.#state, entries);
    return 'kept';
  }

  #progressed({ name, status, completed = 0, total }: EventOf<'pull_progress'>, now: number): void {
    const bytes = total === undefined ? {} : { digest: name, total, completed };
    this.#state = modelPullProgress(this.#state, { status, ...bytes }, now);
  }

  #pullEnded({ error }: EventOf<'pull_ended'>): void {
    if (error !== undefined) {
      this.#state = modelPullFailed(this.#state, error);
      return;
    }
    this.#hasPulled = true;
    this.#app.submit({ type: 'list_models' });
  }

  #take(step: ModelPickerStep): 'kept' | 'done' {
    if ('result' in step) {
      const { result } = step;
      if (result.type === 'chosen') {
        this.#app.submit({ type: 'set_model', model: result.model, effort: result.effort });
      }
      return 'done';
    }
    this.#state = step.state;
    const { effect } = step;
    if (effect !== undefined) {
      this.#app.submit({ type: effect.type === 'pull' ? 'pull_model' : 'cancel_pull', name: effect.model });
    }
    return 'kept';
  }
}
