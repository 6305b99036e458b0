/** A store with records, and the consolidation of it with a clock that the test sets. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type ConsolidateDeps, consolidateNext } from '../../../src/memory/merge/consolidate.ts';
import { openMemoryStore } from '../../../src/memory/store/open-store.ts';
import type { EntryRow, RecordRow } from '../../../src/memory/store/schema.ts';
import type { MemoryStep } from '../../../src/memory/work.ts';
import type { Sqlite } from '../../../src/system/sqlite.ts';
import { MergeModel } from './merge-model.ts';

export const DAY = 86_400_000;
export const NOW = Date.UTC(2026, 10, 20, 12);

export type GivenRecord = Pick<RecordRow, 'thread' | 'raw'> & Partial<RecordRow>;

/** `cwd` is the root of its project. */
export class Merging {
  readonly home = mkdtempSync(path.join(os.tmpdir(), 'oagent-merge-'));
  readonly store: Sqlite = openMemoryStore(this.home);
  model = new MergeModel();
  now = NOW;
  window: number | undefined;

  constructor() {
    onTestFinished(() => {
      this.store.close();
      rmSync(this.home, { recursive: true, force: true });
    });
  }

  /** @param age days. */
  put(thread: string, raw: string, age = 1, given: Partial<RecordRow> = {}): void {
    this.putRow({ thread, raw, source_updated: NOW - age * DAY, ...given });
  }

  putRow(given: GivenRecord): void {
    const row: RecordRow = {
      source_updated: NOW - DAY,
      cwd: '/work/app',
      branch: null,
      rollout: `/sessions/${given.thread}.jsonl`,
      is_trusted: 1,
      slug: given.thread,
      summary: '',
      model: 'm:1b',
      generated: NOW,
      used: 0,
      last_used: null,
      ...given,
    };
    const names = Object.keys(row);
    this.store
      .sql(`INSERT OR REPLACE INTO records (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
      .run(...Object.values(row));
  }

  get deps(): ConsolidateDeps {
    const { store, model, window } = this;
    const deps = { store, model, now: () => this.now, rootOf: (cwd: string) => cwd };
    return window === undefined ? deps : { ...deps, smallestWindow: window };
  }

  step(signal: AbortSignal = new AbortController().signal): Promise<MemoryStep> {
    return consolidateNext(this.deps, signal);
  }

  /** All that there is to do. @returns the last step. */
  async merge(): Promise<MemoryStep> {
    for (;;) {
      const step = await this.step();
      if (step.state !== 'more') return step;
    }
  }

  entries(): readonly EntryRow[] {
    return this.store.sql('SELECT * FROM entries ORDER BY id').all() as unknown as EntryRow[];
  }

  /** Each entry in a line: text, what it is about, its sessions, and what replaces it. */
  lines(): readonly string[] {
    const entries = this.entries();
    const textOf = (id: number): string => entries.find((one) => one.id === id)?.text ?? '?';
    return entries.map(({ text, project, threads, replaced_by: by }) => {
      const sources = (JSON.parse(threads) as string[]).join('+');
      return `${text} [${project}] ${sources}${by === null ? '' : ` -> ${textOf(by)}`}`;
    });
  }

  job(): Record<string, unknown> {
    return { ...this.store.sql(`SELECT * FROM jobs WHERE kind = 'consolidate'`).get() };
  }

  forget(what: string, kind: 'thread' | 'text'): void {
    this.store.sql('INSERT INTO forgotten (what, kind, at) VALUES (?, ?, ?)').run(what, kind, this.now);
  }
}
