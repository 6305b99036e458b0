import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Catalog, withCatalog } from '../../src/rollout/catalog.ts';
import { gitFacts } from '../../src/rollout/git-facts.ts';
import { lineText, type RolloutLine } from '../../src/rollout/lines.ts';
import { lockHolder, lockRollout } from '../../src/rollout/lock.ts';
import { outputsFolder, rolloutFiles, rolloutPath } from '../../src/rollout/paths.ts';
import { readSession } from '../../src/rollout/reconstruct.ts';
import type { SessionSummary } from '../../src/rollout/recorder.ts';
import {
  deleteStored,
  forkRollout,
  moveArchived,
  openStored,
  renameStored,
} from '../../src/rollout/store.ts';
import { uuidv7 } from '../../src/text/uuid.ts';
import { runSource } from '../support/run-source.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Made by the program itself, with the long texts taken out. */
const sample = (name: string): string => path.join(import.meta.dirname, 'samples', name);

const DAY = new Date(2026, 0, 2, 3, 4, 5);

/** A session of one message, last used `age` seconds before the next one. */
function makeSession(home: string, text: string, more: { cwd?: string; age?: number } = {}): SessionSummary {
  const { cwd = '/work', age = 0 } = more;
  const id = uuidv7();
  const file = rolloutPath(home, id, DAY);
  mkdirSync(path.dirname(file), { recursive: true });
  const item = { type: 'user_message', id: 'i1', text } as const;
  const usage = { inputTokens: 10, cachedInputTokens: 0, outputTokens: 2, reasoningOutputTokens: 0 };
  const lines: RolloutLine[] = [
    {
      type: 'session_meta',
      payload: {
        id,
        timestamp: DAY.toISOString(),
        cwd,
        originator: 'oagent',
        cli_version: '0.1.0',
        rollout_version: 1,
        source: 'exec',
        model_provider: 'ollama',
        model: 'base',
        base_instructions: { text: 'You are a test.' },
        git: { branch: 'main' },
      },
    },
    { type: 'response_item', payload: { type: 'user', kind: 'prompt', content: text } },
    { type: 'event_msg', payload: { type: 'item_completed', item_type: item.type, item_id: 'i1', item } },
    { type: 'event_msg', payload: { type: 'token_count', total: usage, last: usage, numCtx: 8192 } },
  ];
  writeFileSync(file, lines.map((line) => lineText(line, DAY)).join(''));
  const updated = 1_700_000_000 - age;
  utimesSync(file, updated, updated);
  return {
    id,
    path: file,
    firstPrompt: text,
    cwd,
    branch: 'main',
    model: 'base',
    source: 'exec',
    created: DAY.getTime(),
    updated: updated * 1000,
    isArchived: false,
    tokens: 12,
  };
}

const list = (home: string, options?: Parameters<Catalog['list']>[0]): SessionSummary[] =>
  withCatalog(home, (catalog) => catalog.list(options));

test('the list is made from the files: new ones come in, deleted ones go', async () => {
  const home = await tempFolder();
  expect(list(home)).toEqual([]);
  const [old, young] = [makeSession(home, 'old', { age: 60 }), makeSession(home, 'young', { cwd: '/other' })];
  expect(list(home)).toEqual([young, old]);
  expect(list(home, { cwd: '/work' })).toEqual([old]);
  rmSync(young.path);
  expect(list(home)).toEqual([old]);
});

test.each([
  ['garbage', 'this is no database'],
  ['nothing', ''],
])('a cache of %s is made anew', async (_name, content) => {
  const home = await tempFolder();
  const session = makeSession(home, 'one');
  expect(list(home)).toEqual([session]);
  for (const end of ['-wal', '-shm']) rmSync(path.join(home, `sessions.sqlite${end}`), { force: true });
  writeFileSync(path.join(home, 'sessions.sqlite'), content);
  expect(list(home)).toEqual([session]);
});

test('a cache that is damaged inside is made anew', async () => {
  const home = await tempFolder();
  const session = makeSession(home, 'one');
  expect(list(home)).toEqual([session]);
  const file = path.join(home, 'sessions.sqlite');
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xff, 4096));
  expect(list(home)).toEqual([session]);
});

test('a cache that another process writes to is waited for, not made anew', async () => {
  const home = await tempFolder();
  const session = makeSession(home, 'one');
  expect(list(home)).toEqual([session]);
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const db = new DatabaseSync(path.join(home, 'sessions.sqlite'));
  db.exec("BEGIN EXCLUSIVE; UPDATE sessions SET name = 'kept'");
  makeSession(home, 'two');
  // Meanwhile the list comes from the files.
  expect(list(home).map(({ name }) => name)).toEqual([undefined, undefined]);
  db.exec('COMMIT');
  db.close();
  expect(list(home).map(({ name }) => name)).toEqual([undefined, 'kept']);
});

