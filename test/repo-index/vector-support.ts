/** Whether a Chroma server can run here, and what the tests of vectors share. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { Sqlite } from '../../src/system/sqlite.ts';
import { until } from './repository.ts';

/**
 * The addon that loads here; undefined: the installed one does, or none does. `.ci/chroma` installs one that does
 * into a cache folder, where the one from npm does not.
 */
const found =
  process.env.OAGENT_CHROMA_ADDON ?? execFileSync('.ci/chroma', ['--cached'], { encoding: 'utf8' }).trim();

export const addon: string | undefined = found === '' ? undefined : found;

const installed = 'node_modules/chromadb-js-bindings-linux-x64-gnu/chromadb-js-bindings.linux-x64-gnu.node';

/** Whether the addon of the package loads here. */
function installedLoads(): boolean {
  try {
    process.dlopen({ exports: {} }, path.resolve(installed));
    return true;
  } catch {
    return false;
  }
}

export const hasChroma = addon !== undefined || installedLoads();
if (!hasChroma) console.error('NO CHROMA SERVER LOADS HERE: its tests are skipped (see .ci/chroma)');

export const addonOption = addon === undefined ? {} : { addon };

export function openDatabase(file = ':memory:'): Sqlite {
  return new Sqlite(file, { busyMs: 5_000, pragmas: 'PRAGMA journal_mode = WAL' });
}

/** A process that was killed and not yet collected counts as gone. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Stops a process, as one that hangs, and waits until none of its threads runs any more. */
export async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const isStopped = (thread: string): boolean =>
    /^State:\s+T/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'));
  await until(() => readdirSync(`/proc/${pid}/task`).every(isStopped));
}

/** Runs one of our TypeScript files in a process of its own, with the addon that loads here; killed when the test is over. */
export function spawnSource(file: string, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ['--import', './test/support/raw-imports.mjs', file, ...args], {
    env: { ...process.env, OAGENT_CHROMA_ADDON: addon },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
