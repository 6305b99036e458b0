/**
 * The question on the first use of a folder: may oagent work here?
 *
 * Invariants: the safe answer is selected first; typed text never answers, and nothing does before the question was
 * seen (key-guard.ts); only `trust` is meant to be remembered. Time is an argument.
 */
import { oneLine } from '../lines/clean.ts';
import { shortPath } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { chordOf, type Key } from '../term/keys.ts';
import { dialogLines } from './dialog.ts';
import { checkKey, type KeyGuard, keyGuardDrawn, newKeyGuard } from './key-guard.ts';
import { moveSelection, optionLines } from './list.ts';
import type { Dialog, Step } from './overlay.ts';
import { hintLine, paragraph, titleLines } from './text.ts';

interface TrustState {
  /** The folder that would be trusted, absolute: the root of the project. */
  readonly root: string;
  readonly selected: number;
  readonly guard: KeyGuard;
}

/** `read_only` applies to this session only. */
export type TrustResult = 'trust' | 'read_only' | 'quit';

export const TRUST_OPTIONS: readonly (readonly [TrustResult, string])[] = [
  ['trust', 'Yes, trust this folder'],
  ['read_only', 'Not now: read only for this session'],
  ['quit', 'Quit'],
];
const SAFE = 1;

export const TRUST_MEANING =
  'If you do, its configuration (.oagent, AGENTS.md) applies, and the model may change files in it and run commands ' +
  'in a sandbox without asking. Trust it only if you know where it comes from.';

export function openTrust(root: string): TrustState {
  return { root, selected: SAFE, guard: newKeyGuard };
}

/** To be called when a frame with this state has been painted. */
export function trustDrawn(state: TrustState, now: number): TrustState {
  const guard = keyGuardDrawn(state.guard, now);
  return guard === state.guard ? state : { ...state, guard };
}

export function handleTrustKey(before: TrustState, key: Key, now: number): Step<TrustState, TrustResult> {
  const { guard, isTaken } = checkKey(before.guard, key, now);
  const state = { ...before, guard };
  const chord = chordOf(key);
  if (chord === 'ctrl+c' || chord === 'ctrl+d') return { result: 'quit' };
  // It answers nothing, and the question stays: what is typed is the first message.
  if (key.name === 'text' || key.name === 'backspace') return { state, goes: 'typed' };
  if (!isTaken) return { state };
  const moved = moveSelection(key, state.selected, TRUST_OPTIONS.length);
  if (moved !== undefined) return { state: { ...state, selected: moved } };
  if (chord === 'enter') return { result: TRUST_OPTIONS[state.selected]?.[0] ?? 'read_only' };
  return chord === 'escape' ? { result: 'read_only' } : { state };
}

export function trustLines({ root, selected }: TrustState, ctx: LineContext, maxRows: number): string[] {
  const { style } = ctx;
  const folder = oneLine(shortPath(root, { cwd: '', home: ctx.home }));
  const text = [...paragraph(style.bold(folder), ctx), ...paragraph(TRUST_MEANING, ctx)];
  return dialogLines(
    {
      title: titleLines('Do you trust this folder?', ctx),
      body: (rows) => text.slice(0, rows),
      options: TRUST_OPTIONS.map(([, label], index) => optionLines(label, index === selected, ctx)),
      selected,
      hint: hintLine(['↑↓ choose', 'enter select', 'esc read only'], ctx),
    },
    ctx,
    maxRows,
  );
}

export const trustDialog: Dialog<TrustState, TrustResult> = {
  handle: handleTrustKey,
  lines: trustLines,
  drawn: trustDrawn,
  pasted: 'typed',
  ownsLeaving: true,
};
