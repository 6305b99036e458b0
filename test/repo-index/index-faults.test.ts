/** What goes wrong around an index with vectors: the model, the servers, the disk, the folder, the thread. */
import { execFileSync, spawnSync } from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test, vi } from 'vitest';
import { tagEntry } from '../../src/demo/models.ts';
import type { ConnectionFault } from '../../src/demo/script.ts';
import { startScriptedOllama } from '../../src/demo/scripted-ollama.ts';
import { startChroma } from '../../src/repo-index/chroma/chroma-server.ts';
import { IndexCore } from '../../src/repo-index/index-core.ts';
import { indexFolder } from '../../src/repo-index/queries.ts';
import { Shown } from '../../src/repo-index/search/pack.ts';
import { VectorSide } from '../../src/repo-index/vectors/vector-side.ts';
import { vectorsLine } from '../../src/repo-index/vectors/vectors-state.ts';
import { withOllama } from '../support/ollama-server.ts';
import { canMount, fill, smallDisk } from '../support/small-disk.ts';
import { serversIn, whole, wholeness } from './index-check.ts';
import { git, repository, temporaryFolder, until, write } from './repository.ts';
import { never } from './vector-items.ts';
import { build, EMBED, FILES, inputs, type Made, service } from './vector-session.ts';
import { addonOption, hasChroma, isRunning, stop } from './vector-support.ts';

// Threads, servers of Chroma and pauses before a second try, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** More than one call takes. */
const MANY = Object.fromEntries(
  Array.from({ length: 40 }, (_, at) => [`src/part${at}.ts`, `export const part${at} = ${at} + 1;\n`]),
);

const lineOf = ({ vectors }: Made): string => vectorsLine(vectors() as Parameters<typeof vectorsLine>[0]);

async function fresh(made: Made): Promise<Made> {
  await made.index.freshStatus();
  return made;
}

/** Waits until the status, as of now, is so. */
const untilVectors = (made: Made, isSo: (vectors: ReturnType<Made['vectors']>) => boolean): Promise<void> =>
  until(async () => isSo((await fresh(made)).vectors()));

test('the model is removed while it embeds: that is said, and when it is back nothing is embedded twice', async () => {
  let answers = 0;
  let isGone = false;
  const gone: ConnectionFault = {
    kind: 'status',
    status: 404,
    body: { error: 'model "nomic-embed-text:latest" not found, try pulling it first' },
  };
  const server = await withOllama([], {
    models: [EMBED],
    faultFor: ({ path: name }) => {
      if (name === '/api/embed') {
        answers += 1;
        isGone ||= answers === 2;
        return isGone ? gone : undefined;
      }
      return isGone && name === '/api/tags'
        ? { kind: 'status', status: 200, body: { models: [] } }
        : undefined;
    },
  });
  const [root, home] = [repository(MANY), temporaryFolder()];
  const made = service(root, home, server.host);
  await build(made);
  expect(lineOf(made)).toMatch(
    /^semantic search off: (nomic-embed-text:latest: |no embedding model is installed: `ollama pull embeddinggemma`)/,
  );
  expect((await made.index.search('part7'))[0]?.path).toBe('src/part7.ts');
  isGone = false;
  await untilVectors(made, ({ vectors }) => vectors === 40);
  expect([inputs(server).length, new Set(inputs(server)).size]).toEqual([40, 40]);
});

test('a model that is removed later is missed by the next question, and said', async () => {
  let isGone = false;
  const server = await withOllama([], {
    models: [EMBED],
    faultFor: ({ path: name }) => {
      if (!isGone) return undefined;
      if (name === '/api/embed') return { kind: 'status', status: 404, body: { error: 'not found' } };
      return name === '/api/tags' ? { kind: 'status', status: 200, body: { models: [] } } : undefined;
    },
  });
  const made = service(repository(FILES), temporaryFolder(), server.host);
  await build(made);
  isGone = true;
  expect((await made.index.search('pool of sockets'))[0]?.path).toBe('src/pool.ts');
  await untilVectors(
    made,
    ({ unavailable }) => unavailable?.includes('no embedding model is installed') === true,
  );
  isGone = false;
  await untilVectors(made, ({ vectors }) => vectors === 3);
  expect(inputs(server)).toHaveLength(3);
});

