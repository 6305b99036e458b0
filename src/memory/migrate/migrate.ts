/**
 * Takes over an older folder, once: all of it or nothing. What was taken over is noted by what it says, so that a second time takes only what is
 * new, and not what has been forgotten or tidied away since.
 */
import type { Sqlite } from '../../system/sqlite.ts';
import { maskSecrets } from '../../text/secrets.ts';
import { sha256 } from '../../text/uuid.ts';
import { markOf } from '../merge/selection.ts';
import { addEntry, allEntries } from '../store/entries.ts';
import { wordsOf } from '../store/forgotten.ts';
import { putRecord, recordOf } from '../store/records.ts';
import { type EntryRow, MIGRATED } from '../store/schema.ts';
import { putSetting, setting } from '../store/settings.ts';
import { allSkills, isSkillPath, putSkill } from '../store/skills.ts';
import type { OldFolder } from './old-folder.ts';
import type { OldLine } from './old-lines.ts';
import type { OldRecord } from './old-records.ts';

export interface Migrated {
  readonly lines: number;
  readonly sessions: number;
  readonly skills: number;
  /** Already here, taken over before, or forgotten. */
  readonly skipped: number;
}

/** The caller writes the files afterwards. @param now milliseconds of the epoch. */
export function migrate(store: Sqlite, old: OldFolder, now: number): Migrated {
  return store.transaction(() => new Migration(store, now).run(old));
}

class Migration {
  readonly #store: Sqlite;
  readonly #now: number;
  readonly #known: Set<string>;
  #lines = 0;
  #sessions = 0;
  #skills = 0;
  #skipped = 0;

  constructor(store: Sqlite, now: number) {
    this.#store = store;
    this.#now = now;
    this.#known = new Set(allEntries(store).map(({ text }) => wordsOf(text)));
  }

  run({ handbook, summary, raw, rollouts, skills }: OldFolder): Migrated {
    // What was chosen for every session weighs more.
    const chosen = new Set(summary.map(({ text }) => wordsOf(text)));
    for (const line of handbook) this.#line(line, chosen.has(wordsOf(line.text)) ? 3 : 2);
    for (const line of summary) this.#line(line, 3);
    const summaries = new Map(rollouts.map((record) => [record.thread, record]));
    const texts = new Map(raw.map((record) => [record.thread, record]));
    const hasHandbook = handbook.length > 0;
    for (const thread of new Set([...texts.keys(), ...summaries.keys()]))
      this.#record(texts.get(thread), summaries.get(thread), hasHandbook);
    for (const [path, text] of skills) this.#skill(path, text);
    return { lines: this.#lines, sessions: this.#sessions, skills: this.#skills, skipped: this.#skipped };
  }

  #line({ text: said, topic, kind, project, isTrusted, dated }: OldLine, weight: EntryRow['weight']): void {
    const text = maskSecrets(said);
    const words = wordsOf(text);
    if (this.#known.has(words)) return this.#skip();
    this.#known.add(words);
    if (!this.#isNew('line', words)) return this.#skip();
    const entry = { topic, kind, text, project, is_trusted: isTrusted ? 1 : 0, weight, threads: [] } as const;
    const id = addEntry(this.#store, { ...entry, dated: dated ?? this.#now });
    if (id === undefined) this.#skip();
    else this.#lines += 1;
  }

  /** What is already in an older handbook need not be merged. */
  #record(raw: OldRecord | undefined, summary: OldRecord | undefined, isMerged: boolean): void {
    const from = raw ?? summary;
    if (from === undefined) return;
    const { thread, cwd, branch, rollout, updated } = from;
    if (recordOf(this.#store, thread) !== undefined || !this.#isNew('session', thread)) return this.#skip();
    const record = {
      thread,
      source_updated: updated ?? this.#now,
      cwd,
      branch: branch ?? null,
      rollout,
      is_trusted: raw?.isTrusted !== false && summary?.isTrusted !== false ? 1 : 0,
      slug: summary?.slug || raw?.slug || '',
      summary: maskSecrets(summary?.text ?? ''),
      raw: maskSecrets(raw?.text ?? ''),
      model: MIGRATED,
      generated: this.#now,
    } as const;
    if (!putRecord(this.#store, record)) return this.#skip();
    this.#sessions += 1;
    const kept = recordOf(this.#store, thread);
    if (!isMerged || kept === undefined) return;
    this.#store.sql('INSERT OR REPLACE INTO merged (thread, mark) VALUES (?, ?)').run(thread, markOf(kept));
  }

  #skill(path: string, text: string): void {
    const isThere = allSkills(this.#store).some((skill) => skill.path === path);
    if (isThere || !isSkillPath(path) || !this.#isNew('skill', path + text)) return this.#skip();
    putSkill(this.#store, { path, text: maskSecrets(text), threads: [], dated: this.#now });
    this.#skills += 1;
  }

  #skip(): void {
    this.#skipped += 1;
  }

  #isNew(kind: string, what: string): boolean {
    const name = `migrated ${kind} ${sha256(what)}`;
    if (setting(this.#store, name) !== undefined) return false;
    putSetting(this.#store, name, '1');
    return true;
  }
}
