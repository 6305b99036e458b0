/**
 * Which model works, and how much it thinks: choose an installed one, or download one.
 *
 * Invariants: only a model that can call tools can be chosen; a result names an installed model; a download runs
 * until it is done, failed or cancelled, and is requested once.
 */
import { modelName } from '../lines/short-path.ts';
import { chordOf, type Key } from '../term/keys.ts';
import { type Effort, effortItems, type ModelEntry, modelItems, pullNameOf } from './model-items.ts';
import { handlePickerKey, openPicker, type PickerState, setPickerItems } from './picker.ts';
import { type PullProgress, type PullState, pullProgress, startPull } from './pull.ts';

export type ModelStage =
  | { readonly kind: 'list'; readonly picker: PickerState }
  | { readonly kind: 'pulling'; readonly pull: PullState }
  | { readonly kind: 'failed'; readonly model: string; readonly message: string; readonly canRetry: boolean }
  | { readonly kind: 'effort'; readonly model: ModelEntry; readonly picker: PickerState };

export interface ModelPickerState {
  /** Installed, in the order in which they are shown; undefined: not known yet. */
  readonly models: readonly ModelEntry[] | undefined;
  readonly effort: Effort | undefined;
  readonly stage: ModelStage;
}

type ModelPickerResult =
  /** `effort` is undefined for a model that does not think. */
  | { readonly type: 'chosen'; readonly model: string; readonly effort: Effort | undefined }
  | { readonly type: 'cancelled' };

type ModelPickerEffect =
  | { readonly type: 'pull'; readonly model: string }
  | { readonly type: 'cancel_pull'; readonly model: string };

export type ModelPickerStep =
  | { readonly state: ModelPickerState; readonly effect?: ModelPickerEffect }
  | { readonly result: ModelPickerResult };

/** @param models undefined: the server has been asked; `setModels` brings its answer. */
export function openModelPicker(
  models: readonly ModelEntry[] | undefined,
  effort: Effort | undefined,
): ModelPickerState {
  return { models, effort, stage: listStage(models) };
}

/** The list as it is now: models were added, loaded or removed. What is typed and selected stays. */
export function setModels(state: ModelPickerState, models: readonly ModelEntry[]): ModelPickerState {
  const { stage } = state;
  if (stage.kind !== 'list') return { ...state, models };
  if (state.models === undefined && stage.picker.filter === '') return openModelPicker(models, state.effort);
  const picker = setPickerItems(stage.picker, modelItems(models, stage.picker.filter));
  return { ...state, models, stage: { kind: 'list', picker: { ...picker, title: titleOf(models) } } };
}

/** @param now milliseconds of a clock that never goes back. */
export function modelPullProgress(
  state: ModelPickerState,
  progress: PullProgress,
  now: number,
): ModelPickerState {
  const { stage } = state;
  if (stage.kind !== 'pulling') return state;
  return { ...state, stage: { kind: 'pulling', pull: pullProgress(stage.pull, progress, now) } };
}

/** The download is done; `models` is the new list. Its model is chosen like any other. */
export function modelPulled(state: ModelPickerState, models: readonly ModelEntry[]): ModelPickerStep {
  const { stage } = state;
  if (stage.kind !== 'pulling') return { state: setModels(state, models) };
  const pulled = models.find(({ name }) => isSameModel(name, stage.pull.model));
  const next = { ...state, models };
  if (pulled === undefined) return { state: { ...next, stage: listStage(models) } };
  if (pulled.tools === false) {
    const message = 'It is installed, but it cannot call tools, so it cannot work as an agent.';
    return { state: { ...next, stage: { kind: 'failed', model: pulled.name, message, canRetry: false } } };
  }
  return choose(next, pulled);
}

export function modelPullFailed(state: ModelPickerState, message: string): ModelPickerState {
  const { stage } = state;
  if (stage.kind !== 'pulling') return state;
  return { ...state, stage: { kind: 'failed', model: stage.pull.model, message, canRetry: true } };
}

