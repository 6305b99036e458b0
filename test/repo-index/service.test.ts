import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { indexFolder } from '../../src/repo-index/queries.ts';
import { Shown } from '../../src/repo-index/search/pack.ts';
import { IndexService } from '../../src/repo-index/service.ts';
import { repository, temporaryFolder, until, write } from './repository.ts';

// Each starts a thread, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const RETRY = 'export function retryRequest(attempts: number) {\n  return attempts + 1;\n}\n';
const OTHERS = Object.fromEntries(
  Array.from({ length: 20 }, (_, at) => [`src/other${at}.ts`, `export const value${at} = ${at};\n`]),
);

function service(cwd: string, home: string, watch = false) {
  const made = new IndexService({ cwd, home, watch, injectMs: 60_000 });
  onTestFinished(() => made.close());
  return made;
}

test('nothing is started, made or found before start', async () => {
  const home = temporaryFolder();
  const index = service(repository({ 'retry.ts': RETRY }), home);
  expect(index.status()).toEqual({ state: 'off' });
  expect(await index.search('retry request')).toEqual([]);
  expect(await index.inject('How is a request retried?', { budgetTokens: 500, shown: new Shown() })).toBe(
    undefined,
  );
  expect(readdirSync(home)).toEqual([]);
});

test('the index of the repository around the folder answers, through its thread', async () => {
  const root = repository({ ...OTHERS, 'src/retry.ts': RETRY });
  const home = temporaryFolder();
  const index = service(path.join(root, 'src'), home);
  await index.update();
  expect(index.status()).toEqual({
    state: 'ready',
    files: 21,
    waiting: 0,
    chunks: 21,
    commits: 1,
    unnamable: 0,
  });
  expect([index.root, readdirSync(indexFolder(home, root))]).toEqual([
    root,
    expect.arrayContaining(['index.db']),
  ]);
  const options = { limit: 3, maxBytes: 10_000, signal: new AbortController().signal };
  // Named as the tools in that folder take it.
  const text = `retry.ts:1-3 retryRequest\n${RETRY.trimEnd()}`;
  expect((await index.searchText('retry a request', options)).text).toBe(text);
  expect((await index.searchText('retry', { ...options, path: path.join(root, 'src/retry.ts') })).text).toBe(
    text,
  );
  const link = path.join(home, 'link');
  symlinkSync(root, link);
  expect((await index.searchText('retry', { ...options, path: path.join(link, 'src') })).text).toBe(text);
  expect((await index.searchText('retry', { ...options, path: path.dirname(root) })).text).toBe('');
  expect((await index.searchText('retry', { ...options, maxBytes: 10 })).text).toBe('');
});

test('a question gets what answers it and was not shown, a reply and what is about nothing here get nothing', async () => {
  const root = repository({ ...OTHERS, 'src/retry.ts': RETRY });
  const index = service(root, temporaryFolder());
  await index.update();
  const shown = new Shown();
  const inject = (message: string, budgetTokens = 500) => index.inject(message, { budgetTokens, shown });
  expect(await inject('How many attempts does a request make?', 0)).toBe(undefined);
  expect((await inject('How many attempts does a request make?'))?.excerpts).toEqual([
    { path: 'src/retry.ts', start: 1, end: 3, symbol: 'retryRequest', lines: RETRY.trimEnd().split('\n') },
  ]);
  shown.add('src/retry.ts', RETRY.trimEnd().split('\n'));
  expect(await inject('How many attempts does a request make?')).toBe(undefined);
  for (const reply of ['Yes, please go on', 'thanks, go on', 'yes do that please', 'Okay, thank you'])
    expect(await inject(reply)).toBe(undefined);
  expect(await inject('Tell me a story about dragons and their castles')).toBe(undefined);
});

test('an aborted search rejects with the reason, a closed index has no hits', async () => {
  const index = service(repository({ 'retry.ts': RETRY }), temporaryFolder());
  await index.update();
  await expect(index.search('retry', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  );
  await index.close();
  expect(await index.search('retry')).toEqual([]);
});

test('a folder that goes away is told in the status', async () => {
  const root = repository({ 'retry.ts': RETRY });
  const index = service(root, temporaryFolder());
  await index.update();
  rmSync(root, { recursive: true });
  await expect(index.update()).rejects.toThrow();
  expect(await index.freshStatus()).toEqual(
    expect.objectContaining({ state: 'failed', problem: expect.any(String) }),
  );
});

test('what is saved while it watches is found without being asked to look', async () => {
  const root = repository({ 'retry.ts': RETRY });
  const index = service(root, temporaryFolder(), true);
  index.start();
  await until(() => index.status().state === 'ready');
  write(root, { 'src/later.ts': RETRY.replace('retry', 'postpone') });
  await until(() => {
    const status = index.status();
    return status.state === 'ready' && status.files === 2;
  });
  expect((await index.search('postpone request'))[0]?.path).toBe('src/later.ts');
});
