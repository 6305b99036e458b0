import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { httpFault, type Script, serverBusy, swallowedCall, type Turn } from '../../src/demo/script.ts';
import { openItems, type TestAgent, testAgent } from '../support/agent.ts';
import { NOTHING_SEEN } from '../support/evidence.ts';
import { isOllama, type TestOllama, withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Body {
  readonly messages: readonly {
    readonly role: string;
    readonly content: string;
    readonly tool_name?: string;
  }[];
  readonly tools?: unknown;
  readonly format?: unknown;
  readonly think?: unknown;
}

const bodies = (server: TestOllama): Body[] =>
  server.log.filter((entry) => entry.kind === 'chat').map((entry) => entry.body as Body);

const shell = (command: string, more: object = {}): Turn => ({
  toolCalls: [{ name: 'shell', arguments: { command, ...more } }],
});

async function open(
  script: Script,
  options: Parameters<typeof testAgent>[1] = {},
): Promise<TestAgent & { server: TestOllama }> {
  const server = await withOllama(script);
  return { server, ...(await testAgent(server, options)) };
}

const said = (session: TestAgent): string[] =>
  session.completed().flatMap((item) => (item.type === 'agent_message' ? [item.text] : []));

const lastOutputs = (server: TestOllama): string[] =>
  (bodies(server).at(-1)?.messages ?? [])
    .filter((message) => message.role === 'tool')
    .map((message) => message.content);

test('a turn: frame, prompt, calls, outputs, answer', async () => {
  const session = await open([
    {
      thinking: 'Look.',
      content: 'I look.',
      toolCalls: [{ name: 'shell', arguments: { command: 'echo hi' } }],
    },
    { content: 'It says hi.' },
  ]);
  expect(await session.turn('What does it say?')).toEqual({
    type: 'turn_completed',
    turnId: expect.any(String),
    usage: {
      inputTokens: expect.any(Number),
      cachedInputTokens: expect.any(Number),
      outputTokens: expect.any(Number),
      reasoningOutputTokens: 0,
    },
    lastMessage: 'It says hi.',
    evidence: { files: [], commands: [{ command: 'echo hi', exitCode: 0, runs: 1 }], checks: [] },
  });
  expect(bodies(session.server).at(-1)?.messages).toEqual([
    { role: 'system', content: 'You are a test.' },
    { role: 'user', content: expect.stringContaining(`<cwd>${session.cwd}</cwd>`) },
    { role: 'user', content: 'What does it say?' },
    {
      role: 'assistant',
      content: 'I look.',
      thinking: 'Look.',
      tool_calls: [
        { id: expect.any(String), function: { index: 0, name: 'shell', arguments: { command: 'echo hi' } } },
      ],
    },
    {
      role: 'tool',
      content: expect.stringMatching(/^Exit code: 0\nWall time: [\d.]+ seconds\nOutput:\nhi\n$/),
      tool_name: 'shell',
      tool_call_id: expect.any(String),
    },
  ]);
  expect(session.completed().map((item) => item.type)).toEqual([
    'user_message',
    'reasoning',
    'agent_message',
    'command_execution',
    'agent_message',
  ]);
  expect(openItems(session.events)).toEqual([]);
});

test.each([
  ['a server error', httpFault(500, 'an error was encountered while running the model')],
  ['a busy server', serverBusy()],
  ['an early end', { content: 'Hel', fault: { kind: 'no_done' } }],
  ['a lost connection', { content: 'Hello you', fault: { kind: 'destroy', after: 1 } }],
] as const)('%s is tried again, visibly and without a trace in the history', async (_name, fault) => {
  const session = await open([fault as Turn, { content: 'Here I am.' }]);
  expect(await session.turn('Hello?')).toMatchObject({ type: 'turn_completed', lastMessage: 'Here I am.' });
  expect(session.events.filter((event) => event.type === 'retry')).toEqual([
    { type: 'retry', attempt: 1, max: 2, reason: expect.any(String) },
  ]);
  const [first, second] = bodies(session.server);
  expect(second?.messages).toEqual(first?.messages);
  expect(openItems(session.events)).toEqual([]);
});

test('an empty answer is a failure after two more tries, not a success', async () => {
  const session = await open([swallowedCall(), swallowedCall(), swallowedCall(), { content: 'too late' }]);
  expect(await session.turn('Go.')).toEqual({
    type: 'turn_failed',
    turnId: expect.any(String),
    message: 'the model gave an empty answer (tried 3 times)',
    evidence: NOTHING_SEEN,
  });
});

test('a failed turn leaves a session that works', async () => {
  const session = await open([httpFault(400, 'invalid something'), { content: 'Fine.' }]);
  expect((await session.turn('a')).type).toBe('turn_failed');
  expect(await session.turn('b')).toMatchObject({ type: 'turn_completed', lastMessage: 'Fine.' });
});

test('unknown tools and bad arguments are answered, and the turn goes on', async () => {
  const session = await open([
    {
      toolCalls: [
        { name: 'fly', arguments: {} },
        { name: 'read_file', arguments: { offset: 'many' } },
      ],
    },
    { content: 'I see.' },
  ]);
  await session.turn('Go.');
  expect(lastOutputs(session.server)).toEqual([
    expect.stringMatching(/^unsupported call: fly\n/),
    expect.stringMatching(/^failed to parse function arguments: /),
  ]);
  expect(session.events.filter((event) => event.type === 'call_rejected')).toHaveLength(2);
});

test('a leaked call is run, and goes back to the model as a call', async () => {
  const session = await open([
    { content: '<tool_call>\n{"name": "shell", "arguments": {"command": "echo leaked"}}\n</tool_call>' },
    { content: 'Done.' },
  ]);
  await session.turn('Go.');
  expect(lastOutputs(session.server)).toEqual([expect.stringContaining('leaked')]);
  expect(session.agent.history.items.find((item) => item.type === 'assistant')).toEqual({
    type: 'assistant',
    content: '',
    thinking: '',
    calls: [{ id: expect.any(String), name: 'shell', arguments: { command: 'echo leaked' } }],
  });
});

test('a call that nobody can read is asked for again', async () => {
  const session = await open([{ content: '<tool_call>{"name": shell]' }, { content: 'Sorry.' }]);
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'Sorry.' });
  expect(bodies(session.server)[1]?.messages.at(-1)?.content).toMatch(
    /^\[Your last reply was lost, because its tool call/,
  );
});

