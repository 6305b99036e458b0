/**
 * Shows a dialog of overlay/ in the place of the composer.
 *
 * Invariant: what a choice leads to happens before the overlay says that it is done.
 */
import type { Event } from '../../protocol.ts';
import { SLASH_COMMANDS } from '../composer/commands.ts';
import type { Keymap } from '../composer/keymap.ts';
import type { LineContext } from '../lines/style.ts';
import { handleHelpKey, helpLines, openHelp } from '../overlay/help.ts';
import type { Dialog, Overlay } from '../overlay/overlay.ts';
import { handlePickerKey, type PickerState } from '../overlay/picker.ts';
import { pickerLines } from '../overlay/picker-lines.ts';
import type { Body } from '../screen/region.ts';
import type { Key } from '../term/keys.ts';
import type { AppPort } from './app-port.ts';

/** Takes the result; if it returns a state the dialog stays. */
type End<State, Result> = (result: Result, state: State) => State | undefined;

/** @param end what the result leads to. */
export function openDialog<State, Result>(
  app: Pick<AppPort, 'open'>,
  dialog: Dialog<State, Result>,
  state: State,
  end: End<State, Result>,
): void {
  app.open(new DialogOverlay(dialog, state, end));
}

/** A list from which one entry is chosen. */
export function pickerOverlay(state: PickerState, choose: (id: string) => void): Overlay {
  return new DialogOverlay({ handle: handlePickerKey, lines: pickerLines }, state, (result) => {
    if (result.type === 'chosen') choose(result.id);
  });
}

export class DialogOverlay<State, Result> implements Overlay {
  readonly pasted: Overlay['pasted'];
  readonly ownsLeaving: Overlay['ownsLeaving'];
  readonly #dialog: Dialog<State, Result>;
  readonly #end: End<State, Result>;
  #state: State;

  constructor(dialog: Dialog<State, Result>, state: State, end: End<State, Result>) {
    this.pasted = dialog.pasted;
    this.ownsLeaving = dialog.ownsLeaving;
    this.#dialog = dialog;
    this.#state = state;
    this.#end = end;
  }

  lines(ctx: LineContext, maxRows: number): Body {
    return { lines: this.#dialog.lines(this.#state, ctx, maxRows) };
  }

  onKey(key: Key, now: number): ReturnType<Overlay['onKey']> {
    const step = this.#dialog.handle(this.#state, key, now);
    if ('state' in step) {
      this.#state = step.state;
      return step.goes ?? 'kept';
    }
    const next = this.#end(step.result, this.#state);
    if (next === undefined) return 'done';
    this.#state = next;
    return 'kept';
  }

  onDrawn(now: number): void {
    this.#state = this.#dialog.drawn?.(this.#state, now) ?? this.#state;
  }

  onEvent(event: Event): 'kept' | 'done' {
    if (this.#dialog.heard === undefined) return 'kept';
    const next = this.#dialog.heard(this.#state, event);
    if (next === undefined) return 'done';
    this.#state = next;
    return 'kept';
  }
}

/** Keys and commands. Scrolling needs to know how much was shown last. */
export function helpOverlay(keymap: Keymap): Overlay {
  let state = openHelp({ keys: keymap.helpRows(), commands: SLASH_COMMANDS });
  let shown: { readonly ctx: LineContext; readonly maxRows: number } | undefined;
  return {
    lines: (ctx, maxRows) => {
      shown = { ctx, maxRows };
      return { lines: helpLines(state, ctx, maxRows) };
    },
    onKey: (key) => {
      if (shown === undefined) return 'kept';
      const step = handleHelpKey(state, key, shown.ctx, shown.maxRows);
      if (!('state' in step)) return 'done';
      state = step.state;
      return 'kept';
    },
  };
}
