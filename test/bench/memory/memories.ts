/** A corpus in a store, as the phases would leave it, and what is recalled from it for a question. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { memoryFolder } from '../../../src/memory/folder.ts';
import { addEntry } from '../../../src/memory/store/entries.ts';
import { openMemoryStore } from '../../../src/memory/store/open-store.ts';
import { putRecord } from '../../../src/memory/store/records.ts';
import { MemoryUse } from '../../../src/memory/use/memory-use.ts';
import type { Entry, Note, Session } from './corpus.ts';
import type { Asked } from './questions.ts';

export interface Corpus {
  readonly entries: readonly Entry[];
  readonly sessions: readonly Session[];
  readonly notes: readonly Note[];
}

const DATED = Date.UTC(2026, 9, 1);
const TOKENS = 500;

export class MemoryBench {
  readonly #home: string;
  readonly #corpus: Corpus;
  readonly #uses = new Map<string, MemoryUse>();

  /** @param home an empty folder. */
  constructor(home: string, corpus: Corpus) {
    this.#home = home;
    this.#corpus = corpus;
    const store = openMemoryStore(home);
    for (const { project, kind, topic, text } of corpus.entries)
      addEntry(store, { project, kind, topic, text, is_trusted: 1, weight: 2, threads: [], dated: DATED });
    for (const { id, folder, slug, summary } of corpus.sessions) {
      const about = {
        thread: id,
        source_updated: DATED,
        cwd: folder,
        branch: null,
        rollout: '',
        is_trusted: 1,
      } as const;
      putRecord(store, { ...about, slug, summary, raw: '', model: '', generated: DATED });
    }
    store.close();
    const { notes } = memoryFolder(home);
    mkdirSync(notes, { recursive: true });
    for (const { name, text } of corpus.notes) writeFileSync(path.join(notes, name), text);
  }

  /** The ids of what is recalled. */
  recalled({ folder, text }: Asked): readonly string[] {
    const use = this.#uses.get(folder) ?? this.#open(folder);
    this.#uses.set(folder, use);
    const { entries, notes } = this.#corpus;
    const found = use.recall(text, TOKENS, [])?.memories ?? [];
    return found.map(
      ({ text: said, thread, note }) =>
        thread ??
        notes.find(({ name }) => name === note)?.id ??
        entries.find((one) => one.text === said)?.id ??
        '?',
    );
  }

  close(): void {
    for (const use of this.#uses.values()) use.close();
  }

  #open(root: string): MemoryUse {
    return new MemoryUse({
      home: this.#home,
      project: { root, isWide: false },
      mayUse: () => true,
      now: () => DATED,
    });
  }
}

export function isRight({ about }: Asked, found: readonly string[]): boolean {
  return about.length === 0 ? found.length === 0 : found.some((id) => about.includes(id));
}
