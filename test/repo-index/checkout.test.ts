/** A content that the index has had is not parsed again. */
import { renameSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { IndexCore } from '../../src/repo-index/index-core.ts';
import { Indexer } from '../../src/repo-index/reading/indexer.ts';
import { Syntax } from '../../src/repo-index/reading/syntax.ts';
import { openStore } from '../../src/repo-index/store/store.ts';
import { commit, git, repository, temporaryFolder, write } from './repository.ts';

const before = 'export function first(): number {\n  return 1;\n}\n';
const after = 'export function second(): number {\n  return 2;\n}\n';

class CountingSyntax extends Syntax {
  count = 0;

  override read<T>(...args: Parameters<Syntax['read']>): Promise<T | undefined> {
    this.count += 1;
    return super.read(...args) as Promise<T | undefined>;
  }
}

/** Brings the index up to date. @returns how many texts were parsed for it. */
function following(root: string, folder = temporaryFolder()) {
  const store = openStore(folder);
  const syntax = new CountingSyntax();
  const { signal } = new AbortController();
  const chunks = () =>
    store
      .sql(
        'SELECT path, start, "end", symbol, kind, key FROM chunks c JOIN files f ON f.id = c.file ORDER BY path, start',
      )
      .all();
  const parsed = async (): Promise<number> => {
    syntax.count = 0;
    await new Indexer({ root, store, syntax, signal }).reconcile();
    return syntax.count;
  };
  return { store, chunks, parsed };
}

test('a branch switch back, and a file that has moved, need no parser', async () => {
  const root = repository({ 'a.ts': before, 'b.py': 'def b():\n    pass\n', 'c.md': '# C\n' });
  commit(root, 'one');
  const { store, chunks, parsed } = following(root);
  expect(await parsed()).toBe(2);
  git(root, 'checkout', '--quiet', '-b', 'other');
  write(root, { 'a.ts': after });
  git(root, 'commit', '--quiet', '-am', 'two');
  expect(await parsed()).toBe(1);
  git(root, 'checkout', '--quiet', '-');
  expect(await parsed()).toBe(0);
  git(root, 'checkout', '--quiet', 'other');
  renameSync(path.join(root, 'b.py'), path.join(root, 'moved.py'));
  expect(await parsed()).toBe(0);
  const fresh = following(root);
  await fresh.parsed();
  expect(chunks()).toEqual(fresh.chunks());
  store.close();
  fresh.store.close();
});

test('the same content in a file of another language is parsed', async () => {
  const root = repository({ 'a.ts': before });
  const { store, parsed } = following(root);
  await parsed();
  renameSync(path.join(root, 'a.ts'), path.join(root, 'a.rs'));
  expect(await parsed()).toBe(1);
  store.close();
});

test('the oldest are forgotten', async () => {
  const root = repository({ 'a.ts': before });
  const { store, parsed } = following(root);
  await parsed();
  const add = store.sql("INSERT INTO cuts(oid, grammar, chunks) VALUES (?, 'go', '[]')");
  store.transaction(() => {
    for (let at = 0; at < 5_000; at += 1) add.run(Buffer.from(`${at}`));
  });
  write(root, { 'a.ts': after });
  await parsed();
  expect(store.sql('SELECT count(*) AS n, min(id) AS first FROM cuts').get()).toEqual({ n: 5_000, first: 2 });
  store.close();
});

test('a search during a checkout finds what has changed, and nothing that is gone', async () => {
  const names = Array.from({ length: 300 }, (_, at) => `src/part${at}.ts`);
  const textOf = (word: string, at: number): string =>
    `export function ${word}${at}(): number {\n  return ${at};\n}\n`;
  const files = (word: string) => Object.fromEntries(names.map((name, at) => [name, textOf(word, at)]));
  const root = repository(files('mellow'));
  commit(root, 'one');
  git(root, 'checkout', '--quiet', '-b', 'other');
  write(root, files('zorblatt'));
  git(root, 'commit', '--quiet', '-am', 'two');
  git(root, 'checkout', '--quiet', '-');
  const searches: Promise<readonly string[]>[] = [];
  const core = new IndexCore({
    root,
    folder: temporaryFolder(),
    watch: false,
    onProgress: ({ filesDone, filesTotal }) => {
      if (isSwitched && filesDone < filesTotal) searches.push(found());
    },
  });
  const found = async (): Promise<readonly string[]> => {
    const hits = await core.search('zorblatt mellow', { limit: 5 });
    return hits.map(({ lines }) => lines[0]?.slice(0, 24) ?? '');
  };
  let isSwitched = false;
  try {
    await core.update('all');
    git(root, 'checkout', '--quiet', 'other');
    isSwitched = true;
    await core.update('all');
    const all = await Promise.all([...searches, found()]);
    expect(all.length).toBeGreaterThan(1);
    expect(all).toEqual(all.map(() => Array(5).fill('export function zorblatt')));
  } finally {
    await core.close();
  }
});
