/**
 * Does what the model chose, through the same tools, sandbox and approvals as any call.
 *
 * What is reported to the model is what the harness saw. A change is followed by the task's check.
 */
import path from 'node:path';
import { exists } from '../../config/paths.ts';
import { truncateText } from '../../context/truncate.ts';
import { unifiedDiff } from '../../tools/apply-patch/summary.ts';
import { RUN_TESTS } from '../../tools/run-tests/run-tests.ts';
import type { Tool } from '../../tools/tool.ts';
import { type CallOutput, type ContextOf, runToolCalls } from '../tool-calls.ts';
import type { Act } from './acts.ts';
import { movePatch, wholeFilePatch } from './file-text.ts';
import { fenced } from './opening.ts';
import type { Progress } from './progress.ts';
import type { Task } from './task.ts';
import { readText } from './workspace.ts';

export interface PerformDeps {
  readonly cwd: string;
  readonly tools: readonly Tool[];
  readonly contextOf: ContextOf;
  readonly nextCallId: () => string;
  /** Bytes of one output. */
  readonly outputBytes: number;
  readonly task: Task;
  readonly progress: Progress;
  /** Hears what hooks have said of a call. */
  readonly hooksSaid: (text: string) => void;
}

const DIFF_BYTES = 1_500;

/** @returns the report for the model. */
export async function perform(
  act: Exclude<Act, { act: 'answer' } | { act: 'change' } | { act: 'create' }>,
  deps: PerformDeps,
): Promise<string> {
  const { progress } = deps;
  switch (act.act) {
    case 'read': {
      progress.inView.add(act.file);
      const { text: seen } = await call('read_file', { path: act.file }, deps);
      // Without line numbers if it fits: a text to be rewritten is shown in the form in which it is to be written.
      const text = await readText(deps.cwd, act.file);
      const isWhole = text !== undefined && Buffer.byteLength(text) <= deps.outputBytes;
      return `${act.file}:\n${isWhole ? fenced(text) : seen}`;
    }
    case 'search': {
      progress.noteSearch(act.text);
      const { text } = await call('ripgrep', { pattern: act.text }, deps);
      return text;
    }
    case 'run': {
      if (progress.ran.has(act.command)) progress.vain += 1;
      const { ok, text, refused } = await runLine(act.command, deps);
      progress.ran.set(act.command, ok);
      if (refused) progress.refused.add(act.command);
      return text;
    }
    case 'replace': {
      const old = await readText(deps.cwd, act.file);
      const { rename } = deps.task;
      if (old === undefined || rename === undefined) {
        progress.noteVain(act.file);
        return `${act.file} cannot be read.`;
      }
      return writeWhole(act.file, old, renamedIn(old, rename), deps);
    }
    case 'delete':
      return remove(act.file, deps);
    case 'move':
      return move(act, deps);
    default:
      return act satisfies never;
  }
}

async function remove(file: string, deps: PerformDeps): Promise<string> {
  const { progress } = deps;
  const input = ['*** Begin Patch', `*** Delete File: ${file}`, '*** End Patch'].join('\n');
  progress.ordered.add(file);
  const { ok, text, refused } = await call('apply_patch', { input }, deps);
  if (refused) progress.refused.add(file);
  if (!ok) return notDone(text, progress);
  noteRemoval(progress, file);
  return withCheck(`Deleted ${file}.`, deps);
}

async function move({ file, to }: Extract<Act, { act: 'move' }>, deps: PerformDeps): Promise<string> {
  const { progress } = deps;
  progress.ordered.add(file);
  const text = await readText(deps.cwd, file);
  if (text === undefined) return notDone(`${file} is not a text file: move it with a command.`, progress);
  if (exists(path.resolve(deps.cwd, to))) return notDone(`Nothing moved: ${to} already exists.`, progress);
  const input = movePatch(file, to, text);
  const { ok, text: report, refused } = await call('apply_patch', { input }, deps);
  if (refused) progress.refused.add(file);
  if (!ok) return notDone(report, progress);
  noteRemoval(progress, file);
  progress.changed.add(to);
  return withCheck(`Moved ${file} to ${to}.`, deps);
}

function notDone(report: string, progress: Progress): string {
  progress.vain += 1;
  return report;
}

