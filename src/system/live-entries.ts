/**
 * What the oagents of this user are doing right now: one small file for each thing, which counts while the process that wrote it lives.
 *
 * A process that was killed leaves its files; whoever reads the folder next removes them. Never throws: what cannot be written is not seen
 * by the others, and nothing more. Files from another machine that shares the home are left alone and do not count.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isAlive, ownHolder } from './process-lock.ts';

/** An entry of its own, until it is removed. */
export interface LiveEntry {
  readonly id: string;
  readonly remove: () => void;
}

/** A file is written in less. */
const DRAFT_MS = 60_000;

export class LiveEntries<T extends object> {
  readonly #folder: string;
  readonly #read: (value: { readonly [key: string]: unknown }) => T | undefined;

  /** @param read the value of an entry that a process has written; undefined: it is none. */
  constructor(folder: string, read: (value: { readonly [key: string]: unknown }) => T | undefined) {
    this.#folder = folder;
    this.#read = read;
  }

  add(value: T): LiveEntry {
    const { pid, started, host, token } = ownHolder();
    const id = `${token}.json`;
    const file = path.join(this.#folder, id);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, JSON.stringify({ pid, started, host, value }), { mode: 0o600, flag: 'wx' });
    } catch {
      return { id, remove: () => undefined };
    }
    return { id, remove: () => discard(file) };
  }

  /** The entries of all living processes, this one's too. */
  list(): readonly (T & { readonly id: string; readonly pid: number })[] {
    return this.#names().flatMap((id) => {
      const entry = this.#live(path.join(this.#folder, id));
      const value = entry && this.#read(entry.value);
      return value === undefined ? [] : [{ ...value, id, pid: entry?.pid ?? 0 }];
    });
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder).filter((name) => name.endsWith('.json'));
    } catch {
      return [];
    }
  }

  #live(file: string): Written | undefined {
    try {
      const text = readFileSync(file, 'utf8');
      const entry = parse(text);
      if (entry === undefined) {
        if (Date.now() - statSync(file).mtimeMs > DRAFT_MS) discard(file);
        return undefined;
      }
      const { pid, started, host } = entry;
      if (host !== os.hostname()) return undefined;
      if (isAlive({ pid, started, host })) return entry;
      discard(file);
    } catch {
      // It has just been removed.
    }
    return undefined;
  }
}

interface Written {
  readonly pid: number;
  readonly started: string;
  readonly host: string;
  readonly value: { readonly [key: string]: unknown };
}

function parse(text: string): Written | undefined {
  try {
    const { pid, started, host, value } = JSON.parse(text);
    const isValid = Number.isInteger(pid) && pid > 0 && typeof value === 'object' && value !== null;
    return isValid ? { pid, started: String(started), host: String(host), value } : undefined;
  } catch {
    return undefined;
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Its folder can no longer be written to.
  }
}
