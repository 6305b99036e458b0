import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  barLine,
  type IndexAction,
  type IndexFlags,
  indexCommand,
} from '../../../src/cli/commands/index-command.ts';
import { indexFolder } from '../../../src/repo-index/queries.ts';
import { openStore } from '../../../src/repo-index/store/store.ts';
import { planSession } from '../../../src/session/plan.ts';
import { commit, git, write } from '../../repo-index/repository.ts';

function setUp() {
  const top = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'oagent-index-command-')));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const [cwd, home] = [path.join(top, 'repo'), path.join(top, 'home')];
  mkdirSync(path.join(cwd, 'src'), { recursive: true });
  writeFileSync(path.join(cwd, 'src/retry.ts'), 'export function retryRequest() {}\n');
  writeFileSync(path.join(cwd, 'evil.ts'), 'const escape = "\x1b]0;title\x07";\n');
  const { loaded } = planSession(
    { cd: cwd, config: ['ollama.host="http://127.0.0.1:9"'] },
    { ignoreUserConfig: true },
  );
  const interrupt = Promise.withResolvers<void>();
  const run = async (action: IndexAction, flags: IndexFlags = {}, isTerminal = false, from = cwd) => {
    let [out, err] = ['', ''];
    const code = await indexCommand(
      action,
      flags,
      { cwd: from, home, env: process.env, loaded },
      {
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
        isTerminal,
        interrupted: interrupt.promise,
      },
    );
    return { code, out, err };
  };
  return { top, cwd, home, run, interrupt };
}

test('build, search, status, clear', async () => {
  const { cwd, home, run } = setUp();
  expect(await run({ name: 'status' })).toEqual({
    code: 0,
    out: `${cwd}\nno index\nnot built yet: oagent index build\n`,
    err: '',
  });
  expect(existsSync(home)).toBe(false);
  const built = await run({ name: 'build' });
  expect(built).toEqual({
    code: 0,
    out: expect.stringContaining('ready: 2 files, 2 chunks, 0 commits'),
    err: '',
  });
  // What SQLite has not put into its file yet counts too.
  expect(built.out).toMatch(/\n0\.[1-9] MB in .*\n$/);
  expect(await run({ name: 'search', query: 'retry a request' })).toEqual({
    code: 0,
    out: 'src/retry.ts:1-1 retryRequest (1.02)\nexport function retryRequest() {}\n',
    err: '',
  });
  expect(await run({ name: 'search', query: 'retry' }, { path: 'evil.ts' })).toEqual({
    code: 1,
    out: '',
    err: 'Nothing found.\n',
  });
  const evil = await run({ name: 'search', query: 'escape' });
  expect(evil.out).not.toContain('\x1b');
  const json = await run({ name: 'search', query: 'retry' }, { json: true });
  expect(JSON.parse(json.out)).toEqual([
    expect.objectContaining({ path: 'src/retry.ts', start: 1, end: 1, symbol: 'retryRequest', coverage: 1 }),
  ]);
  expect(await run({ name: 'clear' })).toEqual({
    code: 0,
    out: `The index of ${cwd} is deleted.\n`,
    err: '',
  });
  expect((await run({ name: 'status' }, { json: true })).out).toContain('"state": "off"');
});

test('a search of a complete index leaves it as it is, and says what has changed since', async () => {
  const { cwd, home, run } = setUp();
  git(cwd, 'init', '--quiet');
  write(cwd, { 'src/old.ts': 'export function oldName() {}\n', '.gitignore': 'ignored.ts\n' });
  commit(cwd, 'First');
  await run({ name: 'build' });
  const found = 'src/retry.ts:1-1 retryRequest (1.02)\nexport function retryRequest() {}\n';
  const search = { name: 'search', query: 'retry request' } as const;
  expect(await run(search)).toEqual({ code: 0, out: found, err: '' });
  write(cwd, { 'ignored.ts': 'no code\n', 'src/retry.ts': `\n${found.split('\n')[1]}\n` });
  expect(await run(search)).toEqual({
    code: 0,
    out: found.replace('1-1', '2-2'),
    err: '1 file has changed since the index was made. To find what is new: oagent index build\n',
  });
  write(cwd, { 'new.ts': 'export function fresh() {}\n' });
  rmSync(path.join(cwd, 'src/old.ts'));
  expect((await run(search)).err).toBe(
    '3 files have changed since the index was made. To find what is new: oagent index build\n',
  );
  commit(cwd, 'Second');
  const moved = 'The index is of another commit. To find what is new in this one: oagent index build\n';
  expect((await run(search)).err).toBe(moved);
  const store = openStore(indexFolder(home, cwd));
  onTestFinished(() => store.close());
  expect(store.files().map((file) => file.path)).toContain('src/old.ts');
  await run({ name: 'build' });
  expect((await run(search)).err).toBe('');
});

test('--path is meant from the working folder, also through a link, and never leads out of the repository', async () => {
  const { top, cwd, run } = setUp();
  writeFileSync(path.join(top, 'retry.ts'), 'export function retryOutside() {}\n');
  const link = path.join(top, 'link');
  symlinkSync(cwd, link);
  const found = {
    code: 0,
    out: 'src/retry.ts:1-1 retryRequest (1.02)\nexport function retryRequest() {}\n',
    err: '',
  };
  const search = { name: 'search', query: 'retry request' } as const;
  expect(await run(search, { path: 'src' }, false, link)).toEqual(found);
  expect(await run(search, { path: '.' }, false, link)).toEqual(found);
  expect(await run(search, { path: link }, false, cwd)).toEqual(found);
  await expect(run(search, { path: '..' })).rejects.toThrow(
    `--path .. is outside of ${cwd}: name a folder or file inside it`,
  );
  await expect(run(search, { path: path.join(top, 'retry.ts') })).rejects.toThrow('is outside of');
});

test('on a terminal a bar is drawn and taken away, and watch ends by Ctrl+C', async () => {
  const { run, interrupt } = setUp();
  const built = await run({ name: 'build' }, {}, true);
  expect(built.err).toMatch(/^\r\x1b\[K[━─]{24} {2}\d\/2 files, .*\r\x1b\[K$/s);
  const watching = run({ name: 'watch' });
  interrupt.resolve();
  expect((await watching).code).toBeOneOf([0, 130]);
});

test('the bar says how far, how fast and how long', () => {
  expect(barLine({ filesDone: 1_250, filesTotal: 5_000, bytes: 8_200_000, elapsedMs: 2_000 })).toBe(
    '━━━━━━──────────────────  1250/5000 files, 4.1 MB/s, 6 s left',
  );
  expect(barLine({ filesDone: 0, filesTotal: 5, bytes: 0, elapsedMs: 0 })).toBe(
    '────────────────────────  0/5 files, 0.0 MB/s',
  );
});
