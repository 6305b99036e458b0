/**
 * What to do with a plan: carry it out here or in a fresh window, revise it, or leave plan mode.
 *
 * Invariants: text never answers; it is for the composer, since writing what is wrong is how a plan is revised. Nothing answers before the
 * question was seen (key-guard.ts). Time is an argument.
 */
import type { LineContext } from '../lines/style.ts';
import { chordOf, type Key } from '../term/keys.ts';
import { dialogLines } from './dialog.ts';
import { checkKey, type KeyGuard, keyGuardDrawn, newKeyGuard } from './key-guard.ts';
import { moveSelection, optionLines } from './list.ts';
import type { Dialog, Step } from './overlay.ts';
import { hintLine, titleLines } from './text.ts';

export type PlanChoice = 'here' | 'fresh' | 'revise' | 'leave';

interface PlanChoiceState {
  readonly selected: number;
  readonly guard: KeyGuard;
}

export type PlanResult = PlanChoice | 'edit';

export const PLAN_OPTIONS: readonly (readonly [PlanChoice, string])[] = [
  ['here', 'Carry it out here'],
  ['fresh', 'Carry it out in a fresh window that holds only the plan'],
  ['revise', 'Revise it: write what should be different'],
  ['leave', 'Leave plan mode'],
];
/** Nothing is done by a stray Enter. */
const SAFE = 2;

export const newPlanChoice: PlanChoiceState = { selected: SAFE, guard: newKeyGuard };

/** To be called when a frame with this state has been painted. */
function planChoiceDrawn(state: PlanChoiceState, now: number): PlanChoiceState {
  return { ...state, guard: keyGuardDrawn(state.guard, now) };
}

function handlePlanKey(before: PlanChoiceState, key: Key, now: number): Step<PlanChoiceState, PlanResult> {
  const { guard, isTaken } = checkKey(before.guard, key, now);
  const state = { ...before, guard };
  const chord = chordOf(key);
  const numbered =
    isTaken && before.guard.strayAt === undefined ? PLAN_OPTIONS[Number(chord) - 1] : undefined;
  if (numbered !== undefined) return { result: numbered[0] };
  if (key.name === 'text') return { state, goes: 'passed' };
  if (!isTaken) return { state };
  const moved = moveSelection(key, state.selected, PLAN_OPTIONS.length);
  if (moved !== undefined) return { state: { ...state, selected: moved } };
  if (chord === 'ctrl+g') return { result: 'edit' };
  if (chord === 'enter') return { result: PLAN_OPTIONS[state.selected]?.[0] ?? 'revise' };
  return chord === 'escape' ? { result: 'revise' } : { state };
}

function planChoiceLines({ selected }: PlanChoiceState, ctx: LineContext, maxRows: number): string[] {
  return dialogLines(
    {
      title: titleLines('What becomes of the plan?', ctx),
      options: PLAN_OPTIONS.map(([, label], at) => optionLines(`${at + 1}. ${label}`, at === selected, ctx)),
      selected,
      hint: hintLine(['↑↓ choose', 'enter select', 'ctrl+g edit the plan', 'type to revise'], ctx),
    },
    ctx,
    maxRows,
  );
}

export const planDialog: Dialog<PlanChoiceState, PlanResult> = {
  handle: handlePlanKey,
  lines: planChoiceLines,
  drawn: planChoiceDrawn,
  pasted: 'passed',
};
