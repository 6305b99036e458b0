/**
 * The model picker in the app: lists what is installed, pulls what is not, and sets the model.
 *
 * Invariants: text that was meant for the composer reaches it; the list that is shown is the server's newest answer; a pull that the overlay started ends with it.
 */
import type { Event } from '../../protocol.ts';
import type { LineContext } from '../lines/style.ts';
import { isGuardSeen, type KeyGuard, keyGuardDrawn, newKeyGuard } from '../overlay/key-guard.ts';
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

type Port = Pick<AppPort, 'state' | 'submit' | 'warn' | 'composer'>;
type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;

export class ModelOverlay implements Overlay {
  readonly #app: Port;
  #state: ModelPickerState = openModelPicker(undefined, undefined);
  /** A model was downloaded: the next list is to choose it from. */
  #hasPulled = false;

  /** Of a list that opened by itself; undefined: the user has asked for it. */
  #guard: KeyGuard | undefined;

  /** @param byItself nobody has asked for it: somebody may be about to type. */
  constructor(app: Port, byItself = false) {
    this.#app = app;
    this.#guard = byItself ? newKeyGuard : undefined;
    app.submit({ type: 'list_models' });
  }

  lines(ctx: LineContext, maxRows: number): Body {
    return { lines: modelPickerLines(this.#state, ctx, maxRows) };
  }

  get pasted(): 'passed' | 'typed' | undefined {
    if (this.#state.stage.kind === 'list') return this.#guard && 'passed';
    return 'typed';
  }

  onDrawn(now: number): void {
    this.#guard &&= keyGuardDrawn(this.#guard, now);
  }

  onKey(key: Key, now: number): ReturnType<Overlay['onKey']> {
    const { stage } = this.#state;
    const isText = key.name === 'text';
    const isSeen = this.#guard === undefined || isGuardSeen(this.#guard, now);
    if (!isSeen) return isText ? 'passed' : 'kept';
    if (isText && (stage.kind === 'pulling' || stage.kind === 'failed')) return 'typed';
    if (key.name === 'escape' && this.#keepsFilter()) return 'done';
    return this.#take(handleModelKey(this.#state, key));
  }

  /** In a list that nobody has asked for, what was typed may have been a message. */
  #keepsFilter(): boolean {
    const { stage } = this.#state;
    if (this.#guard === undefined || stage.kind !== 'list' || stage.picker.filter === '') return false;
    this.#app.composer.paste(stage.picker.filter);
    return true;
  }

  onLeft(): void {
    const { stage } = this.#state;
    this.#keepsFilter();
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
