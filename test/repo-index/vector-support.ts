/** What the tests of the vector side share: folders, vectors, processes, and whether a Chroma server can run here. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { Sqlite } from '../../src/system/sqlite.ts';

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

/** A new folder, gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'oagent-vectors-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

export function openDatabase(file = ':memory:'): Sqlite {
  return new Sqlite(file, { busyMs: 5_000, pragmas: 'PRAGMA journal_mode = WAL' });
}

/** Waits until it is so; the test's own time limit ends it. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(5);
}

/** A process that was killed and not yet collected counts as gone. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
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
