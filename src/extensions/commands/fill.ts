/** The files and programs of a command's text. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { truncateText } from '../../context/truncate.ts';
import type { Guard } from '../../safety/guard.ts';
import { within } from '../../system/within.ts';
import { errorCode, errorMessage } from '../../text/error-message.ts';
import { shellWord } from '../../text/shell-word.ts';
import { startCommand } from '../../tools/commands/command-process.ts';
import { RunningCommand } from '../../tools/commands/running-command.ts';
import { readIn } from '../read-place.ts';
import type { Filling } from './expand.ts';

export interface FillOptions {
  /** Of the session, absolute. */
  readonly cwd: string;
  /** The project's root, real: files are read from nowhere else. */
  readonly root: string;
  /** Of a session that may only read. */
  readonly guard: Guard;
  readonly env: NodeJS.ProcessEnv;
  /** For a whole output that was cut. */
  readonly spillPath: () => string;
  readonly signal: AbortSignal;
}

/** Of one file or one output. */
const LIMIT_BYTES = 12_000;
const TIMEOUT_MS = 30_000;
const GRACE_MS = 500;

export function filling(options: FillOptions): Filling {
  return {
    file: (file) => fileText(file, options),
    command: async (command, args) => {
      try {
        return await outputOf(command, args, options);
      } catch (error) {
        options.signal.throwIfAborted();
        return `[${command} was not run: ${errorMessage(error)}]`;
      }
    },
  };
}

/** With its path, in a fence that nothing in it can close. */
function fileText(given: string, { cwd, root, guard }: FillOptions): string {
  if (given === '') throw new Error('@ names no file: the argument is missing');
  const places = [cwd, root].map((folder) => path.resolve(folder, given));
  const file = places.find(isThere) ?? path.resolve(cwd, given);
  let whole: string;
  try {
    whole = readIn({ folder: root, within: root }, file, { isPart: true, hides: guard.hides?.() });
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'there is no such file' : errorMessage(error);
    throw new Error(`@${given} cannot be added: ${why}`);
  }
  const { text } = truncateText(whole, { limitBytes: LIMIT_BYTES });
  const runs = [...text.matchAll(/`{3,}/g)].map(([run]) => run.length + 1);
  const fence = '`'.repeat(Math.max(3, ...runs));
  return `${path.relative(cwd, file)}:\n${fence}\n${text.trimEnd()}\n${fence}`;
}

function isThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** The shell itself gets the arguments: what is in them is never part of the command. @throws Error */
async function outputOf(command: string, args: readonly string[], options: FillOptions): Promise<string> {
  const { cwd, guard, env, spillPath, signal } = options;
  const words = ['set', '--', ...args].map(shellWord).join(' ');
  const given = command.includes('$')
    ? `ARGUMENTS=${shellWord(args.join(' '))}; ${words}; ${command}`
    : command;
  const permit = await guard.command({ command: given, cwd }, async () => ({ type: 'no' }));
  if (!permit.allowed) throw new Error(permit.message);
  const started = await startCommand({ command: given, workdir: cwd, env }, permit, {
    privatePath: spillPath,
  });
  const running = new RunningCommand(started, { limitBytes: LIMIT_BYTES, spillPath }, () => {});
  const waited = await within(running.ended, TIMEOUT_MS, signal);
  if (waited.kind !== 'done') await running.stop(GRACE_MS);
  const end = await running.ended;
  signal.throwIfAborted();
  const { modelText } = await running.take();
  const output = modelText.trimEnd();
  if (end.neverRan !== undefined) throw new Error(end.neverRan);
  const isLate = waited.kind === 'timeout';
  if (end.exitCode === 0 && !isLate) return output;
  const why = isLate ? `stopped after ${TIMEOUT_MS / 1_000} s` : `exit code ${end.exitCode}`;
  return `${output}\n[${command}: ${why}]`.trimStart();
}
