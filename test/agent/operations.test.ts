import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Script, Turn } from '../../src/demo/script.ts';
import type { Event } from '../../src/protocol.ts';
import { isEnd, openItems, type TestAgent, testAgent } from '../support/agent.ts';
import { type TestOllama, withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Body {
  readonly messages: readonly {
    readonly role: string;
    readonly content: string;
    readonly images?: unknown;
  }[];
}

const bodies = (server: TestOllama): Body[] =>
  server.log.filter((entry) => entry.kind === 'chat').map((entry) => entry.body as Body);

const shell = (command: string): Turn => ({ toolCalls: [{ name: 'shell', arguments: { command } }] });

async function open(
  script: Script,
  options: Parameters<typeof testAgent>[1] = {},
): Promise<TestAgent & { server: TestOllama }> {
  const server = await withOllama(script);
  return { server, ...(await testAgent(server, options)) };
}

/** The events of a conversation without what the model's server reports beside. */
function story(events: readonly Event[]): unknown[] {
  return events.flatMap((event): unknown[] => {
    switch (event.type) {
      case 'model_phase':
      case 'token_count':
      case 'item_started':
      case 'item_delta':
        return [];
      case 'item_completed':
        return event.item.type === 'user_message' || event.item.type === 'agent_message'
          ? [`${event.item.type}: ${event.item.text}`]
          : [event.item.type];
      case 'turn_started':
      case 'turn_completed':
      case 'turn_aborted':
      case 'turn_failed':
        return [event.type];
      default:
        return [event];
    }
  });
}

const never = new Promise(() => undefined);
const steer = (id: string, text: string) => ({ id, text, kind: 'steer' });
const queued = (id: string, text: string) => ({ id, text, kind: 'queue' });
const changed = (...entries: unknown[]) => ({ type: 'queue_changed', entries });

test('what waits is told at each change: steers leave before the next request, turns one by one', async () => {
  const go = Promise.withResolvers<void>();
  const { agent, events, waitFor, server } = await open([
    { ...shell('true'), waitFor: go.promise },
    { content: 'One.' },
    { content: 'Two.' },
    { content: 'Three.' },
  ]);
  agent.submit({ type: 'user_turn', text: 'a' });
  agent.submit({ type: 'user_turn', text: 'b' });
  agent.submit({ type: 'steer', text: 's' });
  agent.submit({ type: 'user_turn', text: 'c', images: ['aW1n'] });
  agent.submit({ type: 'unqueue', id: 'nothing' });
  go.resolve();
  for (let turns = 0; turns < 3; turns += 1) await waitFor(isEnd);
  expect(story(events)).toEqual([
    'turn_started',
    'user_message: a',
    changed(queued('q1', 'b')),
    changed(queued('q1', 'b'), steer('q2', 's')),
    changed(queued('q1', 'b'), steer('q2', 's'), queued('q3', 'c')),
    'command_execution',
    changed(queued('q1', 'b'), queued('q3', 'c')),
    'user_message: s',
    'agent_message: One.',
    'turn_completed',
    changed(queued('q3', 'c')),
    'turn_started',
    'user_message: b',
    'agent_message: Two.',
    'turn_completed',
    changed(),
    'turn_started',
    'user_message: c',
    {
      type: 'warning',
      message: 'base has no vision: it only learns that there was an image (no other model is asked)',
    },
    'agent_message: Three.',
    'turn_completed',
  ]);
  expect(bodies(server).map(({ messages }) => messages.at(-1)?.content)).toEqual([
    'a',
    's',
    'b',
    'c\nimage content omitted because you do not support image input',
  ]);
});

test('an entry is taken back once, with its images', async () => {
  const session = await open([{ content: 'Never.', waitFor: never }]);
  const { agent, events } = session;
  agent.submit({ type: 'user_turn', text: 'a' });
  agent.submit({ type: 'user_turn', text: 'b', images: ['aW1n'] });
  agent.submit({ type: 'unqueue', id: 'q1' });
  agent.submit({ type: 'unqueue', id: 'q1' });
  expect(story(events)).toEqual([
    'turn_started',
    'user_message: a',
    changed(queued('q1', 'b')),
    changed(),
    { type: 'unqueued', id: 'q1', text: 'b', images: ['aW1n'] },
  ]);
});

test('an interrupt hands back what waits, before the turn ends', async () => {
  const session = await open([{ content: 'Never.', waitFor: never }]);
  const { agent, events, waitFor } = session;
  const end = waitFor(isEnd);
  agent.submit({ type: 'user_turn', text: 'a' });
  agent.submit({ type: 'user_turn', text: 'later' });
  agent.submit({ type: 'steer', text: 'now' });
  agent.submit({ type: 'interrupt' });
  await end;
  expect(story(events)).toEqual([
    'turn_started',
    'user_message: a',
    changed(queued('q1', 'later')),
    changed(queued('q1', 'later'), steer('q2', 'now')),
    changed(),
    { type: 'unqueued', id: 'q1', text: 'later' },
    { type: 'unqueued', id: 'q2', text: 'now' },
    'turn_aborted',
  ]);
});

test('an interrupt that resubmits sends the steers at once and keeps the queue', async () => {
  const { agent, events, waitFor, server } = await open([
    { content: 'Never.', waitFor: never },
    { content: 'Yes.' },
    { content: 'Then.' },
  ]);
  agent.submit({ type: 'user_turn', text: 'a' });
  agent.submit({ type: 'steer', text: 'no,' });
  agent.submit({ type: 'user_turn', text: 'later' });
  agent.submit({ type: 'steer', text: 'this' });
  await server.waitForRequest(1);
  agent.submit({ type: 'interrupt', resubmit: true });
  for (let turns = 0; turns < 3; turns += 1) await waitFor(isEnd);
  expect(story(events).slice(5)).toEqual([
    'turn_aborted',
    changed(queued('q2', 'later')),
    'turn_started',
    'user_message: no,\nthis',
    'agent_message: Yes.',
    'turn_completed',
    changed(),
    'turn_started',
    'user_message: later',
    'agent_message: Then.',
    'turn_completed',
  ]);
});

test('a turn that fails hands back what waits', async () => {
  const hold = Promise.withResolvers<void>();
  const { agent, events, waitFor } = await open([
    { waitFor: hold.promise, fault: { kind: 'status', status: 400, body: { error: 'no' } } },
  ]);
  agent.submit({ type: 'user_turn', text: 'a' });
  agent.submit({ type: 'user_turn', text: 'b' });
  hold.resolve();
  await waitFor((event) => event.type === 'unqueued');
  expect(story(events)).toEqual([
    'turn_started',
    'user_message: a',
    changed(queued('q1', 'b')),
    'turn_failed',
    changed(),
    { type: 'unqueued', id: 'q1', text: 'b' },
  ]);
});

test('a command of the user runs as it is, is shown as theirs, and the model hears of it with the next request', async () => {
  const session = await open([{ content: 'I see.' }], { mode: 'read-only' });
  const { agent, cwd, events, waitFor, turn, server } = session;
  const end = waitFor((event) => event.type === 'item_completed');
  agent.submit({ type: 'user_shell', command: 'echo hi > made; cat made; exit 4' });
  expect(await end).toEqual({
    type: 'item_completed',
    item: {
      type: 'command_execution',
      id: 'i1',
      command: 'echo hi > made; cat made; exit 4',
      cwd,
      output: 'hi\n',
      exitCode: 4,
      durationMs: expect.any(Number),
      status: 'failed',
      source: 'user',
    },
  });
  await agent.settled();
  expect([readFileSync(path.join(cwd, 'made'), 'utf8'), server.log.length]).toEqual(['hi\n', 1]);
  await turn('What was that?');
  expect(
    bodies(server)[0]
      ?.messages.slice(1)
      .map(({ content }) => content),
  ).toEqual([
    expect.stringMatching(
      /^<user_shell_command>\n<command>\necho hi > made; cat made; exit 4\n<\/command>\n<result>\nExit code: 4\nWall time: [\d.]+ seconds\nOutput:\nhi\n<\/result>\n<\/user_shell_command>$/,
    ),
    expect.stringContaining('<environment_context>'),
    'What was that?',
  ]);
  expect(openItems(events)).toEqual([]);
});

test('beside a turn the record of a command waits for the next request', async () => {
  const go = Promise.withResolvers<void>();
  const { agent, waitFor, server } = await open([
    { ...shell('true'), waitFor: go.promise },
    { content: 'ok' },
  ]);
  const end = waitFor(isEnd);
  agent.submit({ type: 'user_turn', text: 'Go.' });
  await server.waitForRequest(1);
  const shown = waitFor(
    (event) => event.type === 'item_completed' && event.item.type === 'command_execution',
  );
  agent.submit({ type: 'user_shell', command: 'echo mine' });
  await shown;
  go.resolve();
  await end;
  expect(bodies(server)[1]?.messages.map(({ role }) => role)).toEqual([
    ...['system', 'user', 'user', 'assistant', 'tool', 'user'],
  ]);
  expect(bodies(server)[1]?.messages.at(-1)?.content).toContain('<command>\necho mine\n</command>');
});

test('an interrupt ends the user’s command when no turn runs, and the model gets what it had printed', async () => {
  const { agent, waitFor, events } = await open([]);
  const printed = waitFor((event) => event.type === 'item_delta');
  agent.submit({ type: 'user_shell', command: 'echo begun; sleep 600' });
  await printed;
  agent.submit({ type: 'interrupt' });
  await agent.settled();
  expect(agent.history.items).toEqual([
    {
      type: 'user',
      kind: 'note',
      content: expect.stringMatching(/\nWall time: [\d.]+ seconds\naborted by user\nbegun\n<\/result>/),
    },
  ]);
  expect(openItems(events)).toEqual([]);
});

test('nonsense is no command, and none starts after the end', async () => {
  const { agent, events } = await open([]);
  agent.submit({ type: 'user_shell', command: '  ' });
  const cwd = await tempFolder();
  agent.submit({ type: 'shutdown' });
  agent.submit({ type: 'user_shell', command: `touch ${cwd}/x` });
  agent.submit({ type: 'user_turn', text: 'late' });
  await agent.settled();
  expect([events, existsSync(path.join(cwd, 'x'))]).toEqual([[], false]);
});

test('going back drops the last messages, keeps the prefix, and tells the surroundings again', async () => {
  let date = '2026-03-01';
  const session = await open([{ content: 'A' }, { content: 'B' }, { content: 'C' }, { content: 'D' }], {
    readEnvironment: () => ({
      cwd: '/w',
      date,
      shell: 'bash',
      timezone: 'UTC',
      sandbox: { mode: 'read-only', networkAccess: false, writableRoots: [] },
    }),
  });
  const { agent, events, turn, server } = session;
  await turn('one');
  await turn('two');
  date = '2026-03-02';
  await turn('three');
  const before = events.length;
  agent.submit({ type: 'rollback', userTurns: 2 });
  expect(events.slice(before)).toEqual([
    { type: 'rolled_back', userTurns: 2, text: 'two' },
    {
      type: 'token_count',
      total: expect.any(Object),
      last: {
        inputTokens: expect.any(Number),
        outputTokens: 0,
        cachedInputTokens: 0,
        reasoningOutputTokens: 0,
      },
      numCtx: 32_768,
      estimated: true,
    },
  ]);
  await turn('other');
  const [first, second, , fourth] = bodies(server);
  expect(fourth?.messages.slice(0, -2)).toEqual(second?.messages.slice(0, -1));
  expect(fourth?.messages.slice(-2).map(({ content }) => content)).toEqual([
    '<environment_context>\n  <current_date>2026-03-02</current_date>\n</environment_context>',
    'other',
  ]);
  expect(events.filter((event) => event.type === 'warning')).toEqual([]);
  agent.submit({ type: 'rollback', userTurns: 99 });
  await turn('one');
  // The frame stood in front of the first message, and still does.
  const again = bodies(server)[4]?.messages.map(({ content }) => content);
  expect(again?.slice(0, 2)).toEqual(first?.messages.slice(0, 2).map(({ content }) => content));
  expect(again?.at(-1)).toBe('one');
});

test('going back is for between turns, and needs something to go back to', async () => {
  const { agent, events } = await open([{ content: 'Never.', waitFor: never }]);
  for (const userTurns of [1, 0, -1, Number.NaN]) agent.submit({ type: 'rollback', userTurns });
  agent.submit({ type: 'user_turn', text: 'a' });
  agent.submit({ type: 'rollback', userTurns: 1 });
  expect(story(events)).toEqual([
    'turn_started',
    'user_message: a',
    { type: 'warning', message: 'going back is not available while a turn is running: interrupt it first' },
  ]);
});

test('in the middle of a turn the user cannot compact', async () => {
  const { agent, events, waitFor } = await open([{ content: 'A', waitFor: never }]);
  agent.submit({ type: 'user_turn', text: 'a' });
  await waitFor(({ type }) => type === 'model_phase');
  agent.submit({ type: 'compact' });
  expect(events.at(-1)).toEqual({
    type: 'warning',
    message: 'compaction is not available while a turn is running',
  });
});

test('another model reads the same history, and a window of its own is checked', async () => {
  const { agent, events, turn, server } = await open([{ content: 'A' }, { content: 'B' }]);
  await turn('one');
  const facts = {
    tools: true,
    thinking: false,
    vision: false,
    embedding: false,
    contextLength: 32_768,
    modelfileNumCtx: undefined,
    path: 'native' as const,
    thinkLevels: false,
  };
  const release = agent.hold();
  agent.submit({ type: 'user_turn', text: 'two' });
  const settings = {
    model: 'native',
    numCtx: 8192,
    numPredict: 2048,
    keepAlive: '30m',
    think: undefined,
    sampling: {},
    idleTimeoutMs: 60_000,
    reconnectMs: 0,
  };
  const before = events.length;
  agent.setModel({ settings, facts, profile: 'native', profileSource: 'config' });
  expect(story(events.slice(before))).toEqual([
    {
      type: 'session_configured',
      threadId: agent.threadId,
      model: 'native',
      host: server.host,
      numCtx: 8192,
      cwd: expect.any(String),
    },
  ]);
  release();
  await agent.settled();
  expect(bodies(server).map((body) => ('model' in body ? body.model : undefined))).toEqual([
    'base',
    'native',
  ]);
  expect(
    bodies(server)[1]
      ?.messages.map(({ content }) => content)
      .slice(2),
  ).toEqual(['one', 'A', 'two']);
  expect(events.filter((event) => event.type === 'warning')).toEqual([]);
});

test('each request says how much is new to the server, as the server will count it', async () => {
  const { events, turn, server } = await open([shell('seq 2000'), { content: 'A' }, { content: 'B' }]);
  await turn('one');
  await turn('two');
  const waiting = events.flatMap((event) =>
    event.type === 'model_phase' && event.phase === 'waiting' ? [event.newTokens ?? 0] : [],
  );
  const log = server.log.filter((entry) => entry.kind === 'chat');
  for (const [index, { newTokens }] of log.entries()) {
    const estimate = waiting[index] ?? 0;
    const real = newTokens ?? 0;
    // Within a factor of two, and never more than 60 tokens off where there is little to read.
    expect(Math.abs(estimate - real)).toBeLessThan(Math.max(60, real));
  }
  const counts = events.flatMap((event) => (event.type === 'token_count' ? [event] : []));
  expect(
    counts.map(({ estimated, tokensPerSecond = 0 }) => [estimated, Math.round(tokensPerSecond)]),
  ).toEqual(counts.map(() => [false, 180]));
});
