/** Going back: asks to which message, then what is put back. Without changed files there is only the talk, and nothing is asked. */

import type { RewindPoint, RewindWhat } from '../../protocol/sessions.ts';
import type { Event } from '../../protocol.ts';
import type { LineContext } from '../lines/style.ts';
import type { Overlay } from '../overlay/overlay.ts';
import { handlePickerKey, type PickerState } from '../overlay/picker.ts';
import { pickerLines } from '../overlay/picker-lines.ts';
import { NOTHING_LEFT, openRewindChoice, openRewindPicker, UNDO } from '../overlay/rewind-picker.ts';
import type { Body } from '../screen/region.ts';
import type { Key } from '../term/keys.ts';
import type { AppPort } from './app-port.ts';

export const NO_MESSAGE = 'There is no message to go back to.';

type Port = Pick<AppPort, 'submit' | 'say' | 'warn' | 'transcript'>;

/** @param itemId of the message, if it is known. */
export function openRewind(app: Port & Pick<AppPort, 'open'>, itemId?: string): void {
  app.open(new RewindOverlay(app, itemId));
  app.submit({ type: 'list_rewinds' });
}

class RewindOverlay implements Overlay {
  readonly #app: Port;
  #itemId: string | undefined;
  #points: readonly RewindPoint[] = [];
  /** Undefined until the messages are known. */
  #picker: PickerState | undefined;

  constructor(app: Port, itemId: string | undefined) {
    this.#app = app;
    this.#itemId = itemId;
  }

  lines(ctx: LineContext, maxRows: number): Body {
    if (this.#picker === undefined) return { lines: ['Looking for changes…'] };
    return { lines: pickerLines(this.#picker, ctx, maxRows) };
  }

  onKey(key: Key): 'kept' | 'done' {
    if (this.#picker === undefined) return key.name === 'escape' ? 'done' : 'kept';
    const step = handlePickerKey(this.#picker, key);
    if ('state' in step) {
      this.#picker = step.state;
      return 'kept';
    }
    return step.result.type === 'chosen' ? this.#chosen(step.result.id) : 'done';
  }

  onEvent(event: Event): 'kept' | 'done' {
    if (event.type !== 'rewind_points' || this.#picker !== undefined) return 'kept';
    const { points, canUndo, error } = event;
    this.#points = points;
    // Nothing is kept of the session: its talk can go back all the same.
    if (error !== undefined && this.#itemId !== undefined) {
      this.#app.submit({ type: 'rollback', userTurns: this.#app.transcript.promptsFrom(this.#itemId) });
    } else if (error !== undefined) this.#app.warn(error);
    else if (points.length === 0) this.#app.say(NO_MESSAGE);
    else if (this.#itemId !== undefined) return this.#choose(this.#itemId);
    else {
      this.#picker = openRewindPicker(points, canUndo);
      return 'kept';
    }
    return 'done';
  }

  #chosen(id: string): 'kept' | 'done' {
    if (this.#itemId !== undefined) return this.#rewind(this.#itemId, id as RewindWhat);
    if (id !== UNDO) return this.#choose(id);
    this.#app.submit({ type: 'undo_rewind' });
    return 'done';
  }

  #choose(itemId: string): 'kept' | 'done' {
    this.#itemId = itemId;
    const at = this.#points.findIndex((point) => point.itemId === itemId);
    const taken = at === -1 ? [] : this.#points.slice(at);
    const [point] = taken;
    if (point === undefined || taken.every(({ files }) => files === 0)) {
      if (!point?.isSummarised) return this.#rewind(itemId, 'talk');
      this.#app.say(NOTHING_LEFT);
      return 'done';
    }
    this.#picker = openRewindChoice(point);
    return 'kept';
  }

  #rewind(itemId: string, what: RewindWhat): 'done' {
    this.#app.submit({ type: 'rewind', itemId, what });
    return 'done';
  }
}
