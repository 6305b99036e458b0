/**
 * The overlays of the app: each puts a state machine of overlay/ behind the `Overlay` interface.
 *
 * Invariant: what a choice leads to happens before the overlay says that it is done.
 */
import type { SessionMode } from '../../protocol.ts';
import { SLASH_COMMANDS } from '../composer/commands.ts';
import type { Keymap } from '../composer/keymap.ts';
import type { LineContext } from '../lines/style.ts';
import { handleHelpKey, helpLines, openHelp } from '../overlay/help.ts';
import {
  handleNoServerKey,
  type NoServerFacts,
  noServerLines,
  noServerTrying,
  openNoServer,
} from '../overlay/no-server.ts';
import type { Overlay, Step } from '../overlay/overlay.ts';
import { handlePermissionsKey, openPermissions, permissionsLines } from '../overlay/permissions.ts';
import { handlePickerKey, type PickerState } from '../overlay/picker.ts';
import { pickerLines } from '../overlay/picker-lines.ts';
import { handleTrustKey, openTrust, type TrustResult, trustDrawn, trustLines } from '../overlay/trust.ts';
import type { Key } from '../term/keys.ts';

interface Machine<State, Result> {
  readonly state: State;
  readonly handle: (state: State, key: Key, now: number) => Step<State, Result>;
  readonly lines: (state: State, ctx: LineContext, maxRows: number) => string[];
  /** Takes the result; if it returns a state the overlay stays. */
  readonly end: (result: Result, state: State) => State | undefined;
  readonly drawn?: (state: State, now: number) => State;
}

function overlayOf<State, Result>(machine: Machine<State, Result>): Overlay {
  let { state } = machine;
  return {
    lines: (ctx, maxRows) => ({ lines: machine.lines(state, ctx, maxRows) }),
    onKey: (key, now) => {
      const step = machine.handle(state, key, now);
      if ('state' in step) {
        state = step.state;
        return 'kept';
      }
      const next = machine.end(step.result, state);
      if (next === undefined) return 'done';
      state = next;
      return 'kept';
    },
    onDrawn: (now) => {
      state = machine.drawn?.(state, now) ?? state;
    },
  };
}

/** A list from which one entry is chosen. */
export function pickerOverlay(state: PickerState, choose: (id: string) => void): Overlay {
  return overlayOf({
    state,
    handle: handlePickerKey,
    lines: pickerLines,
    end: (result) => {
      if (result.type === 'chosen') choose(result.id);
      return undefined;
    },
  });
}

export function permissionsOverlay(current: SessionMode, choose: (chosen: SessionMode) => void): Overlay {
  return overlayOf({
    state: openPermissions(current),
    handle: handlePermissionsKey,
    lines: permissionsLines,
    end: (result) => {
      if (result.type === 'chosen') choose(result.permissions);
      return undefined;
    },
  });
}

export function trustOverlay(root: string, answer: (result: TrustResult) => void): Overlay {
  const overlay = overlayOf({
    state: openTrust(root),
    handle: handleTrustKey,
    lines: trustLines,
    drawn: trustDrawn,
    end: (result) => {
      answer(result);
      return undefined;
    },
  });
  return {
    ...overlay,
    ownsLeaving: true,
    pasted: 'typed',
    onKey: (key, now) => {
      const taken = overlay.onKey(key, now);
      // It answers nothing, and the question stays: what is typed is the first message.
      return key.name === 'text' || key.name === 'backspace' ? 'typed' : taken;
    },
  };
}

/** Closes when the server answers. Typed text is for the composer: the user can write meanwhile. */
export function noServerOverlay(
  facts: NoServerFacts,
  actions: { readonly retry: () => void; readonly quit: () => void },
): Overlay {
  let state = openNoServer(facts);
  return {
    ownsLeaving: true,
    pasted: 'passed',
    lines: (ctx, maxRows) => ({ lines: noServerLines(state, ctx, maxRows) }),
    onKey: (key) => {
      if (key.name === 'text') return 'passed';
      const step = handleNoServerKey(state, key);
      if ('state' in step) state = step.state;
      else {
        actions[step.result]();
        if (step.result === 'quit') return 'done';
        state = noServerTrying(state);
      }
      return 'kept';
    },
    onEvent: (event) => {
      if (event.type !== 'server_state' || event.state === 'connecting') return 'kept';
      if (event.state !== 'down') return 'done';
      // The result of the last try.
      state = openNoServer({ ...facts, problem: event.message ?? facts.problem });
      return 'kept';
    },
  };
}

/** Keys and commands. */
export function helpOverlay(keymap: Keymap): Overlay {
  let state = openHelp({ keys: keymap.helpRows(), commands: SLASH_COMMANDS });
  // Scrolling needs to know how much was shown last.
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
