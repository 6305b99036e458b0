/** A store of memories in a temporary home, and rows for it. */
import { onTestFinished } from 'vitest';
import { type MemoryFolder, memoryFolder } from '../../src/memory/folder.ts';
import type { NewEntry } from '../../src/memory/store/entries.ts';
import { openMemoryStore } from '../../src/memory/store/open-store.ts';
import type { RecordRow } from '../../src/memory/store/schema.ts';
import type { Sqlite } from '../../src/system/sqlite.ts';
import { tempFolder } from './temp-folder.ts';

export const NOON = Date.UTC(2026, 10, 1, 12);

export interface MemoryHome {
  readonly home: string;
  readonly folder: MemoryFolder;
  readonly store: Sqlite;
}

export async function memoryHome(): Promise<MemoryHome> {
  const home = await tempFolder();
  const store = openMemoryStore(home);
  onTestFinished(() => {
    try {
      store.close();
    } catch {
      // The test has closed it.
    }
  });
  return { home, folder: memoryFolder(home), store };
}

export function record(thread: string, more: Partial<RecordRow> = {}): Omit<RecordRow, 'used' | 'last_used'> {
  return {
    thread,
    source_updated: NOON,
    cwd: '/work/shop',
    branch: 'main',
    rollout: `/sessions/${thread}.jsonl`,
    is_trusted: 1,
    slug: 'fix-the-cart',
    summary: `The cart of ${thread} was fixed.`,
    raw: `- The tests of ${thread} are run with npm test.`,
    model: 'small',
    generated: NOON,
    ...more,
  };
}

export function entry(text: string, more: Partial<NewEntry> = {}): NewEntry {
  return {
    topic: 'Tests',
    kind: 'fact',
    text,
    project: '/work/shop',
    is_trusted: 1,
    weight: 2,
    threads: [],
    dated: NOON,
    ...more,
  };
}
