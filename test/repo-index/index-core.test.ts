import { renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { IndexCore } from '../../src/repo-index/index-core.ts';
import { INDEX_FILE, openStore } from '../../src/repo-index/store/store.ts';
import { programFolder } from '../support/program-folder.ts';
import { commit, git, repository, temporaryFolder, until, write } from './repository.ts';

const SEND = 'export function sendMessage(target: string) {\n  return target;\n}\n';

function core(root: string, options: { readonly watch?: boolean; readonly folder?: string } = {}): IndexCore {
  const made = new IndexCore({
    root,
    folder: options.folder ?? temporaryFolder(),
    watch: options.watch ?? false,
  });
  onTestFinished(() => made.close());
  return made;
}

/** `path:start-end symbol` of the answers. */
async function found(index: IndexCore, query: string, folder?: string): Promise<string[]> {
  const hits = await index.search(query, folder === undefined ? {} : { path: folder });
  return hits.map(({ path: file, start, end, symbol }) => `${file}:${start}-${end} ${symbol}`);
}

const paths = (index: IndexCore) =>
  index
    .store()
    .files()
    .map(({ path: file }) => file)
    .sort();

test('a repository is indexed without what is ignored, binary, generated or linked', async () => {
  const root = repository({
    'src/send.ts': SEND,
    'src/hidden.ts': SEND,
    '.gitignore': 'out/\n',
    '.oagentignore': '/src/hidden.ts\n',
    'logo.png': 'PNG',
    'data.txt': Buffer.from([1, 0, 2]),
    'package-lock.json': '{}',
    'app.min.js': 'x',
    'latin.txt': Buffer.from([0x66, 0xfc, 0x72]),
  });
  write(root, { 'out/a.ts': SEND, 'new.ts': SEND });
  symlinkSync('/etc', path.join(root, 'link'));
  symlinkSync(root, path.join(root, 'loop'));
  const index = core(root);
  await index.update('all');
  expect(paths(index)).toEqual([
    '.gitignore',
    '.oagentignore',
    'data.txt',
    'latin.txt',
    'new.ts',
    'src/send.ts',
  ]);
  expect((await found(index, 'send message')).sort()).toEqual([
    'new.ts:1-3 sendMessage',
    'src/send.ts:1-3 sendMessage',
  ]);
  expect(await found(index, 'send message', 'src')).toEqual(['src/send.ts:1-3 sendMessage']);
  expect(index.status()).toEqual({
    state: 'ready',
    files: 6,
    waiting: 0,
    chunks: 4,
    commits: 1,
    unnamable: 0,
  });
});

test('without git ripgrep lists the files', async () => {
  const root = temporaryFolder();
  write(root, { 'a.ts': SEND, '.oagentignore': 'b.ts\n', 'b.ts': SEND });
  const index = core(root);
  await index.update('all');
  expect(paths(index)).toEqual(['.oagentignore', 'a.ts']);
});

test('a name that is no UTF-8 is counted and left out', async () => {
  const root = repository({ 'a.ts': SEND });
  writeFileSync(Buffer.concat([Buffer.from(`${root}/b`), Buffer.from([0xff]), Buffer.from('.ts')]), SEND);
  writeFileSync(path.join(root, 'line\nfeed "quoted".ts'), SEND);
  const index = core(root);
  await index.update('all');
  expect([paths(index), index.status().unnamable]).toEqual([['a.ts', 'line\nfeed "quoted".ts'], 1]);
});

test('only what has changed is read again, and chunks that stay keep their keys', async () => {
  const filler = (name: string) => `function ${name}() {\n${`  call("${name}, and text");\n`.repeat(30)}}\n`;
  const root = repository({ 'a.ts': `${filler('one')}\n${filler('two')}`, 'b.ts': SEND });
  const index = core(root);
  await index.update('all');
  const keys = () =>
    index
      .store()
      .sql('SELECT key FROM chunks ORDER BY file, start')
      .all()
      .map(({ key }) => key);
  const before = keys();
  write(root, { 'a.ts': `// New.\n\n${filler('zero')}\n${filler('one')}\n${filler('three')}` });
  await index.update(['a.ts']);
  const after = keys();
  expect(after.filter((key) => before.includes(key)).length).toBeGreaterThan(1);
  expect(await found(index, 'three')).toEqual([expect.stringMatching(/^a\.ts:\d+-\d+ three$/)]);
  expect(await found(index, 'function two')).not.toContainEqual(expect.stringContaining(' two'));
});

test('a new time without a new content changes no chunk', async () => {
  const root = repository({ 'a.ts': SEND });
  const index = core(root);
  await index.update('all');
  const rows = () => index.store().sql('SELECT id, key FROM chunks').all();
  const before = rows();
  utimesSync(path.join(root, 'a.ts'), 1_000, 1_000);
  await index.update('all');
  expect([rows(), index.store().file('a.ts')?.mtime]).toEqual([before, 1_000_000]);
});

test('a deleted and a renamed file are gone, a branch switch is followed with its commits', async () => {
  const root = repository({ 'a.ts': SEND, 'b.ts': SEND.replace('send', 'receive') });
  git(root, 'checkout', '--quiet', '-b', 'other');
  write(root, { 'c.ts': SEND.replace('send', 'forget') });
  commit(root, 'Forgetting of messages');
  const index = core(root);
  await index.update('all');
  expect([paths(index), index.status().commits]).toEqual([['a.ts', 'b.ts', 'c.ts'], 2]);
  git(root, 'checkout', '--quiet', 'main');
  renameSync(path.join(root, 'a.ts'), path.join(root, 'd.ts'));
  rmSync(path.join(root, 'b.ts'));
  await index.update('all');
  expect([paths(index), index.status().commits]).toEqual([['d.ts'], 1]);
  expect(await found(index, 'send message')).toEqual(['d.ts:1-3 sendMessage']);
});

test('what a past commit said finds the files that it changed', async () => {
  const root = repository({ 'a.ts': 'export const one = 1;\n', 'b.ts': 'export const two = one;\n' });
  write(root, { 'b.ts': 'export const two = one + 1;\n' });
  commit(root, 'Off-by-one error in the pagination');
  const index = core(root);
  await index.update('all');
  expect((await found(index, 'pagination const'))[0]).toBe('b.ts:1-1 two');
});

test('lines are those of the file now, also before the index has heard of the change', async () => {
  const root = repository({ 'a.ts': SEND });
  const index = core(root);
  await index.update('all');
  write(root, { 'a.ts': `// A line above.\n\n${SEND}`, 'unknown.ts': SEND.replace('send', 'sendQuick') });
  expect(await found(index, 'sendMessage')).toEqual(['a.ts:1-5 sendMessage']);
  expect(await found(index, 'sendQuickMessage')).toContain('unknown.ts:1-3 sendQuickMessage');
  rmSync(path.join(root, 'a.ts'));
  expect(await found(index, 'sendMessage target')).toEqual(['unknown.ts:1-3 sendQuickMessage']);
});

test('an index file that is damaged, or none at all, is made anew', async () => {
  const root = repository({ 'a.ts': SEND });
  const folder = temporaryFolder();
  const first = new IndexCore({ root, folder, watch: false });
  await first.update('all');
  await first.close();
  for (const damage of [Buffer.from('no database'), Buffer.alloc(0)]) {
    writeFileSync(path.join(folder, INDEX_FILE), damage);
    const index = new IndexCore({ root, folder, watch: false });
    await index.update('all');
    expect(await found(index, 'send message')).toEqual(['a.ts:1-3 sendMessage']);
    await index.close();
  }
});

test('a folder that cannot be written is said, and the index is kept in memory', async () => {
  const root = repository({ 'a.ts': SEND });
  const file = path.join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const index = core(root, { folder: path.join(file, 'index') });
  await index.update('all');
  expect(await found(index, 'send message')).toEqual(['a.ts:1-3 sendMessage']);
  expect(index.status().problem).toMatch(/kept in memory only, because .* cannot be used/);
});

test('two indexes on one file do not disturb each other', async () => {
  const root = repository(Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`f${at}.ts`, SEND])));
  const folder = temporaryFolder();
  const [one, two] = [core(root, { folder }), core(root, { folder })];
  await Promise.all([one.update('all'), two.update('all')]);
  expect([one.status(), two.status()].map(({ files, chunks }) => [files, chunks])).toEqual([
    [60, 60],
    [60, 60],
  ]);
});