test('a cache of another version is made anew', async () => {
  const home = await tempFolder();
  const session = makeSession(home, 'one');
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const db = new DatabaseSync(path.join(home, 'sessions.sqlite'));
  db.exec('CREATE TABLE sessions (something INTEGER); PRAGMA user_version = 77');
  db.close();
  expect(list(home)).toEqual([session]);
});

const UNREADABLE = 'is not a session: its first line does not say so';

/** A file at the place of a newer session. */
const newer = (home: string): string => rolloutPath(home, uuidv7(), DAY);

test.each([
  ['empty', (file: string) => writeFileSync(file, ''), UNREADABLE],
  ['full of zeros', (file: string) => writeFileSync(file, Buffer.alloc(9_000)), UNREADABLE],
  ['text', (file: string) => writeFileSync(file, 'no session\n'), UNREADABLE],
  [
    'without its head',
    (file: string) => writeFileSync(file, '{"type":"event_msg","payload":{}}\n'),
    UNREADABLE,
  ],
  ['a folder', (file: string) => mkdirSync(file), 'it is not a regular file'],
  ['a pipe', (file: string) => void spawnSync('mkfifo', [file]), 'it is not a regular file'],
  ['a link to nothing', (file: string) => symlinkSync('nowhere', file), 'ENOENT'],
  [
    "another program's",
    (file: string) => writeFileSync(file, readFileSync(sample('codex-rollout.jsonl'))),
    'is a session of another program, not of oagent',
  ],
])('a file that is %s is in no list, and harms none', async (_name, make, problem) => {
  const home = await tempFolder();
  const session = makeSession(home, 'one');
  writeFileSync(path.join(path.dirname(session.path), 'notes.txt'), 'hello');
  const file = newer(home);
  make(file);
  for (let times = 0; times < 2; times += 1) {
    expect(list(home)).toEqual([session]);
    expect(withCatalog(home, (catalog) => catalog.unreadable())).toEqual([
      { path: file, problem: expect.stringContaining(problem), updated: expect.any(Number) },
    ]);
  }
});

test('whatever the lines of a file say, the other sessions are listed', async () => {
  const home = await tempFolder();
  const session = makeSession(home, 'one');
  const good = readFileSync(session.path, 'utf8').split('\n').slice(0, -1);
  const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constant({ text: '\0\ud800' }));
  const key = fc.constantFrom(
    'id',
    'cwd',
    'source',
    'model',
    'git',
    'timestamp',
    'item',
    'total',
    'rollout_version',
  );
  const change = fc.tuple(fc.nat(good.length - 1), key, value);
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const lines = good.map((line) => JSON.parse(line));
      for (const [at, name, to] of changes) lines[at].payload[name] = to;
      const file = newer(home);
      writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const [found, left] = withCatalog(home, (all) => [all.list(), all.unreadable()]);
      rmSync(file);
      expect(found.filter(({ id }) => id === session.id)).toEqual([session]);
      expect(found.length + left.length).toBe(2);
    }),
    { numRuns: 150 },
  );
});

test('a file that changed after it was listed is read again, also without a lock', async () => {
  const home = await tempFolder();
  const [one, two] = [makeSession(home, 'one', { age: 9 }), makeSession(home, 'two')];
  expect(list(home)).toEqual([two, one]);
  writeFileSync(two.path, Buffer.alloc(readFileSync(two.path).length));
  expect(list(home)).toEqual([one]);
});

test('where no cache can be kept the list is made from the files', async () => {
  const home = await tempFolder();
  const session = makeSession(home, 'one');
  mkdirSync(path.join(home, 'sessions.sqlite'));
  expect(list(home)).toEqual([session]);
  expect(list(path.join(session.path, 'below-a-file'))).toEqual([]);
});

test('what a process that died has written is in the list', async () => {
  const home = await tempFolder();
  const session = makeSession(home, 'one');
  list(home);
  const line: RolloutLine = { type: 'event_msg', payload: { type: 'thread_name_updated', name: 'mine' } };
  appendFileSync(session.path, lineText(line, DAY));
  writeFileSync(`${session.path}.lock`, '{"pid":1,"started":"long ago","host":"x","token":"t"}');
  expect(list(home).map(({ name }) => name)).toEqual(['mine']);
});

test('sessions are found by id and by name, the last one first', async () => {
  const home = await tempFolder();
  const [one, two] = [makeSession(home, 'one', { age: 9 }), makeSession(home, 'two', { cwd: '/other' })];
  for (const { path: file } of [one, two]) await renameStored(file, 'work');
  utimesSync(one.path, 1, 1);
  const find = (what: string, cwd?: string): string | undefined =>
    withCatalog(home, (catalog) => catalog.find(what, cwd)?.id);
  expect([find(one.id.toUpperCase()), find('work'), find('work', '/work'), find('none')]).toEqual([
    one.id,
    two.id,
    one.id,
    undefined,
  ]);
});

