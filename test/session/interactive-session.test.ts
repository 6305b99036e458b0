import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ModelSpec } from '../../src/demo/models.ts';
import type { Script } from '../../src/demo/script.ts';
import { type ScriptedOllamaOptions, startScriptedOllama } from '../../src/demo/scripted-ollama.ts';
import { OllamaClient } from '../../src/model/client.ts';
import { ModelMeasures } from '../../src/model/measures.ts';
import type { Event, Op } from '../../src/protocol.ts';
import type { SessionFlags } from '../../src/session/flags.ts';
import { InteractiveSession } from '../../src/session/interactive-session.ts';
import { planSession, releaseStored, type SessionPlan } from '../../src/session/plan.ts';
import { resumePlan } from '../../src/session/stored.ts';
import { isEnd } from '../support/agent.ts';
import { NOTHING_SEEN } from '../support/evidence.ts';
import { NATIVE, RENDERED, type TestOllama, withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Opened {
  readonly session: InteractiveSession;
  readonly events: readonly Event[];
  readonly user: string;
  readonly repo: string;
  /** Submits, then waits for the next event that fits. */
  readonly after: (op: Op | undefined, fits: (event: Event) => boolean) => Promise<Event>;
}

/** A session in a trusted repository of a user of its own. */
async function open(host: string, flags: SessionFlags = {}, retryMs = 20): Promise<Opened> {
  const user = await tempFolder();
  const repo = path.join(user, 'repo');
  mkdirSync(path.join(repo, '.git'), { recursive: true });
  mkdirSync(path.join(user, '.oagent'));
  writeFileSync(
    path.join(user, '.oagent', 'config.toml'),
    `[projects."${repo}"]\ntrust_level = "trusted"\n[unknown]\n`,
  );
  vi.stubEnv('HOME', user);
  vi.stubEnv('OAGENT_HOME', path.join(user, '.oagent'));
  vi.stubEnv('OLLAMA_HOST', host);
  onTestFinished(() => void vi.unstubAllEnvs());
  const session = new InteractiveSession(planSession({ cd: repo, ...flags }, { interactive: true }), {
    retryMs,
  });
  onTestFinished(() => session.close());
  const events: Event[] = [];
  session.subscribe((event) => events.push(event));
  const after: Opened['after'] = (op, fits) =>
    new Promise((resolve) => {
      const stop = session.subscribe((event) => {
        if (!fits(event)) return;
        stop();
        resolve(event);
      });
      if (op) session.submit(op);
    });
  return { session, events, user, repo, after };
}

const isState = (state: string) => (event: Event) => event.type === 'server_state' && event.state === state;
const isType = (type: Event['type']) => (event: Event) => event.type === type;

/** What a front end hears, without the parts that another test is about. */
const main = (events: readonly Event[]): Event[] =>
  events.filter(
    ({ type }) =>
      !['item_started', 'item_delta', 'item_completed', 'token_count', 'model_phase'].includes(type),
  );

/** A port on which nobody listens, and that nobody else gets while the test runs on it. */
async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function serverAt(
  port: number,
  script: Script,
  more: Partial<ScriptedOllamaOptions> = {},
): Promise<void> {
  const server = await startScriptedOllama({ models: [RENDERED], script, port, ...more });
  onTestFinished(() => server.close());
}

const configured = (server: Pick<TestOllama, 'host'>, { repo }: Opened, model: string): Event => ({
  type: 'session_configured',
  threadId: expect.any(String),
  model,
  host: server.host,
  numCtx: 32_768,
  cwd: repo,
  // Half of an answer.
  ...(model !== 'native' && { thinking: { effort: 'on', most: 4_096 } }),
});

test('it connects, says what is wrong with the configuration, and runs what was asked before', async () => {
  const server = await withOllama([{ content: 'Hello.' }]);
  const opened = await open(server.host, { model: 'base' });
  opened.session.submit({ type: 'user_turn', text: 'early' });
  await Promise.all([opened.after(undefined, isEnd), opened.session.start()]);
  const entries = [{ id: 'q1', text: 'early', kind: 'queue' }];
  expect(main(opened.events)).toEqual([
    { type: 'server_state', state: 'connecting', host: server.host },
    { type: 'queue_changed', entries },
    { type: 'warning', message: expect.stringContaining('unrecognized configuration setting') },
    { type: 'server_state', state: 'ready', host: server.host },
    configured(server, opened, 'base'),
    { type: 'queue_changed', entries: [] },
    { type: 'turn_started', turnId: expect.any(String) },
    {
      type: 'turn_completed',
      turnId: expect.any(String),
      usage: expect.any(Object),
      lastMessage: 'Hello.',
      evidence: NOTHING_SEEN,
    },
  ]);
  const before = opened.events.length;
  await opened.after({ type: 'connect' }, isState('ready'));
  expect(opened.events.slice(before)).toEqual([{ type: 'server_state', state: 'ready', host: server.host }]);
});

test('what is submitted before the start waits for it, even what needs no agent', async () => {
  const server = await withOllama([{ content: 'Hello.' }]);
  const { session, events, after } = await open(server.host, { model: 'base' });
  session.submit({ type: 'list_sessions' });
  session.submit({ type: 'user_turn', text: 'early' });
  const end = after(undefined, isEnd);
  expect([events, server.log]).toEqual([[], []]);
  await session.start();
  expect(await end).toMatchObject({ lastMessage: 'Hello.' });
  expect(events.filter(isType('sessions'))).toEqual([{ type: 'sessions', sessions: [], hasExec: false }]);
  expect(await session.filesFor('early')).toEqual([]);
});

test('it starts with what the user allowed meanwhile, and says so', async () => {
  const server = await withOllama([{ content: 'Hello.' }]);
  const { session, events, after, repo } = await open(server.host, { model: 'base', sandbox: 'read-only' });
  const ready = after(undefined, isType('session_configured'));
  await session.start(planSession({ cd: repo, model: 'native' }, { interactive: true }));
  expect(await ready).toMatchObject({ model: 'native' });
  expect(events.slice(0, 2)).toEqual([
    {
      type: 'permissions_changed',
      mode: 'workspace-write',
      approval: 'on-request',
      sandbox: 'workspace-write',
    },
    { type: 'server_state', state: 'connecting', host: server.host },
  ]);
});

test('one that was never started gives back the session that it was to resume', async () => {
  const server = await withOllama([{ content: 'Hello.' }]);
  const { session, after, repo } = await open(server.host, { model: 'base' });
  await session.start();
  await after({ type: 'user_turn', text: 'one' }, isEnd);
  const choice = { kind: 'resume', session: session.keptAs } as const;
  await session.close();
  const plan = (): SessionPlan => resumePlan(planSession({ cd: repo }, { interactive: true }), choice);
  const unstarted = new InteractiveSession(plan());
  expect(plan).toThrow(/is open in another oagent/);
  await unstarted.close();
  releaseStored(plan());
});

test('a server that goes in the middle is waited for, and the turn continues', async () => {
  const port = await freePort();
  const host = `http://127.0.0.1:${port}`;
  const first = await startScriptedOllama({ models: [RENDERED], script: [{ content: 'a' }], port });
  const opened = await open(host, { model: 'base' });
  await opened.session.start();
  await opened.after({ type: 'user_turn', text: 'one' }, isEnd);
  await first.close();
  const isGone = (event: Event): boolean =>
    event.type === 'retry' && event.reason.startsWith('no Ollama server at ');
  await opened.after({ type: 'user_turn', text: 'two' }, isGone);
  const end = opened.after(undefined, isEnd);
  await serverAt(port, [{ content: 'b' }, { content: 'c' }]);
  expect(await end).toMatchObject({ type: 'turn_completed', lastMessage: 'b' });
  expect(await opened.after({ type: 'user_turn', text: 'three' }, isEnd)).toMatchObject({ lastMessage: 'c' });
});

test('without a server it says so once, asks again by itself, and goes on when there is one', async () => {
  const port = await freePort();
  const host = `http://127.0.0.1:${port}`;
  const opened = await open(host, { model: 'base' });
  const down = opened.after(undefined, isState('down'));
  await opened.session.start();
  await down;
  opened.session.submit({ type: 'user_turn', text: 'wait for it' });
  opened.session.submit({ type: 'user_turn', text: 'not this' });
  opened.session.submit({ type: 'unqueue', id: 'q2' });
  const shown = opened.after({ type: 'user_shell', command: 'echo up' }, isType('item_completed'));
  expect(await shown).toMatchObject({ item: { output: 'up\n', source: 'user' } });
  // Asked again now, it is told again.
  await opened.after({ type: 'connect' }, isState('down'));
  const end = opened.after(undefined, isEnd);
  await serverAt(port, [{ content: 'There.' }]);
  expect(await end).toMatchObject({ lastMessage: 'There.' });
  const state = (name: string, more: object = {}) => ({ type: 'server_state', state: name, host, ...more });
  const message = expect.stringMatching(
    /^no Ollama server at .* \(ECONNREFUSED\): start it with `ollama serve`/,
  );
  expect(opened.events.filter(isType('server_state'))).toEqual([
    state('connecting'),
    state('down', { message }),
    state('connecting'),
    state('down', { message }),
    state('ready'),
  ]);
  expect(opened.events.filter(isType('unqueued'))).toEqual([
    { type: 'unqueued', id: 'q2', text: 'not this' },
  ]);
});

test('an interrupt without a server gives the user back what waits', async () => {
  const opened = await open(`http://127.0.0.1:${await freePort()}`, {}, 60_000);
  await opened.session.start();
  opened.session.submit({ type: 'user_turn', text: 'a' });
  opened.session.submit({ type: 'interrupt' });
  expect(opened.events.slice(-2)).toEqual([
    { type: 'queue_changed', entries: [] },
    { type: 'unqueued', id: 'q1', text: 'a' },
  ]);
});

test('a missing model is for the user to settle: by naming another one', async () => {
  const server = await withOllama([{ content: 'Here.' }]);
  const opened = await open(server.host, { model: 'nope' });
  const missing = opened.after(undefined, isState('no_model'));
  await opened.session.start();
  expect(await missing).toEqual({
    type: 'server_state',
    state: 'no_model',
    host: server.host,
    message:
      "model 'nope' is not installed. Get it with `ollama pull nope`. Installed: base:latest, native:latest",
  });
  opened.session.submit({ type: 'set_model', model: 'also-nope' });
  opened.session.submit({ type: 'set_model', model: 'native', effort: 'much' });
  opened.session.submit({ type: 'set_model', model: 'native' });
  const end = await opened.after({ type: 'user_turn', text: 'Go.' }, isEnd);
  expect(end).toMatchObject({ type: 'turn_completed', lastMessage: 'Here.' });
  expect(main(opened.events).slice(3, -2)).toEqual([
    { type: 'queue_changed', entries: [{ id: 'q1', text: 'Go.', kind: 'queue' }] },
    {
      type: 'warning',
      message: expect.stringMatching(/^model 'also-nope' is not installed/),
      refused: 'set_model',
    },
    {
      type: 'warning',
      message: 'unknown effort "much"; choose one of none, minimal, low, medium, high, xhigh',
      refused: 'set_model',
    },
    { type: 'server_state', state: 'ready', host: server.host },
    configured(server, opened, 'native'),
    { type: 'queue_changed', entries: [] },
  ]);
});

test('a pull gives the server a model, and the session uses it', async () => {
  const library: ModelSpec[] = [{ ...RENDERED, name: 'new', size: 1_000_000 }];
  const server = await withOllama([{ content: 'Pulled.' }], { models: [], library });
  const opened = await open(server.host);
  const missing = opened.after(undefined, isState('no_model'));
  await opened.session.start();
  expect(await missing).toMatchObject({
    message: 'no model is installed. Get one with `ollama pull qwen3-coder`',
  });
  expect(await opened.after({ type: 'pull_model', name: 'typo' }, isType('pull_ended'))).toEqual({
    type: 'pull_ended',
    name: 'typo',
    error: "Ollama's library has no model typo; see https://ollama.com/search",
  });
  const before = opened.events.length;
  await opened.after({ type: 'pull_model', name: 'new' }, isType('session_configured'));
  const progress = (status: unknown, ...[completed, total]: number[]) => ({
    type: 'pull_progress',
    name: 'new',
    status,
    ...(total === undefined ? {} : { completed, total }),
  });
  const part = expect.stringMatching(/^pulling [0-9a-f]{12}$/);
  const [whole, all] = [1_000_000, 1_001_429];
  expect(opened.events.slice(before)).toEqual([
    progress('pulling manifest'),
    progress(part, 0, whole),
    progress(part, whole, whole),
    progress(part, whole, all),
    progress(part, all, all),
    progress('verifying sha256 digest', all, all),
    progress('writing manifest', all, all),
    progress('success', all, all),
    { type: 'pull_ended', name: 'new' },
    { type: 'server_state', state: 'ready', host: server.host },
    configured(server, opened, 'new:latest'),
  ]);
});

test('a pull can be cancelled, and ends once', async () => {
  const library: ModelSpec[] = [{ ...RENDERED, name: 'new' }];
  const server = await withOllama([], { library, chunkDelayMs: 60_000 });
  const opened = await open(server.host);
  await opened.session.start();
  await opened.after({ type: 'pull_model', name: 'new' }, isType('pull_progress'));
  opened.session.submit({ type: 'pull_model', name: 'new' });
  opened.session.submit({ type: 'cancel_pull', name: 'other' });
  await opened.after({ type: 'cancel_pull', name: 'new' }, isType('pull_ended'));
  await server.waitForAbort(1);
  expect(opened.events.filter(({ type }) => type.startsWith('pull_'))).toEqual([
    { type: 'pull_progress', name: 'new', status: 'pulling manifest' },
    { type: 'pull_ended', name: 'new', error: 'cancelled' },
  ]);
});

test('the installed models are listed with what the server knows of them', async () => {
  const server = await withOllama([{ content: 'a' }], { models: [{ ...RENDERED, size: 5 }, NATIVE] });
  const opened = await open(server.host, { model: 'base', config: ['models.base.profile=native'] });
  await opened.session.start();
  await opened.after({ type: 'user_turn', text: 'load it' }, isEnd);
  const client = new OllamaClient({ host: server.host, headers: {} });
  const [, native] = await client.installed(new AbortController().signal);
  const measures = new ModelMeasures(path.join(opened.user, '.oagent'));
  measures.keepCalls(server.host, 'native', native?.digest ?? '', { native: 0, leaked: 2, none: 0 });
  const common = { parameterSize: '8.2B', quantization: 'Q4_K_M', family: 'qwen3', isRemote: false };
  expect(await opened.after({ type: 'list_models' }, isType('models'))).toEqual({
    type: 'models',
    models: [
      {
        ...common,
        name: 'base:latest',
        size: 5,
        capabilities: ['tools', 'thinking'],
        contextLength: 32_768,
        loadedWindow: 32_768,
        profile: 'native',
      },
      {
        ...common,
        name: 'native:latest',
        size: 4_700_000_000,
        capabilities: ['tools'],
        contextLength: 32_768,
        profile: 'led',
      },
    ],
  });
});

test('permissions change between turns: the model is told, its tools stay as they were', async () => {
  const server = await withOllama([
    { content: 'a' },
    { toolCalls: [{ name: 'shell', arguments: { command: 'echo free > ../outside' } }] },
    { content: 'b' },
  ]);
  const opened = await open(server.host, { model: 'base' });
  await opened.session.start();
  await opened.after({ type: 'user_turn', text: 'one' }, isEnd);
  const change = { type: 'set_permissions', mode: 'danger-full-access', approval: 'never' } as const;
  expect(await opened.after(change, isType('permissions_changed'))).toEqual({
    type: 'permissions_changed',
    mode: 'danger-full-access',
    approval: 'never',
    sandbox: 'danger-full-access',
  });
  await opened.after({ type: 'user_turn', text: 'two' }, isEnd);
  const chats = server.log.filter(({ kind }) => kind === 'chat').map(({ body }) => body) as {
    messages: { content: string }[];
    tools: unknown;
  }[];
  expect(chats[1]?.tools).toEqual(chats[0]?.tools);
  expect(chats[1]?.messages.slice(-2).map(({ content }) => content)).toEqual([
    '<environment_context>\n  <sandbox>danger-full-access, network on</sandbox>\n</environment_context>',
    'two',
  ]);
  expect(chats[2]?.messages.at(-1)?.content).toMatch(/^Exit code: 0\n/);
});

test('what the folder does not allow, and what a turn forbids, is refused with the reason', async () => {
  const hold = Promise.withResolvers<void>();
  const server = await withOllama([{ content: 'a', waitFor: hold.promise }]);
  const opened = await open(server.host, { model: 'base', sandbox: 'read-only' });
  const home = await open(server.host, { model: 'base', cd: opened.user });
  await home.session.start();
  await opened.session.start();
  vi.stubEnv('HOME', opened.user);
  const write = { type: 'set_permissions', mode: 'workspace-write', approval: 'on-request' } as const;
  home.session.submit(write);
  await opened.after(undefined, isType('session_configured'));
  const end = opened.after({ type: 'user_turn', text: 'one' }, isEnd);
  opened.session.submit(write);
  opened.session.submit({ type: 'set_model', model: 'native' });
  hold.resolve();
  await end;
  const warnings = [home, opened].map(({ events }) =>
    events.filter(isType('warning')).flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
  );
  expect(warnings.map((list) => list.filter((text) => !text.startsWith('oagent is ignoring')))).toEqual([
    [expect.stringMatching(/^refusing to make .+ writable: it is your home folder\. Start oagent/)],
    [
      'permissions can be changed between turns: interrupt this one first',
      'the model can be changed between turns: interrupt this one first',
    ],
  ]);
});

test('a new session has a new thread, an empty history and the same model; what waited is handed back', async () => {
  const server = await withOllama([
    { content: 'a' },
    { content: 'Never.', waitFor: new Promise(() => undefined) },
    { content: 'b' },
  ]);
  const opened = await open(server.host, { model: 'base' });
  await opened.session.start();
  await opened.after({ type: 'user_turn', text: 'one' }, isEnd);
  opened.session.submit({ type: 'user_turn', text: 'two' });
  opened.session.submit({ type: 'user_turn', text: 'draft' });
  await server.waitForRequest(2);
  const before = opened.events.length;
  opened.session.submit({ type: 'new_session' });
  expect(
    await opened.after({ type: 'user_turn', text: 'three' }, (event) => event.type === 'turn_completed'),
  ).toMatchObject({
    lastMessage: 'b',
  });
  expect(main(opened.events.slice(before)).slice(0, -2)).toEqual([
    { type: 'queue_changed', entries: [] },
    { type: 'unqueued', id: 'q2', text: 'draft' },
    { type: 'turn_aborted', turnId: expect.any(String) },
    configured(server, opened, 'base'),
  ]);
  const threads = opened.events.flatMap((event) =>
    event.type === 'session_configured' ? [event.threadId] : [],
  );
  expect(new Set(threads).size).toBe(2);
  const last = server.log.findLast(({ kind }) => kind === 'chat')?.body as {
    messages: { content: string }[];
  };
  expect(last.messages.map(({ content }) => content).slice(2)).toEqual(['three']);
});

test('the end leaves nothing behind, whatever was going on', async () => {
  const server = await withOllama([{ content: 'Never.', waitFor: new Promise(() => undefined) }], {
    library: [{ ...RENDERED, name: 'new' }],
    chunkDelayMs: 60_000,
  });
  const opened = await open(server.host, { model: 'base' });
  await opened.session.start();
  await opened.after({ type: 'pull_model', name: 'new' }, isType('pull_progress'));
  const running = opened.after({ type: 'user_shell', command: 'sleep 611' }, isType('item_started'));
  await running;
  opened.session.submit({ type: 'user_turn', text: 'a' });
  await server.waitForRequest(1);
  await opened.session.close();
  await Promise.all([server.waitForAbort(1), server.waitForAbort(2)]);
  const after = opened.events.length;
  opened.session.submit({ type: 'user_turn', text: 'late' });
  opened.session.submit({ type: 'connect' });
  opened.session.submit({ type: 'new_session' });
  expect(opened.events.length).toBe(after);
  expect(
    opened.events
      .slice(-3)
      .map(({ type }) => type)
      .toSorted(),
  ).toEqual(['item_completed', 'pull_ended', 'turn_aborted']);
});