test('a write in the same millisecond and of the same size is seen', async () => {
  const root = repository({ 'a.ts': SEND });
  const index = core(root);
  await index.update('all');
  const { mtime } = index.store().file('a.ts') ?? { mtime: 0 };
  write(root, { 'a.ts': SEND.replaceAll('target', 'origin') });
  utimesSync(path.join(root, 'a.ts'), mtime / 1_000, mtime / 1_000);
  await index.update('all');
  expect((await index.search('origin')).length).toBe(1);
});

test('changes on the disk are followed: a save, a new nested folder, a deletion, a checkout', async () => {
  const root = repository({ 'a.ts': SEND, '.gitignore': 'out/\n' });
  const index = core(root, { watch: true });
  await index.update('all');
  const has = (query: string, file: string) => async () =>
    (await index
      .store()
      .sql('SELECT 1 FROM files f JOIN chunks c ON c.file = f.id WHERE f.path = ? AND c.symbol = ?')
      .get(file, query)) !== undefined;
  write(root, { 'a.ts': SEND.replace('send', 'post') });
  await until(has('postMessage', 'a.ts'));
  write(root, { 'x/y/z/deep.ts': SEND, 'out/ignored.ts': SEND });
  await until(has('sendMessage', 'x/y/z/deep.ts'));
  write(root, { 'x/y/z/deep.ts': SEND.replace('send', 'drop') });
  await until(has('dropMessage', 'x/y/z/deep.ts'));
  rmSync(path.join(root, 'x'), { recursive: true });
  await until(() => paths(index).join() === '.gitignore,a.ts');
  git(root, 'checkout', '--quiet', '--force', 'HEAD', '--', 'a.ts');
  await until(has('sendMessage', 'a.ts'));
  expect(paths(index)).toEqual(['.gitignore', 'a.ts']);
});

