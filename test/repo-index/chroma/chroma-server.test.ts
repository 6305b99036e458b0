import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import {
  type ChromaServer,
  type ChromaServerOptions,
  startChroma,
} from '../../../src/repo-index/chroma/chroma-server.ts';
import { temporaryFolder, until } from '../repository.ts';
import { never } from '../vector-items.ts';
import { addonOption, hasChroma, isRunning, spawnSource, stop } from '../vector-support.ts';

/** Starts or joins; whatever happens, nothing is left when the test is over. */
async function start(options: Partial<ChromaServerOptions> & { dataDir: string }): Promise<ChromaServer> {
  const outcome = await startChroma({ ...addonOption, ...options }, never.signal);
  if (!('server' in outcome)) throw new Error(outcome.unavailable);
  onTestFinished(() => outcome.server.kill());
  return outcome.server;
}

async function heartbeat(port: number): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}/api/v2/heartbeat`)).status;
}

test.runIf(hasChroma)('a server starts, answers, and ends when it is let go', async () => {
  const dataDir = temporaryFolder();
  const server = await start({ dataDir });
  expect([server.isJoined, await heartbeat(server.port)]).toEqual([false, 200]);
  await server.close();
  await until(() => !isRunning(server.pid));
  expect(existsSync(path.join(dataDir, 'server.json'))).toBe(false);
});

test.runIf(hasChroma)(
  'as long as a server runs its directory is locked, and free at once when it was killed',
  async () => {
    const dataDir = temporaryFolder();
    const server = await start({ dataDir });
    const lock = (): void => {
      const file = new DatabaseSync(path.join(dataDir, 'chroma.lock'));
      try {
        file.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
      } finally {
        file.close();
      }
    };
    expect(lock).toThrow('database is locked');
    await server.kill();
    expect(lock).not.toThrow();
  },
);

test.runIf(hasChroma)('the second on the same directory joins; the server ends with the last', async () => {
  const dataDir = temporaryFolder();
  const first = await start({ dataDir });
  const second = await start({ dataDir });
  expect([second.isJoined, second.pid, second.port]).toEqual([true, first.pid, first.port]);
  await first.close();
  await first.lost;
  expect(await heartbeat(second.port)).toBe(200);
  await second.close();
  await until(() => !isRunning(second.pid));
});

test.runIf(hasChroma)('of many that start at once one server comes', async () => {
  const dataDir = temporaryFolder();
  const servers = await Promise.all([1, 2, 3, 4].map(() => start({ dataDir })));
  expect(new Set(servers.map(({ pid }) => pid)).size).toBe(1);
  expect(servers.filter(({ isJoined }) => !isJoined)).toHaveLength(1);
});

test.runIf(hasChroma)('a server that was killed is noticed, and the next start replaces it', async () => {
  const dataDir = temporaryFolder();
  const first = await start({ dataDir });
  process.kill(first.pid, 'SIGKILL');
  await first.lost;
  const second = await start({ dataDir });
  expect([second.isJoined, await heartbeat(second.port)]).toEqual([false, 200]);
});

/** Listens, and says where. */
async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test.runIf(hasChroma)('a port that is taken is passed over', async () => {
  const dataDir = temporaryFolder();
  const taken = createServer();
  const busy = await portOf(taken);
  onTestFinished(() => void taken.close());
  const picked: number[] = [];
  const pickPort = async (): Promise<number> => {
    const other = createServer();
    const port = picked.length < 2 ? busy : await portOf(other);
    other.close();
    picked.push(port);
    return port;
  };
  const server = await start({ dataDir, pickPort });
  expect([picked.slice(0, 2), server.port, await heartbeat(server.port)]).toEqual([
    [busy, busy],
    picked.at(-1),
    200,
  ]);
});

test.runIf(hasChroma)(
  'a server that is stopped and holds the lock is killed, and another one starts',
  async () => {
    const dataDir = temporaryFolder();
    const first = await start({ dataDir });
    await stop(first.pid);
    const outcome = await startChroma({ ...addonOption, dataDir, startTimeoutMs: 3000 }, never.signal);
    expect(outcome).toEqual({
      unavailable: 'another process holds its data directory and does not answer',
      cause: 'busy',
    });
    await first.lost;
    expect((await start({ dataDir })).isJoined).toBe(false);
  },
);

test.runIf(hasChroma)('a stale server.json with the port of a stranger is seen through', async () => {
  const dataDir = temporaryFolder();
  const stranger = createServer((socket) => socket.end('{"token":"other","pid":1}\n'));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void stranger.close());
  const address = stranger.address();
  const controlPort = typeof address === 'object' && address ? address.port : 0;
  const info = { token: 'mine', pid: process.pid, bornAt: '', port: controlPort, controlPort };
  writeFileSync(path.join(dataDir, 'server.json'), JSON.stringify(info));
  const server = await start({ dataDir });
  expect([server.isJoined, server.port === controlPort]).toEqual([false, false]);
});

test.runIf(hasChroma).each(['', '{', '[]', '{"controlPort":1}', 'null', '\0\0'])(
  'a server.json of %j is no server',
  async (text) => {
    const dataDir = temporaryFolder();
    writeFileSync(path.join(dataDir, 'server.json'), text);
    expect((await start({ dataDir })).isJoined).toBe(false);
  },
);

test.runIf(hasChroma)('no server is left when the process that uses it is killed', async () => {
  const dataDir = temporaryFolder();
  const user = spawnSource('test/repo-index/chroma/server-user.ts', [dataDir]);
  const pid = await new Promise<number>((resolve) => {
    user.stdout?.once('data', (text) => resolve(Number(text)));
  });
  expect(isRunning(pid)).toBe(true);
  user.kill('SIGKILL');
  await until(() => !isRunning(pid));
});

test('an addon that cannot be loaded is unavailable for good, with the reason', async () => {
  const dataDir = temporaryFolder();
  const broken = path.join(temporaryFolder(), 'broken.node');
  writeFileSync(broken, 'no addon');
  expect(await startChroma({ dataDir, addon: broken }, never.signal)).toEqual({
    unavailable: expect.stringMatching(/^Chroma's server cannot be loaded: .*broken\.node/),
    cause: 'unloadable',
  });
  expect(await startChroma({ dataDir, addon: '/nowhere/x.node' }, never.signal)).toEqual({
    unavailable: 'there is no Chroma addon at /nowhere/x.node',
    cause: 'unloadable',
  });
});

test('a folder that cannot be written to is unavailable, with the reason', async () => {
  const file = path.join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(await startChroma({ ...addonOption, dataDir: path.join(file, 'sub') }, never.signal)).toEqual({
    unavailable: expect.stringContaining('ENOTDIR'),
    cause: 'busy',
  });
});

test.runIf(hasChroma && process.getuid?.() !== 0)('a read-only folder is unavailable', async () => {
  const dataDir = path.join(temporaryFolder(), 'data');
  mkdirSync(dataDir);
  chmodSync(dataDir, 0o500);
  expect(await startChroma({ ...addonOption, dataDir }, never.signal)).toEqual({
    unavailable: 'unable to open database file',
    cause: 'failed',
  });
});

test.runIf(hasChroma)('an abort ends the start and leaves nothing behind', async () => {
  const dataDir = temporaryFolder();
  const controller = new AbortController();
  const pending = startChroma({ ...addonOption, dataDir }, controller.signal);
  await until(() => existsSync(path.join(dataDir, 'chroma.yaml')));
  controller.abort(new Error('enough'));
  await expect(pending).rejects.toThrow('enough');
  const server = await start({ dataDir });
  expect(server.isJoined).toBe(false);
  expect(readFileSync(path.join(dataDir, 'server.json'), 'utf8')).toContain(`"pid":${server.pid}`);
});