function noteRemoval(progress: Progress, file: string): void {
  progress.noteChange(file);
  progress.hasDeletedOrMoved = true;
  progress.inView.delete(file);
}

/** The files that contain a name as a word of its own. */
export async function filesWithName(name: string, files: readonly string[], cwd: string): Promise<string[]> {
  const found: string[] = [];
  for (const file of files) {
    const text = await readText(cwd, file);
    if (text !== undefined && wholeName(name).test(text)) found.push(file);
  }
  return found;
}

function renamedIn(text: string, { from, to }: { readonly from: string; readonly to: string }): string {
  return text.replace(wholeName(from), () => to);
}

function wholeName(name: string): RegExp {
  return new RegExp(`(?<![\\w$-])${name.replaceAll('$', '\\$')}(?![\\w$])`, 'g');
}

/** Writes the new text of a file. @returns the report for the model. */
export async function writeWhole(
  file: string,
  old: string | undefined,
  text: string,
  deps: PerformDeps,
): Promise<string> {
  const { progress } = deps;
  const input = wholeFilePatch(file, text);
  const { ok, text: report, refused } = await call('apply_patch', { input }, deps);
  if (!ok) {
    if (refused) progress.refused.add(file);
    progress.noteVain(file);
    return report;
  }
  progress.noteChange(file);
  progress.inView.add(file);
  const hunks = unifiedDiff(file, file, old ?? '', text)
    .split('\n')
    .slice(2)
    .join('\n');
  const diff =
    old === undefined ? '' : `:\n${truncateText(hunks, { limitBytes: DIFF_BYTES }).text.trimEnd()}`;
  return withCheck(`${old === undefined ? 'Created' : 'Changed'} ${file}${diff}`, deps);
}

/** The program of the check, or the module that it runs, is missing. Any other error may come from the change. */
function cannotRun(command: string, output: string): boolean {
  const module = /\s-m\s+([\w.]+)/.exec(command)?.[1];
  if (module !== undefined && new RegExp(`No module named '?${module}\\b`).test(output)) return true;
  return /^Exit code: 127$|\(exit code 127\)|^The tests cannot run: /m.test(output);
}

/** Runs the task's check before anything has changed. @returns the report for the model. */
export async function runCheck(command: string, deps: PerformDeps): Promise<string> {
  const { ok, text, refused } = await runLine(command, deps);
  deps.progress.ran.set(command, ok);
  if (refused) deps.progress.check = 'unusable';
  return `\`${command}\`:\n${truncateText(text, { limitBytes: DIFF_BYTES }).text}`;
}

/** Runs the task's check after a change. @returns what was done, and how the check ended. */
async function withCheck(done: string, deps: PerformDeps): Promise<string> {
  const { task, progress } = deps;
  if (task.check === undefined || progress.check === 'unusable') return done;
  const { ok, text, refused } = await runLine(task.check, deps);
  if (refused) {
    progress.check = 'unusable';
    return `${done}\n\`${task.check}\` was not run: ${text}`;
  }
  progress.check = ok ? 'passed' : cannotRun(task.check, text) ? 'unusable' : 'failed';
  progress.failures = progress.check === 'failed' ? progress.failures + 1 : 0;
  if (progress.check === 'unusable') return `${done}\n\`${task.check}\` cannot be run here.`;
  progress.ran.set(task.check, ok);
  return ok
    ? `${done}\n\`${task.check}\` passes: the task is done.`
    : `${done}\n\`${task.check}\` fails:\n${truncateText(text, { limitBytes: DIFF_BYTES }).text}`;
}

/** The command of the project's tests by the tool that reads their output. */
function runLine(command: string, deps: PerformDeps): Promise<CallOutput> {
  return command === deps.task.tests ? call(RUN_TESTS, {}, deps) : call('shell', { command }, deps);
}

async function call(name: string, args: { [name: string]: unknown }, deps: PerformDeps): Promise<CallOutput> {
  const { tools, contextOf, nextCallId, outputBytes } = deps;
  const [output] = await runToolCalls([{ id: nextCallId(), name, arguments: args }], tools, (made) => {
    const context = contextOf(made);
    return { ...context, outputLimit: Math.min(context.outputLimit, outputBytes) };
  });
  if (output === undefined) throw new Error('a call had no output');
  if (output.added !== undefined) deps.hooksSaid(output.added);
  return output;
}