export function handleModelKey(state: ModelPickerState, key: Key): ModelPickerStep {
  const { stage } = state;
  switch (stage.kind) {
    case 'list':
      return listKey(state, stage.picker, key);
    case 'effort':
      return effortKey(state, stage, key);
    case 'pulling': {
      const isCancel = ['escape', 'ctrl+c'].includes(chordOf(key));
      if (!isCancel) return { state };
      const effect = { type: 'cancel_pull', model: stage.pull.model } as const;
      return { state: { ...state, stage: listStage(state.models) }, effect };
    }
    case 'failed':
      if (chordOf(key) === 'enter' && stage.canRetry) return pull(state, stage.model);
      if (['escape', 'ctrl+c'].includes(chordOf(key)))
        return { state: { ...state, stage: listStage(state.models) } };
      return { state };
    default:
      return stage satisfies never;
  }
}

function listKey(state: ModelPickerState, picker: PickerState, key: Key): ModelPickerStep {
  const step = handlePickerKey(picker, key);
  if ('state' in step) {
    const next = step.state;
    // What can be downloaded depends on what is typed.
    const shown =
      next.filter === picker.filter
        ? next
        : setPickerItems(next, modelItems(state.models ?? [], next.filter));
    return { state: { ...state, stage: { kind: 'list', picker: shown } } };
  }
  if (step.result.type === 'cancelled') return { result: step.result };
  const { id } = step.result;
  const name = pullNameOf(id);
  if (name !== undefined) return pull(state, name);
  const model = state.models?.find((known) => known.name === id);
  return model === undefined ? { state } : choose(state, model);
}

function effortKey(
  state: ModelPickerState,
  { model, picker }: Extract<ModelStage, { kind: 'effort' }>,
  key: Key,
): ModelPickerStep {
  const step = handlePickerKey(picker, key);
  if ('state' in step) return { state: { ...state, stage: { kind: 'effort', model, picker: step.state } } };
  if (step.result.type === 'cancelled')
    return { state: { ...state, stage: listStage(state.models, model.name) } };
  return { result: { type: 'chosen', model: model.name, effort: step.result.id as Effort } };
}

function choose(state: ModelPickerState, model: ModelEntry): ModelPickerStep {
  const items = effortItems(model, state.effort);
  if (items.length === 0) return { result: { type: 'chosen', model: model.name, effort: undefined } };
  const picker = openPicker({
    title: `How much should ${modelName(model.name)} think?`,
    items,
    hasNumbers: true,
    cancelHint: 'esc back',
    selectedId: items.find(({ hint }) => hint !== undefined)?.id ?? 'medium',
  });
  return { state: { ...state, stage: { kind: 'effort', model, picker } } };
}

function pull(state: ModelPickerState, model: string): ModelPickerStep {
  const stage: ModelStage = { kind: 'pulling', pull: startPull(model) };
  return { state: { ...state, stage }, effect: { type: 'pull', model } };
}

function listStage(models: readonly ModelEntry[] | undefined, selectedId?: string): ModelStage {
  const current = selectedId ?? models?.find(({ isCurrent }) => isCurrent)?.name;
  const picker = openPicker({
    title: titleOf(models),
    items: models === undefined ? [] : modelItems(models, ''),
    filterHint: 'search, or name a model to download',
    emptyText: 'Asking the server for the installed models…',
    selectedId: current,
  });
  return { kind: 'list', picker };
}

function titleOf(models: readonly ModelEntry[] | undefined): string {
  if (models === undefined) return 'Choose a model';
  if (models.length === 0) return 'No model installed: choose one to download';
  const isUsable = models.some(({ tools }) => tools !== false);
  return isUsable ? 'Choose a model' : 'No installed model can call tools: choose one to download';
}

/** `qwen3` is `qwen3:latest`. */
function isSameModel(a: string, b: string): boolean {
  const full = (name: string): string => (name.includes(':') ? name : `${name}:latest`);
  return full(a) === full(b);
}