test('an answer that ends in a fenced call is asked about, once', async () => {
  const fenced = 'I list them.\n```json\n{"name": "shell", "arguments": {"command": "echo hi"}}\n```';
  const meant = await open([{ content: fenced }, shell('echo hi'), { content: 'Listed.' }]);
  expect(await meant.turn('Go.')).toMatchObject({ lastMessage: 'Listed.' });
  expect(bodies(meant.server)[1]?.messages.at(-1)?.content).toMatch(
    /^\[Nothing was run: your reply ends in a tool call/,
  );
  const example = await open([{ content: fenced }, { content: fenced }]);
  expect(await example.turn('Show me a call.')).toMatchObject({
    type: 'turn_completed',
    lastMessage: fenced,
  });
});

test('reads of one answer run side by side, and their outputs come in call order', async () => {
  const cwd = await tempFolder();
  await writeFile(path.join(cwd, 'a.txt'), 'A');
  await writeFile(path.join(cwd, 'b.txt'), 'B');
  const read = (file: string) => ({ name: 'read_file', arguments: { path: file } });
  const session = await open(
    [{ toolCalls: [read('a.txt'), read('b.txt'), read('a.txt')] }, { content: 'ok' }],
    { cwd },
  );
  await session.turn('Go.');
  expect(lastOutputs(session.server).map((text) => /[AB]/.exec(text)?.[0])).toEqual(['A', 'B', 'A']);
  const kinds = session.events.flatMap((event) =>
    (event.type === 'item_started' || event.type === 'item_completed') && event.item.type === 'tool_call'
      ? [event.type]
      : [],
  );
  expect(kinds.slice(0, 3)).toEqual(['item_started', 'item_started', 'item_started']);
});

test('the third identical call gets a note, the fourth is not run, the fifth ends the turn', async () => {
  const cwd = await tempFolder();
  const session = await open(() => shell('echo x >> runs.txt'), { cwd });
  const end = await session.turn('Go.');
  expect(end).toMatchObject({
    type: 'turn_failed',
    message: expect.stringMatching(/in a loop: it called shell 5 times/),
  });
  const outputs = session.agent.history.items.flatMap((item) => (item.type === 'tool' ? [item.content] : []));
  expect(outputs.map((text) => /\[.*\]$/.exec(text)?.[0])).toEqual([
    undefined,
    undefined,
    '[This is call number 3 with the same arguments and the same result. Do something else.]',
    '[Not run: the same call would give the same result. Do something else.]',
    '[Not run: the same call would give the same result. Do something else.]',
  ]);
  expect(await readFile(path.join(cwd, 'runs.txt'), 'utf8')).toBe('x\n'.repeat(3));
});

test('equal calls of one answer count once', async () => {
  const call = { name: 'shell', arguments: { command: 'echo again' } };
  const session = await open([{ toolCalls: Array(6).fill(call) }, { content: 'ok' }]);
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'ok' });
});

