/** What the tests of the vector side share: folders, vectors, processes, and whether a Chroma server can run here. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { VectorItem } from '../../src/repo-index/vector-store.ts';

/**
 * The addon that loads here; undefined: the installed one does, or none does. `.ci/chroma` installs one that does
 * where the one from npm does not.
 */
const found = process.env.OAGENT_CHROMA_ADDON ?? execFileSync('.ci/chroma', { encoding: 'utf8' }).trim();

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

export function openDatabase(file = ':memory:'): DatabaseSync {
  const db = new DatabaseSync(file);
  db.exec('PRAGMA busy_timeout = 5000');
  if (file !== ':memory:') db.exec('PRAGMA journal_mode = WAL');
  return db;
}

/** Numbers between -1 and 1 that are the same in every run. */
export function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state / 0x80000000 - 1;
  };
}

/** A vector of length 1. */
export function unit(values: readonly number[]): Float32Array {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
}

export function vectorFor(seed: number, dimensions = 16): Float32Array {
  const next = noise(seed * 7919 + 13);
  return unit(Array.from({ length: dimensions }, next));
}

export function item(number: number, dimensions = 16): VectorItem {
  const sha = new Uint8Array(20);
  new DataView(sha.buffer).setUint32(0, number);
  return { id: `id-${number}`, sha, vector: vectorFor(number, dimensions) };
}

export const items = (from: number, to: number, dimensions = 16): VectorItem[] =>
  Array.from({ length: to - from }, (_, index) => item(from + index, dimensions));

export const never = { signal: new AbortController().signal };

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
    env: { ...process.env, ...(addon === undefined ? {} : { OAGENT_CHROMA_ADDON: addon }) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
