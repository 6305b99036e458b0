/** Runs the work over a history in processes of its own, whole or killed over and over, and takes what came of it. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import { memoryFolder } from '../../../src/memory/folder.ts';
import { noteForgottenText, noteForgottenThread } from '../../../src/memory/store/forgotten.ts';
import { openMemoryStore } from '../../../src/memory/store/open-store.ts';
import { BEGIN, placesIn, threadOf, writeHistory } from './history.ts';

const HOUR = 3_600_000;
const TABLES = ['threads', 'records', 'merged', 'entries', 'forgotten', 'jobs', 'skills', 'settings'];
const PRELOAD = path.resolve(import.meta.dirname, '../../support/raw-imports.mjs');
const WORKER = path.join(import.meta.dirname, 'history-worker.ts');

/** All of the database but when a record was made, and all files. */
export interface Outcome {
  readonly tables: { readonly [table: string]: readonly object[] };
  readonly files: { readonly [file: string]: string };
}

export function outcomeOf(root: string): Outcome {
  const { home } = placesIn(root);
  const store = openMemoryStore(home);
  try {
    const tables = Object.fromEntries(
      TABLES.map((table) => {
        const rows = store.sql(`SELECT * FROM ${table}`).all();
        return [table, rows.map(({ generated: _, ...row }) => row)];
      }),
    );
    return { tables, files: filesBelow(memoryFolder(home).root) };
  } finally {
    store.close();
  }
}

export function filesBelow(folder: string): { readonly [file: string]: string } {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const names = found.map(({ parentPath, name }) => path.join(parentPath, name)).sort();
  return Object.fromEntries(names.map((name) => [path.relative(folder, name), readFileSync(name, 'utf8')]));
}

/** Begins again with nothing but the sessions, and a line and a session that the user wants forgotten. */
export function startOver(root: string): void {
  const places = placesIn(root);
  rmSync(places.home, { recursive: true, force: true });
  writeHistory(places);
  const store = openMemoryStore(places.home);
  noteForgottenText(store, 'the owner of part 9 is team 2', BEGIN);
  noteForgottenThread(store, threadOf(25), BEGIN);
  store.close();
}

function start(root: string, now: number, pauseMs: number) {
  const args = ['--no-warnings', '--import', PRELOAD, WORKER, root, String(now), String(pauseMs)];
  return execa(process.execPath, args, { reject: false, forceKillAfterDelay: false });
}

/** @throws Error with what the process said, if it fails. */
export async function runWhole(root: string, now: number = BEGIN): Promise<void> {
  const { exitCode, stderr } = await start(root, now, 0);
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stderr}`);
}

export interface KillOptions {
  readonly kills: number;
  /** Gives a number from 0 to 1. */
  readonly random: () => number;
  /** What the model takes for an answer, and how long a process lives at most after it has begun. */
  readonly pauseMs: number;
  readonly livesMs: number;
}

/**
 * Kills the work at random moments, then lets it come to its end. Each process begins when the leases of the one before are over.
 * @returns how often it was killed: it may have been done before.
 */
export async function runKilled(
  root: string,
  { kills, random, pauseMs, livesMs }: KillOptions,
): Promise<number> {
  let now = BEGIN;
  let killed = 0;
  while (killed < kills) {
    const child = start(root, now, pauseMs);
    const ready = Promise.withResolvers<void>();
    child.stdout.once('data', () => ready.resolve());
    await Promise.race([ready.promise, child]);
    await Promise.race([wait(random() * livesMs), child]);
    child.kill('SIGKILL');
    const { signal, exitCode, stderr } = await child;
    now += HOUR;
    if (signal === 'SIGKILL') killed += 1;
    else if (exitCode === 0) return killed;
    else throw new Error(`exit code ${exitCode}: ${stderr}`);
  }
  await runWhole(root, now);
  return killed;
}