test('a model that waits is not in a loop', async () => {
  const waits = Array<Turn>(7).fill(shell('sleep 0; echo not yet'));
  const session = await open([...waits, { content: 'ok' }]);
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'ok' });
});

test('different broken calls are told apart, and the model sees what it sent', async () => {
  const broken = (key: string): Turn => ({ toolCalls: [{ name: 'shell', arguments: { [key]: 'ls' } }] });
  const session = await open([...['a', 'b', 'c', 'd', 'e', 'f'].map(broken), { content: 'ok' }]);
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'ok' });
  const last = bodies(session.server)
    .at(-1)
    ?.messages.filter(({ role }) => role !== 'system')
    .at(-2);
  expect(last).toMatchObject({ tool_calls: [{ function: { name: 'shell', arguments: { f: 'ls' } } }] });
  expect(lastOutputs(session.server).at(-1)).toBe(
    'failed to parse function arguments: missing required parameter `command` (a string), got {"f":"ls"}. Required: command.',
  );
});

test('an answer that was cut off is continued, twice at most if that adds nothing', async () => {
  const cut: Turn = { content: 'word '.repeat(20), doneReason: 'length' };
  const whole = `${'word '.repeat(20)}the end.`;
  const good = await open([cut, { content: 'the end.' }]);
  expect(await good.turn('Tell.')).toMatchObject({ type: 'turn_completed', lastMessage: whole });
  expect(said(good)).toEqual([whole]);
  expect(openItems(good.events)).toEqual([]);
  expect(bodies(good.server)[1]?.messages.at(-1)?.content).toMatch(
    /^\[Your reply was cut off after \d+ tokens\./,
  );
  const long = ['one ', 'two ', 'three ', 'four ', 'five '].map(
    (content): Turn => ({ content, doneReason: 'length' }),
  );
  // An empty answer adds nothing: that was all.
  const longer = await open([...long, { content: '' }]);
  const all = 'one two three four five ';
  expect(await longer.turn('Tell.')).toMatchObject({ type: 'turn_completed', lastMessage: all });
  expect(said(longer)).toEqual([all]);
  const bad = await open([cut, cut, cut, cut]);
  expect(await bad.turn('Tell.')).toMatchObject({
    type: 'turn_failed',
    message: expect.stringMatching(/3 times in a row/),
  });
  expect(said(bad)).toEqual(['word '.repeat(60)]);
  expect(openItems(bad.events)).toEqual([]);
});

test('an answer that was cut off stays one message over a retry, and after an interrupt', async () => {
  const cut: Turn = { content: 'One, ', doneReason: 'length' };
  const retried = await open([cut, serverBusy(), { content: 'two.' }]);
  expect(await retried.turn('Tell.')).toMatchObject({ lastMessage: 'One, two.' });
  expect(said(retried)).toEqual(['One, two.']);
  expect(openItems(retried.events)).toEqual([]);

  const session = await open([cut, { content: 'Never.', waitFor: new Promise(() => undefined) }]);
  const end = session.turn('Tell.');
  await session.server.waitForRequest(2, 'chat');
  session.agent.submit({ type: 'interrupt' });
  expect((await end).type).toBe('turn_aborted');
  expect(said(session)).toEqual(['One, ']);
  expect(openItems(session.events)).toEqual([]);
});

test('a call that was cut off is not shown, and asked for again in smaller parts', async () => {
  const half = 'I look.\n<tool_call>{"name": "shell", "arguments": {"command": "echo';
  const session = await open([
    { content: half, doneReason: 'length', evalCount: 30 },
    shell('echo hi'),
    { content: 'It says hi.' },
  ]);
  await session.turn('Go.');
  expect(bodies(session.server)[1]?.messages.slice(-2)).toMatchObject([
    { role: 'assistant', content: half },
    {
      role: 'user',
      content: expect.stringMatching(/^\[Your call was cut off after 30 tokens and not run\./),
    },
  ]);
  expect(said(session)).toEqual(['I look.\n', 'It says hi.']);
  expect(openItems(session.events)).toEqual([]);
});

test('what stands in tags of thinking is reasoning, and a call in it is not run', async () => {
  const call = '<tool_call>{"name": "shell", "arguments": {"command": "echo no >> ran.txt"}}</tool_call>';
  const session = await open([
    { content: `I could run it:\n${call}\n</think>\n\nIt is 4.` },
    { content: '<think>\nHm.\n</think>\n' },
    { content: '<think>\nA sum.\n</think>\n\nIt is 5.' },
  ]);
  expect(await session.turn('Go.')).toMatchObject({ lastMessage: 'It is 4.' });
  expect(existsSync(path.join(session.cwd, 'ran.txt'))).toBe(false);
  expect(await session.turn('Really?')).toMatchObject({ lastMessage: 'It is 5.' });
  expect(
    session
      .completed()
      .flatMap((item) => ('text' in item && item.type !== 'user_message' ? [[item.type, item.text]] : [])),
  ).toEqual([
    ['reasoning', `I could run it:\n${call}`],
    ['agent_message', 'It is 4.'],
    ['reasoning', 'Hm.\n'],
    ['reasoning', 'A sum.'],
    ['agent_message', 'It is 5.'],
  ]);
  expect(openItems(session.events)).toEqual([]);
});

test('a model that repeats itself is stopped and asked again, twice at most', async () => {
  const loop: Turn = { content: `I look.\n${'and so on '.repeat(500)}` };
  const good = await open([loop, shell('echo hi'), { content: 'It says hi.' }]);
  expect(await good.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'It says hi.' });
  expect(bodies(good.server)[1]?.messages.slice(-2)).toEqual([
    { role: 'assistant', content: 'I look.\nand so on ' },
    {
      role: 'user',
      content: expect.stringMatching(
        /^\[You repeated yourself, so your reply was stopped\. .*\]\n\[Reply with one JSON/,
      ),
    },
  ]);
  expect(good.events.filter((event) => event.type === 'retry')).toEqual([
    {
      type: 'retry',
      attempt: 1,
      max: 2,
      reason: 'the model repeated itself and was stopped',
      isModelFault: true,
    },
  ]);
  const messages = good.completed().flatMap((item) => (item.type === 'agent_message' ? [item.text] : []));
  expect(messages).toEqual(['I look.\nand so on ', 'It says hi.']);
  expect(openItems(good.events)).toEqual([]);
  const bad = await open([loop, loop, loop]);
  expect(await bad.turn('Go.')).toMatchObject({
    type: 'turn_failed',
    message: 'the model repeated itself and was stopped 3 times in a row',
  });
});

test.each<[string, string, string]>([
  ['JSON', '<tool_call>\n{"name": "shell", "arguments": {"command": "ec', 'ho joined"}}\n</tool_call>'],
  ['tags', '<function=shell>\n<parameter=command>\nec', 'ho joined\n</parameter>\n</function>'],
])('a call of %s that was cut off and is continued is one call', async (_, begin, end) => {
  const session = await open([
    { content: `I run it.\n${begin}`, doneReason: 'length' },
    { content: end },
    { content: 'It says joined.' },
  ]);
  expect(await session.turn('Go.')).toMatchObject({ lastMessage: 'It says joined.' });
  expect(lastOutputs(session.server).at(-1)).toContain('joined');
  expect(bodies(session.server)).toHaveLength(3);
});

test.each([
  '',
  'I do not know (yet).',
  'There is {nothing}',
])('half a call and %j are no call, and not the end', async (next) => {
  const session = await open([
    {
      content: 'I run it.\n<tool_call>\n{"name": "shell", "arguments": {"command": "ec',
      doneReason: 'length',
    },
    { content: next },
    { content: 'It is done.' },
  ]);
  await session.turn('Go.');
  expect(lastOutputs(session.server)).toEqual([]);
  expect(bodies(session.server)).toHaveLength(next === '' ? 3 : 2);
});

test('an interrupt while the model works leaves a whole history and a note', async () => {
  const session = await open([
    { content: 'Never.', waitFor: new Promise(() => undefined) },
    { content: 'Back.' },
  ]);
  const end = session.turn('Go.');
  await session.server.waitForRequest(1, 'chat');
  session.agent.submit({ type: 'interrupt' });
  expect((await end).type).toBe('turn_aborted');
  await session.server.waitForAbort(1);
  expect(await session.turn('Still there?')).toMatchObject({ lastMessage: 'Back.' });
  expect(
    bodies(session.server)
      .at(-1)
      ?.messages.slice(2)
      .map((message) => message.content),
  ).toEqual(['Go.', expect.stringMatching(/^<turn_aborted>\n[\s\S]*<\/turn_aborted>$/), 'Still there?']);
});

test('an interrupt while a command runs ends it, and every call has an output', async () => {
  const session = await open([
    {
      toolCalls: [
        { name: 'shell', arguments: { command: 'sleep 600' } },
        { name: 'shell', arguments: { command: 'echo two' } },
      ],
    },
    { content: 'ok' },
  ]);
  const end = session.turn('Go.');
  await session.waitFor((event) => event.type === 'item_started' && event.item.type === 'command_execution');
  session.agent.submit({ type: 'interrupt' });
  expect((await end).type).toBe('turn_aborted');
  expect(session.agent.history.items.flatMap((item) => (item.type === 'tool' ? [item.content] : []))).toEqual(
    Array(2).fill(expect.stringMatching(/^Wall time: [\d.]+ seconds\naborted by user/)),
  );
  expect(openItems(session.events)).toEqual([]);
});

test('steering reaches the model before its next request; a queued turn waits for the end', async () => {
  const session = await open([shell('echo one'), { content: 'First.' }, { content: 'Second.' }]);
  const end = session.turn('Start.');
  session.agent.submit({ type: 'user_turn', text: 'Queued.' });
  await session.waitFor((event) => event.type === 'item_started' && event.item.type === 'command_execution');
  session.agent.submit({ type: 'steer', text: 'Hurry.' });
  expect(await end).toMatchObject({ lastMessage: 'First.' });
  expect(await session.waitFor((event) => event.type === 'turn_completed')).toMatchObject({
    lastMessage: 'Second.',
  });
  const said = bodies(session.server).map((body) => body.messages.at(-1)?.content);
  expect(said).toEqual(['Start.', 'Hurry.', 'Queued.']);
});

test('an output is cut once, at the door, and the copy holds all of it', async () => {
  const session = await open([shell('seq 100000'), { content: 'ok' }]);
  await session.turn('Go.');
  const [output = ''] = lastOutputs(session.server);
  const [, removed, file = ''] = /…(\d+) chars truncated…\[full output: ([^\]]+)\]/.exec(output) ?? [];
  const whole = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join('');
  expect(await readFile(file, 'utf8')).toBe(whole);
  expect(Number(removed)).toBe(whole.length - 10_000);
  expect(output).toMatch(
    /^Exit code: 0\nWall time: [\d.]+ seconds\nTotal output lines: 100000\nOutput:\n1\n2\n/,
  );
});

test('only what changed in the surroundings is told again', async () => {
  let date = '2026-03-01';
  const cwd = await tempFolder();
  const session = await open([{ content: 'a' }, { content: 'b' }, { content: 'c' }], {
    cwd,
    projectDoc: '# AGENTS.md instructions',
    readEnvironment: () => ({
      cwd,
      date,
      shell: 'bash',
      timezone: 'UTC',
      sandbox: { mode: 'read-only', networkAccess: false, writableRoots: [] },
    }),
  });
  await session.turn('1');
  await session.turn('2');
  date = '2026-03-02';
  await session.turn('3');
  const users = bodies(session.server)
    .at(-1)
    ?.messages.filter((message) => message.role === 'user')
    .map(({ content }) => content);
  expect(users).toEqual([
    expect.stringMatching(/^# AGENTS\.md instructions\n\n<environment_context>/),
    '1',
    '2',
    '<environment_context>\n  <current_date>2026-03-02</current_date>\n</environment_context>',
    '3',
  ]);
});

// Another server is not asked for a window.
test.runIf(isOllama())('a window other than the one we asked for is said once', async () => {
  const session = await open([{ content: 'a' }, { content: 'b' }], { numCtx: 65_536 });
  await session.turn('1');
  await session.turn('2');
  expect(session.events.filter((event) => event.type === 'warning')).toEqual([
    { type: 'warning', message: 'Ollama loaded base with a window of 32768 tokens instead of 65536' },
  ]);
});

test('an output schema is a last request with the format, of which the server reads only what is new', async () => {
  const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };
  const session = await open([shell('true'), { content: 'All is well.' }, { content: '{"ok": true}' }]);
  expect(await session.turn('Check.', { outputSchema: schema })).toMatchObject({
    lastMessage: '{"ok": true}',
  });
  const [first, , last] = bodies(session.server);
  expect({
    format: last?.format,
    tools: last?.tools,
    think: last?.think,
    note: last?.messages.at(-1),
  }).toEqual({
    format: schema,
    tools: first?.tools,
    think: false,
    note: { role: 'user', content: '[Give your final answer now, as JSON only.]' },
  });
  expect(first?.format).toBeUndefined();
  const asked = session.server.log.filter(({ kind }) => kind === 'chat').at(-1);
  expect(asked?.rereadTokens).toBe(asked?.newTokens);
  expect(session.events.filter((event) => event.type === 'warning')).toEqual([]);
});

test('two answers with the same call ids keep their own outputs', async () => {
  const same = (command: string): Turn => ({
    toolCalls: [{ id: 'call_1', name: 'shell', arguments: { command } }],
  });
  const session = await open([same('echo one'), same('echo two'), { content: 'ok' }]);
  await session.turn('Go.');
  expect(lastOutputs(session.server).map((text) => text.trim().split('\n').at(-1))).toEqual(['one', 'two']);
});