/** A server at a port that others have had before. */
async function serverAt(port: number, embeddingLength: number, digest?: string) {
  const model = { ...EMBED, embeddingLength };
  const server = await startScriptedOllama({
    models: [model],
    script: [],
    port,
    faultFor: ({ path: name }) =>
      digest !== undefined && name === '/api/tags'
        ? { kind: 'status', status: 200, body: { models: [{ ...tagEntry(model), digest }] } }
        : undefined,
  });
  onTestFinished(() => server.close());
  return server;
}

test.each([
  ['the same digest', undefined],
  ['another digest', 'f'.repeat(64)],
])('under the name of the model there is one of other dimensions, with %s: all is embedded by it', async (_, digest) => {
  const first = await serverAt(0, 64);
  const port = Number(new URL(first.host).port);
  const [root, home] = [repository(FILES), temporaryFolder()];
  const made = service(root, home, first.host);
  await build(made);
  expect(made.vectors()).toMatchObject({ dimensions: 64, vectors: 3 });
  await first.close();
  const second = await serverAt(port, 32, digest);
  // The question is what finds it out.
  expect((await made.index.search('pool of sockets'))[0]?.path).toBe('src/pool.ts');
  await untilVectors(made, ({ dimensions, vectors }) => dimensions === 32 && vectors === 3);
  await made.index.embedded();
  expect((await made.index.search('markdown table'))[0]?.path).toBe('src/table.ts');
  expect(new Set(inputs(second).filter((text) => text.startsWith('search_document: '))).size).toBe(3);
  await second.close();
  if (digest === undefined) return;
  // The vectors of the first model are still there.
  const third = await serverAt(port, 64);
  await made.index.search('pool of sockets');
  await untilVectors(made, ({ dimensions, vectors }) => dimensions === 64 && vectors === 3);
  await made.index.embedded();
  expect(inputs(third).filter((text) => text.startsWith('search_document: '))).toEqual([]);
});

test('a server that hangs, dies and comes back: a search waits for nothing, and embedding goes on where it was', async () => {
  let answers = 0;
  const first = await startScriptedOllama({
    models: [EMBED],
    script: [],
    faultFor: ({ path: name }) => {
      if (name === '/api/embed') answers += 1;
      return name === '/api/embed' && answers > 1 ? { kind: 'stall' } : undefined;
    },
  });
  onTestFinished(() => first.close());
  const [root, home] = [repository({ ...MANY, ...FILES }), temporaryFolder()];
  const made = service(root, home, first.host);
  await made.index.update();
  await until(() => answers === 2);
  const shown = new Shown();
  expect(
    (await made.index.inject('Where is the pool of sockets?', { budgetTokens: 500, shown }))?.text,
  ).toContain('src/pool.ts:1-5');
  await fresh(made);
  expect(lineOf(made)).toContain('; embedding 4 of 43 chunks');
  await first.close();
  await untilVectors(made, ({ problem }) => problem !== undefined);
  expect(lineOf(made)).toMatch(/; embedding has stopped for now: .*127\.0\.0\.1/);
  const second = await serverAt(Number(new URL(first.host).port), 768);
  await untilVectors(made, ({ vectors, problem }) => vectors === 43 && problem === undefined);
  const texts = [...inputs(first), ...inputs(second)].filter((text) => text.startsWith('search_document: '));
  expect([texts.length, new Set(texts).size]).toEqual([43, 43]);
});

test('a model that takes long to answer is said to be waited for', async () => {
  const server = await withOllama([], {
    models: [EMBED],
    faultFor: ({ path: name }) => (name === '/api/embed' ? { kind: 'stall' } : undefined),
  });
  const [root, folder] = [repository(FILES), temporaryFolder()];
  const core = new IndexCore({ root, folder, watch: false });
  const side = new VectorSide({
    ...{ root, folder, config: { chroma_url: 'ftp://none' }, purpose: 'make', slowMs: 0 },
    endpoint: { host: server.host, headers: {} },
    store: () => core.store(),
    onChange: () => undefined,
  });
  onTestFinished(async () => {
    await side.close();
    await core.close();
  });
  await core.update('all');
  side.refresh();
  await until(() => server.log.some(({ path: name }) => name === '/api/embed'));
  expect(vectorsLine(side.status())).toMatch(
    /^0 vectors by nomic-embed-text:latest; embedding has stopped for now: nomic-embed-text:latest has not answered for \d+ s$/,
  );
});

