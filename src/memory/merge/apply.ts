/** Puts what was decided about the lines of one record into the handbook. Runs within the transaction of its caller. */
import type { Sqlite } from '../../system/sqlite.ts';
import { isIdentical, tellingWords } from '../alike.ts';
import { speaksOfAll } from '../extract/words.ts';
import { addEntry, allEntries, entryOf } from '../store/entries.ts';
import { forgottenTexts } from '../store/forgotten.ts';
import type { EntryRow } from '../store/schema.ts';
import type { Decision } from './decisions.ts';
import { confirm, contradict, dropUnsourced, type Source, withoutSource } from './handbook.ts';
import { markOf, type SourceRecord } from './selection.ts';

/**
 * Idempotent: what an earlier version of the record had put there goes first.
 *
 * @param project the root of the record's folder.
 */
export function applyRecord(
  store: Sqlite,
  record: SourceRecord,
  project: string,
  decisions: readonly Decision[],
): void {
  const source = { thread: record.thread, dated: record.source_updated };
  const earlier = withoutSource(store, record.thread);
  const application = new Application(store, record, project, source);
  for (const decision of decisions) application.apply(decision);
  dropUnsourced(store, earlier);
  store.sql('INSERT OR REPLACE INTO merged (thread, mark) VALUES (?, ?)').run(record.thread, markOf(record));
}

class Application {
  readonly #store: Sqlite;
  readonly #record: SourceRecord;
  readonly #project: string;
  readonly #source: Source;
  /** Entries that lines of this record already agree with or contradict. */
  readonly #decided = new Set<number>();

  constructor(store: Sqlite, record: SourceRecord, project: string, source: Source) {
    this.#store = store;
    this.#record = record;
    this.#project = project;
    this.#source = source;
  }

  apply(decision: Decision): void {
    if (decision.act === 'drop' || forgottenTexts(this.#store).has(decision.text)) return;
    // The user may have had it forgotten since the model was asked.
    const entry = decision.entry === undefined ? undefined : entryOf(this.#store, decision.entry);
    if (decision.act === 'same' && entry !== undefined && this.#confirmed(entry, decision)) return;
    const replaced = decision.act === 'replaces' ? entry : undefined;
    const project = this.#projectOf(decision);
    const id = this.#added(decision, project);
    // A line about one project is an exception to what applies to all, and replaces nothing there.
    if (id === undefined || replaced?.project !== project || this.#decided.has(replaced.id)) return;
    this.#decided.add(replaced.id);
    contradict(this.#store, id, replaced.id);
  }

  /** False: it is the same, but of another project. */
  #confirmed(entry: EntryRow, decision: Decision): boolean {
    if (entry.project !== this.#project && entry.project !== '') {
      if (!(decision.isEverywhere && decision.kind === 'preference')) return false;
      // Two projects, and the model says so.
      this.#store.sql(`UPDATE entries SET project = '' WHERE id = ?`).run(entry.id);
    }
    this.#decided.add(entry.id);
    confirm(this.#store, entry.id, this.#source, decision.weight);
    return true;
  }

  /** The model's word is not enough: the user has to speak of all projects. */
  #projectOf({ text, isUsers, kind, isEverywhere }: Decision): string {
    const isWanted = isEverywhere && kind === 'preference' && this.#record.is_trusted === 1;
    return isWanted && isUsers && speaksOfAll(text) ? '' : this.#project;
  }

  /** Undefined: an entry says it word for word, or the user wants it forgotten. */
  #added({ text, topic, kind, weight }: Decision, project: string): number | undefined {
    const words = tellingWords(text);
    const same = allEntries(this.#store).find(
      (entry) =>
        entry.is_trusted === this.#record.is_trusted &&
        (entry.project === project || entry.project === '') &&
        isIdentical(words, tellingWords(entry.text)),
    );
    if (same !== undefined) {
      this.#decided.add(same.id);
      confirm(this.#store, same.id, this.#source, weight);
      return undefined;
    }
    const { thread, dated } = this.#source;
    const { is_trusted } = this.#record;
    return addEntry(this.#store, {
      topic,
      kind,
      text,
      project,
      is_trusted,
      weight,
      threads: [thread],
      dated,
    });
  }
}
