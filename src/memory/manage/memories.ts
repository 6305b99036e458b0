/** What the user does with memories, for a command and for the view: the store is opened when it is needed, and the files follow it. */
import { existsSync } from 'node:fs';
import { isSessionId } from '../../rollout/paths.ts';
import type { Sqlite } from '../../system/sqlite.ts';
import { type MemoryFolder, memoryFolder } from '../folder.ts';
import { type Migrated, migrate } from '../migrate/migrate.ts';
import { readOldFolder } from '../migrate/old-folder.ts';
import { memoryFiles } from '../render/memory-files.ts';
import { mergedTexts } from '../render/merged-texts.ts';
import { type WrittenFiles, writeMemoryFiles } from '../render/write-files.ts';
import { unforgetText } from '../store/forgotten.ts';
import { memoryFile, openMemoryStore } from '../store/open-store.ts';
import { type Forgotten, forgetItems } from './forget.ts';
import { itemsMeant, type MemoryItem, memoryItems } from './items.ts';
import { type AddedNote, addNote, allNotes } from './notes.ts';

export class Memories {
  readonly folder: MemoryFolder;
  readonly #home: string;
  readonly #say: (line: string) => void;
  readonly #now: () => Date;

  /** @param home oagent's own folder, absolute. @param say is told of a damaged database. */
  constructor(home: string, say: (line: string) => void, now = (): Date => new Date()) {
    this.#home = home;
    this.#say = say;
    this.#now = now;
    this.folder = memoryFolder(home);
  }

  /** Asks no model. @throws Error: nothing is added then. */
  add(text: string): AddedNote {
    const add = (): AddedNote => addNote(this.folder, text, this.#now());
    if (!existsSync(memoryFile(this.#home))) return add();
    return this.#with((store) =>
      store.transaction(() => {
        // What was forgotten once is wanted now.
        unforgetText(store, text);
        return add();
      }),
    );
  }

  list(): MemoryItem[] {
    return this.#with((store) => memoryItems(store, this.folder));
  }

  /** What an id, the beginning of a session's id, or words mean. */
  meant(what: string): MemoryItem[] {
    const items = this.#with((store) => itemsMeant(store, this.folder, what));
    if (items.length > 0 || !isSessionId(what.trim())) return items;
    // A session that was not read yet must not be read.
    const id = what.trim().toLowerCase();
    return [{ kind: 'session', id, text: '', dated: 0, folder: '', isTrusted: false, threads: [id] }];
  }

  forget(items: readonly MemoryItem[]): Forgotten {
    return this.#with((store) => {
      const forgotten = forgetItems(store, this.folder, items, this.#now().getTime());
      this.#write(store);
      return forgotten;
    });
  }

  /** What a file of the folder holds, by its path below it; undefined: there is no such file. */
  file(name: string): string | undefined {
    const note = name.replace(/^notes\//, '');
    const own = allNotes(this.folder).find((one) => one.name === note);
    return own?.text ?? this.#with((store) => memoryFiles(store, mergedTexts(store)).get(name));
  }

  /** Makes the files what the database says. */
  rebuild(): WrittenFiles {
    return this.#with((store) => this.#write(store));
  }

  /** @param from an older folder, absolute. @throws Error */
  migrate(from: string): { readonly migrated: Migrated; readonly problems: readonly string[] } {
    const old = readOldFolder(from, this.folder.root);
    return this.#with((store) => {
      const migrated = migrate(store, old, this.#now().getTime());
      this.#write(store);
      return { migrated, problems: old.problems };
    });
  }

  #write(store: Sqlite): WrittenFiles {
    return writeMemoryFiles(store, this.folder, () => memoryFiles(store, mergedTexts(store)));
  }

  #with<T>(work: (store: Sqlite) => T): T {
    const store = openMemoryStore(this.#home, this.#say);
    try {
      return work(store);
    } finally {
      store.close();
    }
  }
}