test('an update that failed is tried again, whole, where changes are followed', async () => {
  const [root, folder] = [repository(FILES), temporaryFolder()];
  const core = new IndexCore({ root, folder, watch: true, retryMs: 20 });
  onTestFinished(() => core.close());
  await core.update('all');
  renameSync(root, `${root}.away`);
  await expect(core.update('all')).rejects.toThrow();
  expect(core.status()).toMatchObject({ state: 'failed', files: 3, problem: expect.any(String) });
  write(`${root}.away`, { 'src/queue.ts': 'export function drainQueue() {\n  return 1;\n}\n' });
  renameSync(`${root}.away`, root);
  await until(() => core.status().state === 'ready');
  expect(core.status()).toEqual({
    state: 'ready',
    files: 4,
    waiting: 0,
    chunks: 4,
    commits: 1,
    unnamable: 0,
  });
});

test('a server that is not there at first is found when it is, without a question or a change', async () => {
  const reserved = await serverAt(0, 768);
  await reserved.close();
  const made = service(repository(FILES), temporaryFolder(), reserved.host);
  await build(made);
  expect(lineOf(made)).toMatch(/^semantic search off: no Ollama server at/);
  await serverAt(Number(new URL(reserved.host).port), 768);
  await untilVectors(made, ({ vectors }) => vectors === 3);
});

test.runIf(hasChroma)(
  'a Chroma server that hangs: the local search answers, and another server takes over',
  async () => {
    const server = await withOllama([], { models: [EMBED] });
    const made = service(repository(FILES), temporaryFolder(), server.host);
    await build(made);
    const pid = made.vectors().server?.pid ?? 0;
    await stop(pid);
    const shown = new Shown();
    expect(
      (await made.index.inject('Where is the pool of sockets?', { budgetTokens: 500, shown }))?.text,
    ).toContain('src/pool.ts:1-5');
    expect((await made.index.search('pool of sockets'))[0]?.path).toBe('src/pool.ts');
    await untilVectors(made, ({ backend, server: other }) => backend === 'chroma' && other?.pid !== pid);
    expect([isRunning(pid), (await made.index.search('markdown table'))[0]?.path]).toEqual([
      false,
      'src/table.ts',
    ]);
  },
);

test('worktrees and clones have an index each', () => {
  const root = repository(FILES);
  const [tree, clone] = [path.join(temporaryFolder(), 'tree'), path.join(temporaryFolder(), 'clone')];
  git(root, 'worktree', 'add', '--quiet', tree);
  git(root, 'clone', '--quiet', root, clone);
  const home = temporaryFolder();
  const folders = [root, tree, clone].map((cwd) => {
    const { index } = service(cwd, home, 'http://127.0.0.1:9');
    expect(index.root).toBe(cwd);
    return indexFolder(home, index.root);
  });
  expect(new Set(folders).size).toBe(3);
});

test.runIf(hasChroma)(
  'repositories and homes on one server of the user’s leave each other’s vectors alone',
  async () => {
    const ollama = await withOllama([], { models: [EMBED] });
    const started = await startChroma({ ...addonOption, dataDir: temporaryFolder() }, never.signal);
    if (!('server' in started)) throw new Error(started.unavailable);
    onTestFinished(() => started.server.kill());
    const config = { chroma_url: `http://127.0.0.1:${started.server.port}` };
    const [root, home] = [repository(FILES), temporaryFolder()];
    const tree = path.join(temporaryFolder(), 'tree');
    git(root, 'worktree', 'add', '--quiet', tree);
    write(tree, { 'src/queue.ts': 'export function drainQueue() {\n  return 1;\n}\n' });
    const open = (cwd: string, at = home): Made => service(cwd, at, ollama.host, { config });
    const elsewhere = temporaryFolder();
    const all = [open(root), open(tree), open(root, elsewhere)];
    for (const made of all) await build(made);
    for (const { index } of all) await index.close();
    // A collection that is not whole would be made anew.
    const again = [open(root), open(tree), open(root, elsewhere)];
    for (const made of again) await build(made);
    expect(again.map(({ vectors }) => vectors())).toMatchObject([
      { backend: 'chroma', vectors: 3, owed: 0, rebuilds: 0 },
      { backend: 'chroma', vectors: 4, owed: 0, rebuilds: 0 },
      { backend: 'chroma', vectors: 3, owed: 0, rebuilds: 0 },
    ]);
    expect(inputs(ollama)).toHaveLength(10);
  },
);

