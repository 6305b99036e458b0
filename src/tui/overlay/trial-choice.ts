/**
 * What becomes of a trial: keep it, look at it, go on in it, or drop it.
 *
 * Invariants: text never answers; it is the next message, in the same trial. Nothing is decided by a key that was not meant for it
 * (key-guard.ts), and a stray Enter goes on. Time is an argument.
 */
import { plural } from '../../text/digits.ts';
import { oneLine } from '../lines/clean.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateMiddle } from '../lines/width.ts';
import type { TriedFile, TriedReport } from '../ports.ts';
import { chordOf, type Key } from '../term/keys.ts';
import { clipMiddle, dialogLines } from './dialog.ts';
import { checkKey, type KeyGuard, keyGuardDrawn, newKeyGuard } from './key-guard.ts';
import { moveSelection, optionLines } from './list.ts';
import type { Dialog, Step } from './overlay.ts';
import { hintLine, roomOf, titleLines } from './text.ts';

export type TrialChoice = 'keep' | 'others' | 'look' | 'on' | 'drop';

interface TrialChoiceState {
  readonly report: TriedReport;
  readonly selected: number;
  readonly guard: KeyGuard;
}

/** What can be chosen: something that others have changed is never overwritten. */
export function trialOptions({ files, left }: TriedReport): readonly (readonly [TrialChoice, string])[] {
  const on = ['on', 'Go on: the next message is on trial too'] as const;
  if (files.length + left.length === 0) return [on, ['drop', 'Leave the trial']];
  const conflicts = files.filter(({ isConflict }) => isConflict).length;
  const options: (readonly [TrialChoice, string])[] = [
    ['look', 'Look at the changes'],
    on,
    ['drop', 'Drop: nothing of it is left'],
  ];
  if (conflicts === files.length) return options;
  return conflicts === 0
    ? [['keep', 'Keep: put it into the files'], ...options]
    : [
        ['others', `Keep all but the ${plural(conflicts, 'file')} that somebody else has changed`],
        ...options,
      ];
}

export function newTrialChoice(report: TriedReport): TrialChoiceState {
  const selected = trialOptions(report).findIndex(([choice]) => choice === 'on');
  return { report, selected, guard: newKeyGuard };
}

function handleTrialKey(
  before: TrialChoiceState,
  key: Key,
  now: number,
): Step<TrialChoiceState, TrialChoice> {
  const { guard, isTaken } = checkKey(before.guard, key, now);
  const state = { ...before, guard };
  const options = trialOptions(state.report);
  const chord = chordOf(key);
  const numbered = isTaken && before.guard.strayAt === undefined ? options[Number(chord) - 1] : undefined;
  if (numbered !== undefined) return { result: numbered[0] };
  if (key.name === 'text') return { state, goes: 'passed' };
  if (!isTaken) return { state };
  const moved = moveSelection(key, state.selected, options.length);
  if (moved !== undefined) return { state: { ...state, selected: moved } };
  if (chord === 'enter') return { result: options[state.selected]?.[0] ?? 'on' };
  return chord === 'escape' ? { result: 'on' } : { state };
}

function trialChoiceLines(
  { report, selected }: TrialChoiceState,
  ctx: LineContext,
  maxRows: number,
): string[] {
  // Its end says more of a path than its middle, and the figures come behind it.
  const lines = reportLines(report).map((line) => `  ${truncateMiddle(line, roomOf(ctx) - 2)}`);
  return dialogLines(
    {
      title: titleLines(trialTitle(report), ctx),
      body: (rows) => clipMiddle(lines, rows, (hidden) => ctx.style.dim(`  … ${hidden} more`)),
      options: trialOptions(report).map(([, label], at) =>
        optionLines(`${at + 1}. ${label}`, at === selected, ctx),
      ),
      selected,
      hint: hintLine(['↑↓ choose', 'enter select', 'type to go on'], ctx),
    },
    ctx,
    maxRows,
  );
}

/** `On trial: 3 files +10 -2`. */
export function trialTitle({ files }: TriedReport): string {
  if (files.length === 0) return 'On trial: no file was changed';
  const sum = (of: 'added' | 'removed'): number => files.reduce((total, file) => total + file[of], 0);
  return `On trial: ${plural(files.length, 'file')} +${sum('added')} -${sum('removed')}`;
}

/** A line a file; what others have changed first, what cannot be kept last. Safe to show. */
export function reportLines({ files, left, running = 0 }: TriedReport): string[] {
  const ranked = [
    ...files.filter(({ isConflict }) => isConflict),
    ...files.filter((file) => !file.isConflict),
  ];
  const still =
    running === 0
      ? []
      : [
          `! ${plural(running, 'command')} still running: keeping or dropping ends ${running === 1 ? 'it' : 'them'}`,
        ];
  return [
    ...still,
    ...ranked.map(fileLine),
    ...left.map(({ path, reason }) => `! ${oneLine(path)}: cannot be kept, ${oneLine(reason)}`),
  ];
}

function fileLine({ path, sign, added, removed, note, isConflict }: TriedFile): string {
  const figures = added + removed === 0 ? [] : [`+${added} -${removed}`];
  const said = [...figures, ...(note === undefined ? [] : [oneLine(note)])].join(', ');
  const changed = isConflict ? ' (somebody else has changed it meanwhile)' : '';
  return `${isConflict ? '!' : sign} ${oneLine(path)}${said === '' ? '' : ` ${said}`}${changed}`;
}

export const trialDialog: Dialog<TrialChoiceState, TrialChoice> = {
  handle: handleTrialKey,
  lines: trialChoiceLines,
  drawn: (state, now) => ({ ...state, guard: keyGuardDrawn(state.guard, now) }),
  pasted: 'passed',
};
