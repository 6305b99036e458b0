/** A corpus in a store, as the phases would leave it, and what is recalled from it for a question. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { memoryFolder } from '../../../src/memory/folder.ts';
import { addEntry } from '../../../src/memory/store/entries.ts';
import { openMemoryStore } from '../../../src/memory/store/open-store.ts';
import { putRecord } from '../../../src/memory/store/records.ts';
import { Meaning } from '../../../src/memory/use/meaning.ts';
import { MemoryUse } from '../../../src/memory/use/memory-use.ts';
import { makeVectors } from '../../../src/memory/vectors/make-vectors.ts';
import type { QuestionVector } from '../../../src/repo-index/vectors/embed-models.ts';
import type { Embedded } from '../../../src/repo-index/vectors/vector-side.ts';
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

  /** Has the vectors of all memories made. */
  async embed(embed: (texts: readonly string[]) => Promise<Embedded>): Promise<void> {
    await makeVectors(this.#home, this.#use('').texts() ?? [], embed);
  }

  /** The ids of what is recalled. @param question its vector; undefined: by words alone. */
  recalled({ folder, text }: Asked, question?: QuestionVector): readonly string[] {
    const meaning = question && new Meaning(this.#home, question);
    const { entries, notes } = this.#corpus;
    const found = this.#use(folder).recall(text, TOKENS, [], meaning)?.memories ?? [];
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

  #use(folder: string): MemoryUse {
    const use = this.#uses.get(folder) ?? this.#open(folder);
    this.#uses.set(folder, use);
    return use;
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