test('a thread that dies: the session goes on, finds nothing, and the status says why', async () => {
  let worker: Worker | undefined;
  const listen = (message: unknown): void => {
    ({ worker } = message as { worker: Worker });
  };
  diagnostics.subscribe('worker_threads', listen);
  onTestFinished(() => void diagnostics.unsubscribe('worker_threads', listen));
  const server = await withOllama([], { models: [EMBED] });
  const [root, home] = [repository(FILES), temporaryFolder()];
  const made = service(root, home, server.host);
  await build(made);
  const gone = made.index.search('pool of sockets');
  await worker?.terminate();
  expect([await gone, await made.index.search('pool of sockets')]).toEqual([[], []]);
  const shown = new Shown();
  expect(
    await made.index.inject('Where is the pool of sockets?', { budgetTokens: 500, shown }),
  ).toBeUndefined();
  const problem = 'there is no index until the next session: its thread has ended';
  const status = { state: 'failed', files: 3, waiting: 0, chunks: 3, commits: 1, unnamable: 0, problem };
  expect([made.index.status(), await made.index.freshStatus()]).toEqual([status, status]);
  await made.index.close();
  await until(() => serversIn(indexFolder(home, root)).length === 0);
  expect(made.index.status()).toEqual(status);
  const found = await wholeness(root, home, server.host);
  expect(found).toEqual(whole(found));
});

test('the folder of an index is deleted under a session: the next question makes it anew', async () => {
  const server = await withOllama([], { models: [EMBED] });
  const [root, home] = [repository(FILES), temporaryFolder()];
  const made = service(root, home, server.host);
  await build(made);
  rmSync(indexFolder(home, root), { recursive: true, maxRetries: 5 });
  for (const pid of serversIn(indexFolder(home, root))) process.kill(pid, 'SIGKILL');
  const other = service(root, home, server.host);
  await build(other);
  expect(other.vectors()).toMatchObject({ vectors: 3, rebuilds: 0 });
  await made.index.search('pool of sockets');
  await build(made);
  expect((await made.index.search('pool of sockets'))[0]?.path).toBe('src/pool.ts');
  expect(made.vectors()).toMatchObject({ vectors: 3, rebuilds: 0, owed: hasChroma ? 0 : 3 });
  const found = await wholeness(root, home, server.host);
  expect([found, serversIn(indexFolder(home, root)).length]).toEqual([whole(found), hasChroma ? 1 : 0]);
});

test('vectors that are damaged on the disk are made anew, with the index', async () => {
  const server = await withOllama([], { models: [EMBED] });
  const [root, home] = [repository(MANY), temporaryFolder()];
  const first = service(root, home, server.host);
  await build(first);
  await first.index.close();
  const file = path.join(indexFolder(home, root), 'index.db');
  const db = new DatabaseSync(file);
  const page = Number(
    db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'vector_ids'").get()?.rootpage,
  );
  db.close();
  damage(file, page);
  const second = service(root, home, server.host);
  await build(second);
  await untilVectors(second, ({ vectors, progress }) => vectors === 40 && progress === undefined);
  const found = await wholeness(root, home, server.host);
  expect(found).toEqual(whole(found));
});

function damage(file: string, page: number): void {
  execFileSync('dd', [
    ...[
      'if=/dev/urandom',
      `of=${file}`,
      'bs=4096',
      'count=1',
      `seek=${page - 1}`,
      'conv=notrunc',
      'status=none',
    ],
  ]);
}

