/**
 * The newest commits of a repository in the index: their subjects and the files that they changed.
 *
 * Invariants: after `updateCommits` the index holds the newest commits of HEAD, without merges and those that changed very many files,
 * and no others; an unchanged HEAD costs one git call.
 */
import { checkedOut, git } from '../../system/git.ts';
import { gitFolders } from '../../system/git-folders.ts';
import type { CommitEntry, Store } from '../store/store.ts';
import { indexedText } from '../store/tokens.ts';

const MOST_COMMITS = 5_000;
/** A commit that changed more files says little about each. */
const MOST_FILES = 30;
/** Bytes of the log, of which the newest commits come first; 5,000 ordinary ones have two million. */
const MOST_LOG = 16 * 2 ** 20;
/** More than one piece that comes through a pipe: where git is stopped depends on them. */
const BEYOND = 2 ** 18;
/** What git keeps of its packs: a quarter of its memory, in the same time. */
const SMALL = ['core.packedGitWindowSize=1m', 'core.packedGitLimit=32m', 'core.deltaBaseCacheLimit=16m'];
/** Commits written in one transaction. */
const BATCH = 250;

/** Brings the commits up to HEAD. Without a repository, or in an empty one, nothing happens. @throws GitRefused; Error if git fails. */
export async function updateCommits(root: string, store: Store, signal?: AbortSignal): Promise<void> {
  if (gitFolders(root) === undefined) return;
  const options = { cwd: root, signal, outputLimit: MOST_LOG + BEYOND };
  const { commit: head = '' } = await checkedOut(root, signal);
  const known = String(store.sql("SELECT value FROM meta WHERE key = 'head'").get()?.value ?? '');
  if (head === '' || head === known) return;
  const log = await git(
    [
      ...SMALL.flatMap((setting) => ['-c', setting]),
      'log',
      '-z',
      `--max-count=${MOST_COMMITS}`,
      '--no-merges',
      '--no-renames',
      '--name-only',
      '--format=%x01%H %ct %s%x02',
      head,
    ],
    options,
  );
  const commits = parseLog(wholeRecords(log).toString());
  const wanted = new Set(commits.map(({ hash }) => hash));
  const stored = new Set(
    store
      .sql('SELECT hash FROM commits')
      .all()
      .map(({ hash }) => String(hash)),
  );
  const gone = [...stored].filter((hash) => !wanted.has(hash));
  const added = commits.filter(({ hash }) => !stored.has(hash));
  for (let at = 0; at < Math.max(gone.length, added.length); at += BATCH) {
    store.transaction(() => {
      for (const hash of gone.slice(at, at + BATCH)) forget(store, hash);
      for (const commit of added.slice(at, at + BATCH)) add(store, commit);
    });
    await new Promise(setImmediate);
    signal?.throwIfAborted();
  }
  store.sql("INSERT OR REPLACE INTO meta(key, value) VALUES ('head', ?)").run(head);
}

/** The records that end before the limit: always the same ones. */
function wholeRecords(log: Buffer): Buffer {
  return log.length <= MOST_LOG ? log : log.subarray(0, Math.max(0, log.lastIndexOf(1, MOST_LOG)));
}

/** The output of `git log -z --name-only` in our format: \x01hash time subject\x02, then the names between NULs. */
export function parseLog(log: string): CommitEntry[] {
  return log.split('\x01').flatMap((record) => {
    const [head = '', names = ''] = record.split('\x02');
    const match = /^([0-9a-f]{40,64}) (\d+) ([\s\S]*)$/.exec(head);
    if (match === null) return [];
    const [, hash = '', time, subject = ''] = match;
    const files = names.split('\0').flatMap((name) => name.replace(/^\n/, '') || []);
    if (files.length === 0 || files.length > MOST_FILES) return [];
    return [{ hash, time: Number(time), words: indexedText(subject), files }];
  });
}

function add(store: Store, { hash, time, words, files }: CommitEntry): void {
  const { changes, lastInsertRowid } = store
    .sql('INSERT OR IGNORE INTO commits(hash, time, words) VALUES (?, ?, ?)')
    .run(hash, time, words);
  // Another process was faster.
  if (changes === 0) return;
  store.sql('INSERT INTO commit_words(rowid, subject) VALUES (?, ?)').run(lastInsertRowid, words);
  for (const file of files)
    store.sql('INSERT INTO commit_files(commit_id, path) VALUES (?, ?)').run(lastInsertRowid, file);
}

function forget(store: Store, hash: string): void {
  const row = store.sql('SELECT id, words FROM commits WHERE hash = ?').get(hash);
  if (row === undefined) return;
  const id = Number(row.id);
  store
    .sql("INSERT INTO commit_words(commit_words, rowid, subject) VALUES ('delete', ?, ?)")
    .run(id, String(row.words));
  store.sql('DELETE FROM commit_files WHERE commit_id = ?').run(id);
  store.sql('DELETE FROM commits WHERE id = ?').run(id);
}