test('archived sessions lie apart and come back to where they were', async () => {
  const home = await tempFolder();
  const session = makeSession(home, 'one');
  const file = (): ReturnType<typeof rolloutFiles>[number] => rolloutFiles(home)[0] as never;
  const moved = moveArchived(home, file(), true);
  expect(moved).toBe(path.join(home, 'archived_sessions', path.basename(session.path)));
  expect([list(home), list(home, { archived: true })]).toEqual([
    [],
    [{ ...session, path: moved, isArchived: true }],
  ]);
  expect(() => moveArchived(home, file(), true)).toThrow('already archived');
  expect(moveArchived(home, file(), false)).toBe(session.path);
  expect(list(home)).toEqual([session]);
});

test('a deleted session takes its outputs with it', async () => {
  const home = await tempFolder();
  const { id } = makeSession(home, 'one');
  mkdirSync(outputsFolder(home, id), { recursive: true });
  deleteStored(home, rolloutFiles(home)[0] as never);
  expect([rolloutFiles(home), list(home)]).toEqual([[], []]);
  expect(() => readFileSync(outputsFolder(home, id))).toThrow('ENOENT');
});

test('a fork has what the session had, under its own id', async () => {
  const home = await tempFolder();
  const session = makeSession(home, 'one');
  appendFileSync(session.path, '{"torn');
  const id = uuidv7();
  const file = forkRollout(home, session.path, id, DAY);
  const [original, copy] = [readSession(session.path), readSession(file)];
  expect(copy).toEqual({
    ...original,
    path: file,
    meta: { ...original.meta, id, timestamp: DAY.toISOString(), forked_from_id: session.id },
  });
});

test('one process has a session; when it dies another one may take it', async () => {
  const home = await tempFolder();
  const session = makeSession(home, 'one');
  const other = runSource(
    `const { lockRollout } = await import(${JSON.stringify(path.resolve('src/rollout/lock.ts'))});
     console.log(lockRollout(${JSON.stringify(session.path)}).isHeld);
     setInterval(() => {}, 1000);`,
  );
  const [said] = await once(other.stdout, 'data');
  expect(String(said)).toBe('false\n');
  expect(lockHolder(session.path)?.pid).toBe(other.pid);
  expect(() => openStored(session.path)).toThrow(
    `the session ${session.id} is open in another oagent (process ${other.pid}`,
  );
  expect(() => openStored(session.path)).toThrow(`oagent fork ${session.id}`);
  expect(() => deleteStored(home, rolloutFiles(home)[0] as never)).toThrow('is open in another oagent');
  other.kill('SIGKILL');
  await other;
  const { lock } = openStored(session.path);
  expect(lock.isHeld).toBe(false);
  expect(lockRollout(session.path).isHeld).toBe(true);
  if (!lock.isHeld) lock.release();
  expect(rolloutFiles(home).map(({ hasLock }) => hasLock)).toEqual([false]);
});

test.each([
  '',
  'no json',
  '{"pid":-1,"host":"x"}',
  '{"pid":4194304,"started":"1","host":""}',
])('a broken lock (%j) is taken over', async (content) => {
  const home = await tempFolder();
  const { path: file } = makeSession(home, 'one');
  const { hostname } = await import('node:os');
  writeFileSync(`${file}.lock`, content.replace('"host":""', `"host":${JSON.stringify(hostname())}`));
  expect(lockRollout(file).isHeld).toBe(false);
});

test('of a repository the commit, the branch and the address are kept, no password', async () => {
  const repo = await tempFolder();
  const git = path.join(repo, '.git');
  mkdirSync(path.join(git, 'refs/heads'), { recursive: true });
  expect(gitFacts(repo)).toBeUndefined();
  const commit = '0123456789abcdef0123456789abcdef01234567';
  writeFileSync(path.join(git, 'HEAD'), 'ref: refs/heads/feature/x\n');
  writeFileSync(path.join(git, 'packed-refs'), `# pack-refs\n${commit} refs/heads/feature/x\n`);
  writeFileSync(
    path.join(git, 'config'),
    '[core]\n\tbare = false\n[remote "origin"]\n\tfetch = +x\n\turl = https://me:secret@example.com/a.git\n',
  );
  const sub = path.join(repo, 'a', 'b');
  mkdirSync(sub, { recursive: true });
  expect(gitFacts(sub)).toEqual({
    commit_hash: commit,
    branch: 'feature/x',
    repository_url: 'https://example.com/a.git',
  });
  // However it is filled, it is read in no time.
  const white = ' \n'.repeat(200_000);
  writeFileSync(path.join(git, 'config'), `[remote "origin"]\n${white}url = a${' '.repeat(400_000)}b \n`);
  expect(gitFacts(sub)?.repository_url).toBe(`a${' '.repeat(400_000)}b`);
  writeFileSync(path.join(git, 'config'), `[remote "origin"]\nurl = \n${white}`);
  expect(gitFacts(sub)?.repository_url).toBe(undefined);
});
