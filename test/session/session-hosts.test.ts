/** Several hosts in a session that lasts: which is used, and when it is changed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startScriptedOllama } from '../../src/demo/scripted-ollama.ts';
import type { Event, Op } from '../../src/protocol.ts';
import { InteractiveSession } from '../../src/session/interactive-session.ts';
import { planSession } from '../../src/session/plan.ts';
import { isEnd } from '../support/agent.ts';
import { RENDERED, type TestOllama, withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SMALL = { ...RENDERED, contextLength: 16_384 };

/** A session in a repository of its own that may use these servers. */
async function open(servers: readonly Pick<TestOllama, 'host'>[], settings = '') {
  const user = await tempFolder();
  const [home, repo] = [path.join(user, 'home'), path.join(user, 'repo')];
  mkdirSync(path.join(repo, '.git'), { recursive: true });
  mkdirSync(home);
  const hosts = JSON.stringify(servers.map(({ host }) => host));
  const toml = `model = "base"\n[ollama]\nhosts = ${hosts}\nconnect_timeout_ms = 5000\n${settings}`;
  writeFileSync(path.join(home, 'config.toml'), toml);
  vi.stubEnv('OAGENT_HOME', home);
  vi.stubEnv('OLLAMA_HOST', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  const session = new InteractiveSession(planSession({ cd: repo }, { interactive: true }), { retryMs: 20 });
  onTestFinished(() => session.close());
  const events: Event[] = [];
  session.subscribe((event) => events.push(event));
  const after = (op: Op | undefined, fits: (event: Event) => boolean): Promise<Event> =>
    new Promise((resolve) => {
      const stop = session.subscribe((event) => {
        if (!fits(event)) return;
        stop();
        resolve(event);
      });
      if (op) session.submit(op);
    });
  return { session, events, after, say: (text: string) => after({ type: 'user_turn', text }, isEnd) };
}

const told = (events: readonly Event[]) =>
  events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
const configured = (events: readonly Event[]) =>
  events.flatMap((event) => (event.type === 'session_configured' ? [[event.host, event.numCtx]] : []));
const chats = (server: TestOllama) => server.log.filter(({ kind }) => kind === 'chat').length;

test('a host that is gone between two turns: the next one, planned for it, in one line', async () => {
  const first = await startScriptedOllama({ models: [RENDERED], script: [{ content: 'One.' }] });
  const second = await withOllama([{ content: 'Two.' }], { models: [SMALL] });
  const { session, events, say } = await open([first, second]);
  await session.start();
  expect(await say('hi')).toMatchObject({ type: 'turn_completed', lastMessage: 'One.' });
  expect([first.log.some(({ kind }) => kind === 'chat'), chats(second)]).toEqual([true, 0]);
  await first.close();
  expect(await say('and now')).toMatchObject({ type: 'turn_completed', lastMessage: 'Two.' });
  expect(configured(events)).toEqual([
    [first.host, 32_768],
    [second.host, 16_384],
  ]);
  expect(told(events)).toEqual([
    `${first.host} is gone: ${second.host} is used from now on, with base, 16,384 tokens (before: 32,768). It reads the conversation again`,
  ]);
  const [request] = second.log.filter(({ kind }) => kind === 'chat').map(({ body }) => body);
  const { messages } = request as { messages: { content: string }[] };
  expect(messages.slice(-3).map(({ content }) => content)).toEqual(['hi', 'One.', 'and now']);
  const states = events.filter((event) => event.type === 'server_state' && event.state === 'ready');
  expect(states.at(-1)).toEqual({
    type: 'server_state',
    state: 'ready',
    host: second.host,
    hosts: [
      { host: first.host, says: expect.stringContaining('ECONNREFUSED') },
      { host: second.host, says: expect.stringMatching(/^answers in/), isUsed: true },
    ],
  });
});

test('a turn never changes its host: it fails, and the next one goes on elsewhere', async () => {
  const first = await startScriptedOllama({
    models: [RENDERED],
    script: [{ content: 'never' }],
    onLoad: async () => {
      await first.close();
      return undefined;
    },
  });
  const second = await withOllama([{ content: 'Two.' }]);
  const { session, events, say, after } = await open([first, second], 'reconnect_ms = 0\n');
  await session.start();
  const moved = after(undefined, (event) => event.type === 'warning' && event.message.includes('is gone'));
  expect(await say('hi')).toMatchObject({ type: 'turn_failed' });
  expect(chats(second)).toBe(0);
  await moved;
  expect(await say('again')).toMatchObject({ type: 'turn_completed', lastMessage: 'Two.' });
  expect(configured(events).map(([host]) => host)).toEqual([first.host, second.host]);
});

test('none answers: the error lists them all, and the first that comes is used', async () => {
  const gone = { host: 'http://127.0.0.1:1' };
  const free = await startScriptedOllama({ models: [RENDERED], script: [] });
  await free.close();
  const { session, after, say } = await open([gone, free]);
  const down = after(undefined, (event) => event.type === 'server_state' && event.state === 'down');
  await session.start();
  expect(await down).toMatchObject({
    message: expect.stringContaining(`\n  ${free.host}: nobody answers (ECONNREFUSED)`),
  });
  const back = await startScriptedOllama({
    models: [RENDERED],
    script: [{ content: 'Here.' }],
    port: Number(new URL(free.host).port),
  });
  onTestFinished(() => back.close());
  expect(await say('hi')).toMatchObject({ type: 'turn_completed', lastMessage: 'Here.' });
});

/** Starts a server where `gone` was. */
async function backAt(gone: { readonly host: string }, content: string) {
  const port = Number(new URL(gone.host).port);
  const back = await startScriptedOllama({ models: [RENDERED], script: [{ content }], port });
  onTestFinished(() => back.close());
  return back;
}

test('a host that has come back is not returned to', async () => {
  const gone = await startScriptedOllama({ models: [RENDERED], script: [] });
  await gone.close();
  const second = await withOllama([{ content: 'One.' }, { content: 'Two.' }]);
  const { session, events, after, say } = await open([gone, second]);
  await session.start();
  await say('hi');
  const back = await backAt(gone, 'never');
  await after({ type: 'connect' }, (event) => event.type === 'server_state' && event.state === 'ready');
  expect(await say('and now')).toMatchObject({ type: 'turn_completed', lastMessage: 'Two.' });
  expect([back.log.filter(({ kind }) => kind === 'chat'), told(events)]).toEqual([[], []]);
});

test('a session stays where its model is, though only another host answers, which lacks it', async () => {
  const first = await startScriptedOllama({ models: [RENDERED], script: [{ content: 'One.' }] });
  const second = await withOllama([], { models: [{ ...RENDERED, name: 'other' }] });
  const { session, events, after, say } = await open([first, second], 'reconnect_ms = 0\n');
  await session.start();
  await say('hi');
  await first.close();
  const lost = after(undefined, (event) => event.type === 'server_state' && event.state === 'no_model');
  expect(await say('lost')).toMatchObject({ type: 'turn_failed' });
  await lost;
  await backAt(first, 'Two.');
  expect(await say('and now')).toMatchObject({ type: 'turn_completed', lastMessage: 'Two.' });
  expect([configured(events).map(([host]) => host), told(events)]).toEqual([[first.host], []]);
});

test('a single host in the list is asked for nothing more than one without a list', async () => {
  const [listed, plain] = [await withOllama([{ content: 'Hi.' }]), await withOllama([{ content: 'Hi.' }])];
  const one = await open([listed]);
  await one.session.start();
  await one.say('hi');
  const named = await open([], `host = "${plain.host}"\n`);
  await named.session.start();
  await named.say('hi');
  expect(listed.log.map(({ path: route }) => route)).toEqual(plain.log.map(({ path: route }) => route));
});
