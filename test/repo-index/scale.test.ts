import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { IndexCore } from '../../src/repo-index/index-core.ts';
import { Watcher } from '../../src/repo-index/reading/watcher.ts';
import { commit, git, repository, temporaryFolder, until, write } from './repository.ts';

const SEND = 'export function sendMessage(target: string) {\n  return target;\n}\n';

function core(root: string, watch = false): IndexCore {
  const made = new IndexCore({ root, folder: temporaryFolder(), watch });
  onTestFinished(() => made.close());
  return made;
}

/** The indexed files that have a chunk, or none; sorted. */
const paths = (index: IndexCore): string[] =>
  index
    .store()
    .sql('SELECT path FROM files WHERE waiting = 0 ORDER BY path')
    .all()
    .map((row) => String(row.path));

const holds = (index: IndexCore, ...wanted: string[]): Promise<void> =>
  until(() => paths(index).join() === wanted.join());

/** So many small files in folders of a hundred. */
function many(folder: string, count: number): Record<string, string> {
  const names = Array.from(
    { length: count },
    (_, at) => `${folder}/part${Math.floor(at / 100)}/file${at}.ts`,
  );
  return Object.fromEntries(names.map((name, at) => [name, SEND.replace('send', `send${at}`)]));
}

test.runIf(process.platform === 'linux')('a huge file is left out without being read', async () => {
  const root = repository({ 'a.ts': SEND });
  writeFileSync(path.join(root, 'huge.ts'), SEND);
  truncateSync(path.join(root, 'huge.ts'), 200_000_000);
  const bytesRead = () => Number(/^rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
  const before = bytesRead();
  const index = core(root);
  await index.update('all');
  expect([paths(index), bytesRead() - before < 100_000_000]).toEqual([['a.ts'], true]);
});

test('many files that come and go at once are all there, and all gone', async () => {
  const root = repository({ 'a.ts': SEND });
  const index = core(root, true);
  await index.update('all');
  const files = many('new', 1_200);
  write(root, files);
  await holds(index, 'a.ts', ...Object.keys(files).sort());
  renameSync(path.join(root, 'new'), path.join(root, 'moved'));
  await holds(
    index,
    'a.ts',
    ...Object.keys(files)
      .map((name) => name.replace('new/', 'moved/'))
      .sort(),
  );
  write(root, { 'moved/part3/later.ts': SEND });
  await until(() => paths(index).includes('moved/part3/later.ts'));
  rmSync(path.join(root, 'moved'), { recursive: true });
  await holds(index, 'a.ts');
});

test('what changes while the index is made for the first time is heard of', async () => {
  const root = repository(many('src', 200));
  const index = core(root, true);
  let isChanged = false;
  const changing = new IndexCore({
    root,
    folder: temporaryFolder(),
    watch: true,
    onProgress: ({ filesDone, filesTotal }) => {
      if (isChanged || filesDone < filesTotal) return;
      isChanged = true;
      write(root, { 'src/part0/file0.ts': SEND.replace('send', 'late'), 'src/part1/new.ts': SEND });
    },
  });
  onTestFinished(() => changing.close());
  await Promise.all([index.update('all'), changing.update('all')]);
  const late = "SELECT 1 FROM chunks WHERE symbol = 'lateMessage'";
  await until(
    () => changing.store().sql(late).get() !== undefined && paths(changing).includes('src/part1/new.ts'),
  );
});

test('a file that is empty at first, or gone for a moment, is indexed when it is there', async () => {
  const root = repository({ 'a.ts': SEND });
  const index = core(root, true);
  await index.update('all');
  write(root, { 'b.ts': '', 'c.ts': SEND });
  await holds(index, 'a.ts', 'c.ts');
  rmSync(path.join(root, 'c.ts'));
  await holds(index, 'a.ts');
  write(root, { 'b.ts': SEND, 'c.ts': SEND });
  await holds(index, 'a.ts', 'b.ts', 'c.ts');
});

test('a directory becomes a file and a directory again', async () => {
  const root = repository({ 'a.ts': SEND, 'x.ts/b.ts': SEND, 'x.ts/y/c.ts': SEND });
  const index = core(root, true);
  await index.update('all');
  rmSync(path.join(root, 'x.ts'), { recursive: true });
  write(root, { 'x.ts': SEND });
  await holds(index, 'a.ts', 'x.ts');
  rmSync(path.join(root, 'x.ts'));
  write(root, { 'x.ts/y/d.ts': SEND });
  await holds(index, 'a.ts', 'x.ts/y/d.ts');
});

test('a hint may name a folder, also one that is gone', async () => {
  for (const root of [repository({ 'a.ts': SEND }), temporaryFolder()]) {
    write(root, { 'a.ts': SEND, '.ignore': 'out\n', '.gitignore': 'out\n' });
    const index = core(root);
    await index.update('all');
    write(root, { 'x/b.ts': SEND, 'x/[c] :d.ts': SEND, 'y.ts': SEND, 'out/e.ts': SEND });
    await index.update(['x', 'out/e.ts']);
    expect(paths(index)).toEqual(['.gitignore', '.ignore', 'a.ts', 'x/[c] :d.ts', 'x/b.ts']);
    rmSync(path.join(root, 'x'), { recursive: true });
    await index.update(['x']);
    expect(paths(index)).toEqual(['.gitignore', '.ignore', 'a.ts']);
  }
});

test('links in circles and folders that may not be seen are passed over, with git and without', async () => {
  for (const root of [repository(), temporaryFolder()]) {
    write(root, { 'x/a.ts': SEND });
    symlinkSync('..', path.join(root, 'x/up'));
    symlinkSync('self', path.join(root, 'x/self'));
    const index = core(root, true);
    await index.update('all');
    mkdirSync(path.join(root, 'x/z'));
    symlinkSync('../..', path.join(root, 'x/z/up'));
    write(root, { 'x/z/b.ts': SEND });
    await holds(index, 'x/a.ts', 'x/z/b.ts');
    await index.update(['x/self', 'x/self/more', 'x/a.ts/more', `x/${'long'.repeat(2_000)}`]);
    expect(paths(index)).toEqual(['x/a.ts', 'x/z/b.ts']);
  }
});

test('the tracked files of a submodule belong to the index, its untracked ones do not', async () => {
  const library = repository({ 'lib.ts': SEND, 'secret.ts': SEND });
  const root = repository({ 'a.ts': SEND, '.oagentignore': '/deps/*/secret.ts\n/hidden\n' });
  git(root, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'hidden/lib');
  git(root, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'deps/lib');
  commit(root, 'Library');
  write(root, { 'deps/lib/new.ts': SEND });
  const index = core(root, true);
  await index.update('all');
  const own = ['.gitmodules', '.oagentignore', 'a.ts', 'deps/lib/lib.ts'];
  expect(paths(index)).toEqual(own);
  write(root, { 'deps/lib/lib.ts': SEND.replace('send', 'post') });
  await until(async () => (await index.search('post message'))[0]?.symbol === 'postMessage');
  git(root, 'submodule', '--quiet', 'deinit', '--force', 'deps/lib');
  await index.update('all');
  expect(paths(index)).toEqual(own.slice(0, 3));
});

test('a linked worktree is followed when its branch is switched', async () => {
  const main = repository({ 'a.ts': SEND });
  const root = path.join(temporaryFolder(), 'tree');
  git(main, 'worktree', 'add', '--quiet', '-b', 'other', root);
  write(root, many('src', 250));
  commit(root, 'Many files');
  write(root, { 'b.ts': SEND });
  commit(root, 'One file');
  const index = core(root, true);
  await index.update('all');
  expect([paths(index).length, index.status().commits]).toEqual([252, 2]);
  git(root, 'checkout', '--quiet', '--detach', 'main');
  await until(() => paths(index).join() === 'a.ts' && index.status().commits === 1);
  git(root, 'checkout', '--quiet', 'other');
  await until(() => paths(index).length === 252 && index.status().commits === 2);
});

test('names of any bytes are followed', async () => {
  const root = repository({ 'a.ts': SEND });
  const index = core(root, true);
  await index.update('all');
  const odd = ['"quoted".ts', '-e', ':(top)b.ts', 'line\nfeed.ts', '{*}.ts', 'ä/ö.ts', '\u0001'].sort();
  write(root, Object.fromEntries(odd.map((name) => [name, SEND])));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/b`), Buffer.from([0xff]), Buffer.from('.ts')]), SEND);
  await until(() => paths(index).length === odd.length + 1);
  expect(new Set(paths(index))).toEqual(new Set(['a.ts', ...odd]));
  await index.update('all');
  expect(index.status().unnamable).toBe(1);
});

test.runIf(process.platform === 'linux')(
  'without more watches all is looked at from time to time',
  async () => {
    const root = repository(many('src', 300));
    const heard = Promise.withResolvers<unknown>();
    let isFull = true;
    const { watch } = await import('node:fs');
    const limited = ((folder: string, ...rest: [object, never]) => {
      if (isFull && folder.endsWith('part1')) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return watch(folder, ...rest);
    }) as typeof watch;
    const watcher = new Watcher(root, heard.resolve, { watch: limited, pollMs: 10 });
    onTestFinished(() => watcher.close());
    const names = Object.keys(many('src', 300));
    watcher.follow(names);
    expect(watcher.isPolling()).toBe(true);
    expect(await heard.promise).toBe('all');
    isFull = false;
    watcher.follow(names);
    expect(watcher.isPolling()).toBe(false);
  },
);
