/** What the weak model can mean to do next, and the call that does it with the tools of the request. */
import { structuredPatch } from 'diff';
import type { ScriptedCall } from '../../../src/demo/script.ts';

export type Move =
  | { readonly kind: 'plan'; readonly steps: readonly string[]; readonly done: number }
  | { readonly kind: 'find'; readonly pattern: string }
  | { readonly kind: 'read'; readonly file: string }
  | { readonly kind: 'edit'; readonly file: string; readonly before: string; readonly after: string }
  | { readonly kind: 'test'; readonly command: string }
  | { readonly kind: 'answer'; readonly text: string };

export type Action = Exclude<Move, { kind: 'answer' }>;
export type Edit = Extract<Move, { kind: 'edit' }>;

const CONTEXT = 2;

/** The call for a move; `names` are those of the tools that were offered. */
export function callFor(move: Action, names: readonly string[]): ScriptedCall {
  switch (move.kind) {
    case 'plan':
      return { name: 'update_plan', arguments: { plan: planItems(move) } };
    case 'find':
      return { name: 'ripgrep', arguments: { pattern: move.pattern } };
    case 'read':
      return { name: 'read_file', arguments: { path: move.file } };
    case 'edit':
      return editCall(move, names);
    case 'test':
      return commandCall(move.command, names);
    default:
      return move satisfies never;
  }
}

type Mend = (lines: readonly string[]) => readonly string[];

const asTheyAre: Mend = (lines) => lines;

/** A change as the offered tools take it: a patch, or the passage that differs. @param mend changes the lines, each with its sign. */
export function editCall(edit: Edit, names: readonly string[], mend: Mend = asTheyAre): ScriptedCall {
  if (!names.includes('edit_file')) return { name: 'apply_patch', arguments: { input: patchOf(edit, mend) } };
  const lines = mend(passageOf(edit));
  const side = (sign: string): string =>
    lines
      .flatMap((line) => (line.startsWith(sign) || line.startsWith(' ') ? [line.slice(1)] : []))
      .join('\n');
  const texts = { old_string: side('-'), new_string: side('+') };
  return { name: 'edit_file', arguments: { path: edit.file, ...texts } };
}

export function commandCall(command: string, names: readonly string[]): ScriptedCall {
  return names.includes('exec_command')
    ? { name: 'exec_command', arguments: { cmd: command } }
    : { name: 'shell', arguments: { command } };
}

/** What a move may have an effect on: a command to run, or a file to write. */
export function effectOf(move: Move): readonly string[] {
  if (move.kind === 'test') return [move.command];
  return move.kind === 'edit' ? [move.file] : [];
}

function planItems({ steps, done }: Extract<Move, { kind: 'plan' }>): { step: string; status: string }[] {
  const status = (at: number): string => (at < done ? 'completed' : at === done ? 'in_progress' : 'pending');
  return steps.map((step, at) => ({ step, status: status(at) }));
}

/** @param mend changes the lines of the hunks, each with its sign. */
export function patchOf(
  edit: Edit,
  mend: (lines: readonly string[]) => readonly string[] = (lines) => lines,
): string {
  const hunks = hunksOf(edit).flatMap((lines) => ['@@', ...mend(lines)]);
  return ['*** Begin Patch', `*** Update File: ${edit.file}`, ...hunks, '*** End Patch'].join('\n');
}

/** As `git diff` writes it, with the line numbers of the hunks. */
export function unifiedDiff({ file, before, after }: Edit): string {
  const { hunks } = structuredPatch(file, file, before, after, '', '', { context: CONTEXT });
  const lines = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
  return [`--- a/${file}`, `+++ b/${file}`, ...lines, ''].join('\n');
}

/** From the first line that differs to the last one, with those around. */
function passageOf({ file, before, after }: Edit): readonly string[] {
  const [hunk] = structuredPatch(file, file, before, after, '', '', { context: before.length }).hunks;
  const lines = (hunk?.lines ?? []).filter((line) => !line.startsWith('\\'));
  const differs = (line: string): boolean => !line.startsWith(' ');
  const from = lines.findIndex(differs) - CONTEXT;
  return lines.slice(Math.max(0, from), lines.findLastIndex(differs) + 1 + CONTEXT);
}

function hunksOf({ file, before, after }: Edit): readonly (readonly string[])[] {
  const { hunks } = structuredPatch(file, file, before, after, '', '', { context: CONTEXT });
  return hunks.map(({ lines }) => lines.filter((line) => !line.startsWith('\\')));
}