test('questions of any bytes have an answer', async () => {
  const index = core(repository({ 'a.ts': SEND }));
  await index.update('all');
  for (const query of [
    '',
    '"',
    "'); DROP TABLE files; --",
    '* OR NEAR(',
    '\0',
    '-e',
    '\ud800',
    'x'.repeat(100_000),
  ])
    expect(await index.search(query)).toEqual([]);
});

test('more files are never done than there are, also where another process lets them all wait again', async () => {
  const folder = temporaryFolder();
  const other = openStore(folder);
  const seen: string[] = [];
  const index = new IndexCore({
    root: repository({ 'a.ts': SEND, 'b.ts': SEND }),
    folder,
    watch: false,
    onProgress: ({ filesDone, filesTotal }) => {
      seen.push(`${filesDone}/${filesTotal}`);
      if (seen.length === 2) other.sql('UPDATE files SET waiting = 1').run();
    },
  });
  onTestFinished(() => index.close());
  await index.update('all');
  other.close();
  expect(seen).toEqual(['0/2', '2/2', '4/4']);
});

test("the repository is that of the folder, also where git's variables name another one, as in a hook", async () => {
  const other = repository({ 'other.ts': SEND });
  commit(other, 'Second');
  const index = core(repository({ 'send.ts': SEND }));
  vi.stubEnv('GIT_DIR', path.join(other, '.git'));
  vi.stubEnv('GIT_WORK_TREE', other);
  vi.stubEnv('GIT_INDEX_FILE', path.join(other, '.git/index'));
  onTestFinished(() => void vi.unstubAllEnvs());
  await index.update('all');
  expect([paths(index), index.status().commits]).toEqual([['send.ts'], 1]);
});

test('a folder without git and without end is no index, and says why', async () => {
  const root = temporaryFolder();
  const program = path.join(programFolder(), 'rg');
  // Lists so many names without there being so many files.
  writeFileSync(program, "#!/bin/sh\nseq 50001 | tr '\\n' '\\0'\n", { mode: 0o755 });
  vi.stubEnv('OAGENT_RG', program);
  onTestFinished(() => void vi.unstubAllEnvs());
  const index = core(root);
  await expect(index.update('all')).rejects.toThrow(
    '50001 files are too many without a git repository that says which belong to the project: run `git init`, or list',
  );
  expect(index.status()).toMatchObject({
    state: 'failed',
    problem: expect.stringContaining('.oagentignore'),
  });
  // There is one, but git cannot read it.
  git(root, 'init', '--quiet');
  writeFileSync(path.join(root, '.git/index'), 'no index');
  await expect(index.update('all')).rejects.toThrow(
    /git cannot say which belong to the project \(git failed \(128\): .+\): fix that, or/,
  );
});