test('a home that cannot be written: the index is in memory, and on the disk when it can be', async () => {
  const server = await withOllama([], { models: [EMBED] });
  const [root, home] = [repository(FILES), temporaryFolder()];
  writeFileSync(path.join(home, 'index'), 'in the way\n');
  const made = service(root, home, server.host);
  await build(made);
  expect(made.index.status()).toMatchObject({
    state: 'ready',
    files: 3,
    problem: expect.stringMatching(/^the index is kept in memory only, because .* cannot be used: /),
    vectors: { vectors: 3, backend: 'local' },
  });
  expect((await made.index.search('pool of sockets'))[0]?.path).toBe('src/pool.ts');
  rmSync(path.join(home, 'index'));
  await build(made);
  expect(made.index.status()).toEqual(expect.not.objectContaining({ problem: expect.anything() }));
  await made.index.close();
  const found = await wholeness(root, home, server.host);
  expect(found).toEqual(whole(found));
});

/** Its vectors take little room. */
const SMALL = { ...EMBED, embeddingLength: 64 };
const LARGE = Object.fromEntries(
  Array.from({ length: 40 }, (_, at) => [
    `src/large${at}.ts`,
    Array.from({ length: 200 }, (__, line) => `export const large${at}Line${line} = ${at * line};\n`).join(
      '',
    ),
  ]),
);

test.runIf(canMount)(
  'a disk that is full while files are read: what is there is found, and the rest when there is room',
  async () => {
    const server = await withOllama([], { models: [SMALL] });
    const [root, home] = [repository(FILES), smallDisk('40m')];
    const made = service(root, home, server.host);
    await build(made);
    fill(home);
    write(root, LARGE);
    await expect(made.index.update()).rejects.toThrow('database or disk is full');
    expect(made.index.status()).toMatchObject({ state: 'failed', problem: 'database or disk is full' });
    expect((await made.index.search('pool of sockets'))[0]?.path).toBe('src/pool.ts');
    rmSync(path.join(home, 'filler'));
    await build(made);
    expect(made.index.status()).toEqual(expect.not.objectContaining({ problem: expect.anything() }));
    await made.index.close();
    const found = await wholeness(root, home, server.host);
    expect(found).toEqual(whole(found));
  },
);

test.runIf(canMount)(
  'a disk that is full while vectors are made: that is said, and they are made when there is room',
  async () => {
    const [root, home] = [repository(LARGE), smallDisk('40m')];
    let isFull = false;
    const server = await withOllama([], {
      models: [SMALL],
      faultFor: ({ path: name }) => {
        if (name === '/api/embed' && !isFull) {
          isFull = true;
          fill(home);
        }
        return undefined;
      },
    });
    const made = service(root, home, server.host);
    await build(made);
    expect(lineOf(made)).toContain('embedding has stopped for now: database or disk is full');
    expect((await made.index.search('large7 line3'))[0]?.path).toBe('src/large7.ts');
    rmSync(path.join(home, 'filler'));
    await untilVectors(made, ({ problem }) => problem === undefined);
    await made.index.embedded();
    await made.index.close();
    const found = await wholeness(root, home, server.host);
    expect(found).toEqual(whole(found));
  },
);

test.runIf(canMount)(
  'a home that is read-only: by words and by vectors all the same, and on the disk when it can be',
  async () => {
    const server = await withOllama([], { models: [SMALL] });
    const [root, home] = [repository(FILES), smallDisk('40m')];
    execFileSync('mount', ['-o', 'remount,ro', home]);
    const made = service(root, home, server.host);
    await build(made);
    expect(made.index.status()).toMatchObject({
      state: 'ready',
      problem: expect.stringMatching(/^the index is kept in memory only, /),
      vectors: { vectors: 3, backend: 'local' },
    });
    expect((await made.index.search('pool of sockets'))[0]?.path).toBe('src/pool.ts');
    execFileSync('mount', ['-o', 'remount,rw', home]);
    await build(made);
    await made.index.close();
    const found = await wholeness(root, home, server.host);
    expect(found).toEqual(whole(found));
  },
);

test.runIf(canMount)('an index on a disk that has become read-only is used as it is', async () => {
  const server = await withOllama([], { models: [SMALL] });
  const [root, home] = [repository(FILES), smallDisk('40m')];
  const first = service(root, home, server.host);
  await build(first);
  await first.index.close();
  await until(() => serversIn(home).length === 0);
  // What has ended may hold its files a moment longer.
  await until(() => spawnSync('mount', ['-o', 'remount,ro', home]).status === 0);
  const made = service(root, home, server.host);
  await build(made);
  expect((await made.index.search('pool of sockets'))[0]?.path).toBe('src/pool.ts');
});
