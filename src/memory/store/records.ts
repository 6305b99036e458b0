/** What was taken from each session. */
import type { Sqlite } from '../../system/sqlite.ts';
import { type ForgottenTexts, forgottenTexts, isForgottenThread } from './forgotten.ts';
import type { RecordRow } from './schema.ts';

const COLUMNS =
  'thread, source_updated, cwd, branch, rollout, is_trusted, slug, summary, raw, model, generated, used, last_used';

const PUT = `INSERT OR REPLACE INTO records (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Keeps a record in the place of an earlier one, without the lines that the user has forgotten. @returns false: so is the session. */
export function putRecord(store: Sqlite, record: Omit<RecordRow, 'used' | 'last_used'>): boolean {
  return store.transaction(() => {
    if (isForgottenThread(store, record.thread)) return false;
    const earlier = recordOf(store, record.thread);
    write(store, {
      ...record,
      ...remembered(record, forgottenTexts(store)),
      used: earlier?.used ?? 0,
      last_used: earlier?.last_used ?? null,
    });
    return true;
  });
}

function write(store: Sqlite, record: RecordRow): void {
  const { thread, source_updated, cwd, branch, rollout, is_trusted, slug, summary, raw } = record;
  const { model, generated, used, last_used } = record;
  store
    .sql(PUT)
    .run(
      ...[thread, source_updated, cwd, branch, rollout, is_trusted, slug, summary, raw],
      ...[model, generated, used, last_used],
    );
}

export function recordOf(store: Sqlite, thread: string): RecordRow | undefined {
  return store.sql(`SELECT ${COLUMNS} FROM records WHERE thread = ?`).get(thread) as unknown as
    | RecordRow
    | undefined;
}

/** Those that hold anything, newest session first. */
export function allRecords(store: Sqlite): RecordRow[] {
  return store
    .sql(
      `SELECT ${COLUMNS} FROM records WHERE raw <> '' OR summary <> '' ORDER BY source_updated DESC, thread DESC`,
    )
    .all() as unknown as RecordRow[];
}

export function deleteRecord(store: Sqlite, thread: string): void {
  store.sql('DELETE FROM records WHERE thread = ?').run(thread);
}

/** Takes the lines that are forgotten now out of all records. */
export function cleanRecords(store: Sqlite): void {
  const forgotten = forgottenTexts(store);
  for (const record of allRecords(store)) {
    const texts = remembered(record, forgotten);
    const { slug, summary, raw } = record;
    if (slug !== texts.slug || summary !== texts.summary || raw !== texts.raw)
      write(store, { ...record, ...texts });
  }
}

type Texts = Pick<RecordRow, 'slug' | 'summary' | 'raw'>;

function remembered({ slug, summary, raw }: Texts, forgotten: ForgottenTexts): Texts {
  return {
    slug: forgotten.has(slug.replaceAll('-', ' ')) ? '' : slug,
    summary: forgotten.without(summary),
    raw: forgotten.without(raw),
  };
}
