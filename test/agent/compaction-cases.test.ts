import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import compactPrompt from '../../prompts/compact.md?raw';
import { summarySchema } from '../../src/agent/summary-sections.ts';
import type { ChatRequest } from '../../src/demo/chat-request.ts';
import type { ModelSpec } from '../../src/demo/models.ts';
import { httpFault, repeatAbort, type Turn } from '../../src/demo/script.ts';
import type { Event } from '../../src/protocol.ts';
import { isEnd, openItems, type TestAgent, testAgent } from '../support/agent.ts';
import { NATIVE, RENDERED, type TestOllama, withOllama } from '../support/ollama-server.ts';

const PROMPT = compactPrompt.trim();
const SUMMARY = '## Progress and decisions\nHalf of it is done.';
const WINDOW = 8192;
const EFFECTIVE = 6144;
const TARGET = Math.floor(EFFECTIVE * 0.4);

interface Message {
  readonly role: string;
  readonly content: string;
  readonly images?: readonly string[];
}

const isCompaction = ({
  messages,
}: {
  readonly messages: readonly { readonly content: string }[];
}): boolean => messages.at(-1)?.content === PROMPT;

const shell = (command: string): Turn => ({ toolCalls: [{ name: 'shell', arguments: { command } }] });
/** About 1,500 tokens, different for each number. */
const flood = (index: number): Turn => shell(`seq ${1000 + index} ${1700 + index}`);
const words = (tokens: number): string =>
  Array.from({ length: tokens / 2 }, (_, index) => `word ${index}`).join(' ');

interface Opened extends TestAgent {
  readonly server: TestOllama;
  /** The messages of the nth chat request, from 0. */
  readonly messages: (index: number) => readonly Message[];
  readonly compactions: () => Extract<Event, { type: 'compacted' }>[];
  readonly warnings: () => string[];
}

/** `turns` are what the model says beside summaries. */
async function open(
  turns: readonly Turn[],
  options: Parameters<typeof testAgent>[1] & {
    summary?: (index: number) => Turn;
    models?: readonly ModelSpec[];
  } = {},
): Promise<Opened> {
  const { summary = () => ({ content: SUMMARY }), models, ...more } = options;
  let said = 0;
  let summaries = 0;
  const next = (request: ChatRequest): Turn => {
    if (isCompaction(request)) return summary(summaries++);
    return turns[said++] ?? { content: 'Done.' };
  };
  const server = await withOllama(next, models === undefined ? {} : { models });
  const session = await testAgent(server, { numCtx: WINDOW, ...more });
  const chats = () => server.log.filter(({ kind }) => kind === 'chat');
  return {
    ...session,
    server,
    messages: (index) => (chats()[index]?.body as { messages: Message[] }).messages,
    compactions: () => session.events.flatMap((event) => (event.type === 'compacted' ? [event] : [])),
    warnings: () => session.events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
  };
}

const brief = (messages: readonly Message[]): string[] =>
  messages.map(({ role, content }) => `${role}: ${content.split('\n')[0]?.slice(0, 40)}`);

const FRAME = 'user: <environment_context>';
const TOLD = 'user: [The conversation so far was replaced by t';

test('in the middle of a turn: frame, the user’s messages, summary, facts; then the work goes on', async () => {
  const plan = {
    plan: [
      { step: 'one', status: 'completed' },
      { step: 'two', status: 'in_progress' },
    ],
  };
  const patch = '*** Begin Patch\n*** Add File: a.txt\n+one\n+two\n*** End Patch';
  const session = await open([
    { content: 'Hello.' },
    {
      toolCalls: [
        { name: 'update_plan', arguments: plan },
        { name: 'apply_patch', arguments: { input: patch } },
      ],
    },
    shell('echo broken; exit 3'),
    ...[1, 2, 3, 4].map(flood),
  ]);
  await session.turn('Hi.');
  const end = await session.turn('Do it.');
  expect(end).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
  const asked = session.server.log
    .filter(({ kind }) => kind === 'chat')
    .findIndex(({ body }) => isCompaction(body as ChatRequest));
  const messages = session.messages(asked + 1);
  expect(brief(messages)).toEqual([
    'system: You are a test.',
    FRAME,
    'user: Hi.',
    'user: Do it.',
    TOLD.slice(0, 46),
    'user: [Known for certain]',
  ]);
  expect(messages[4]?.content.endsWith(`\n${SUMMARY}`)).toBe(true);
  expect(messages[5]?.content).toBe(`[Known for certain]
Plan:
[x] one
[>] two
Files changed:
a.txt (new) +2 -0 [message 2]
Commands run:
seq 1001 1701 (exit code 0) [message 2]
seq 1002 1702 (exit code 0) [message 2]
seq 1003 1703 (exit code 0) [message 2]
seq 1004 1704 (exit code 0) [message 2]
Last failed command: echo broken; exit 3 (exit code 3)
broken`);
  expect(session.compactions()).toHaveLength(1);
  expect(session.compactions()[0]?.after).toBeLessThanOrEqual(TARGET);
  expect(openItems(session.events)).toEqual([]);
  const kinds = session.events.map((event) => (event.type === 'model_phase' ? event.phase : event.type));
  expect(kinds.indexOf('compacting')).toBeLessThan(kinds.indexOf('compacted'));
  // What has to be read for it is said: all that came since the last request, and the question.
  const told = session.events.flatMap((event) =>
    event.type === 'model_phase' && event.phase === 'compacting' ? [event.newTokens ?? 0] : [],
  );
  expect(Math.max(...told)).toBeGreaterThan(100);
});

test('before a turn: what the user says now comes behind the summary', async () => {
  const session = await open([{ content: words(1500) }, { content: words(1500) }, { content: words(1500) }]);
  for (const text of ['one', 'two', 'three']) await session.turn(text);
  await session.turn(`four ${words(1500)}`);
  expect(brief(session.messages(4))).toEqual([
    'system: You are a test.',
    FRAME,
    'user: one',
    'user: two',
    'user: three',
    TOLD.slice(0, 46),
    `user: four ${words(20).slice(0, 35)}`,
  ]);
  expect(session.agent.isBusy).toBe(false);
});

test('/compact is a turn of its own; with nothing there it says so', async () => {
  const session = await open([{ content: words(400) }, { content: 'Again.' }]);
  const compact = () => {
    const end = session.waitFor(isEnd);
    session.agent.submit({ type: 'compact' });
    return end;
  };
  await compact();
  expect(session.warnings()).toEqual(['there is nothing to compact yet']);
  await session.turn('Is it?');
  const from = session.events.length;
  expect(await compact()).toMatchObject({ type: 'turn_completed', lastMessage: null });
  const types = session.events.slice(from).map(({ type }) => type);
  // How far it is read is told more than once where the server says so.
  expect(types.filter((type, at) => type !== 'model_phase' || types[at - 1] !== type)).toEqual([
    'turn_started',
    'model_phase',
    'compacted',
    'token_count',
    'turn_completed',
  ]);
  await session.turn('And now?');
  expect(brief(session.messages(2))).toEqual([
    'system: You are a test.',
    FRAME,
    'user: Is it?',
    TOLD.slice(0, 46),
    'user: And now?',
  ]);
});

const NOT_SMALLER = 'compaction skipped: it would not make the conversation clearly smaller';

test('/compact leaves alone what it would not make clearly smaller, with or without asking the model', async () => {
  const session = await open([{ content: 'Yes.' }, { content: words(400) }], {
    summary: () => ({ content: `## Progress and decisions\n${words(400)}` }),
  });
  const compact = () => {
    const end = session.waitFor(isEnd);
    session.agent.submit({ type: 'compact' });
    return end;
  };
  const asked = () => session.server.log.filter(({ kind }) => kind === 'chat').length;
  await session.turn('Is it?');
  const before = [...session.agent.history.items];
  expect(await compact()).toMatchObject({ type: 'turn_completed', lastMessage: null });
  expect([asked(), session.agent.history.items]).toEqual([1, before]);
  await session.turn('Tell.');
  const longer = [...session.agent.history.items];
  expect(await compact()).toMatchObject({ type: 'turn_completed', lastMessage: null });
  expect([asked(), session.agent.history.items]).toEqual([3, longer]);
  expect([session.compactions(), session.warnings()]).toEqual([[], [NOT_SMALLER, NOT_SMALLER]]);
});

test('where no compaction helps, none is made again and again: the turn ends', async () => {
  // The user's own words fill the window, and they are kept.
  const server = await withOllama((request) =>
    isCompaction(request) ? { content: SUMMARY } : flood(request.messages.length),
  );
  const session = await testAgent(server, { numCtx: WINDOW, autoCompactLimit: 900 });
  const end = await session.turn(words(300));
  expect(end).toMatchObject({
    type: 'turn_failed',
    message: expect.stringMatching(/compacted twice without progress/),
  });
  expect(server.log.filter(({ kind }) => kind === 'chat').length).toBeLessThan(8);
});

test('what a summary tells of what never happened is struck out, and said', async () => {
  const claims = [
    '## Progress and decisions',
    '- Ran `seq 1001 1701`.',
    '- Searched the folder for calc.py; it does not exist.',
    '- Ran `pytest -q`: 12 tests passed.',
    '- Half of it is done.',
    '## Remaining work',
    '- Write docs/new.md and run `pytest -q`.',
  ];
  const session = await open([1, 2, 3, 4].map(flood), { summary: () => ({ content: claims.join('\n') }) });
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
  const summary = session.agent.history.items.find(({ content }) =>
    content.startsWith('[The conversation so far'),
  );
  expect(summary?.content.split('\n').slice(1)).toEqual([0, 1, 4, 5, 6].map((index) => claims[index]));
  expect(session.warnings()).toEqual([
    '2 lines of the summary were removed, because nothing in this session supports them: - Searched the folder for calc.py; it does not exist.',
  ]);
});

test('a summary of nothing but inventions is written by the harness', async () => {
  const session = await open([1, 2, 3, 4].map(flood), {
    summary: () => ({ content: '## Progress and decisions\n- Ran `npm test`: 12 tests passed.' }),
  });
  await session.turn('Go.');
  expect(session.warnings()).toEqual([
    'nothing in the summary matched the session. oagent continues with your messages and the facts that it recorded',
  ]);
  expect(
    session.agent.history.items.some(({ content }) => content.includes('There is no summary by the model')),
  ).toBe(true);
});

test('where the server obeys, the sections come as JSON and stand as text; the request is else the same', async () => {
  const json = {
    '1_progress_and_decisions': ['Half of it is done.'],
    '2_constraints_and_preferences': [],
    '3_remaining_work': ['The other\nhalf.', ' '],
    '4_critical_data': [],
  };
  const session = await open([1, 2, 3, 4].map(flood), {
    model: 'native',
    models: [NATIVE],
    summary: () => ({ json }),
  });
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
  const summary = session.agent.history.items.find(({ content }) =>
    content.startsWith('[The conversation so far'),
  );
  expect(summary?.content.split('\n').slice(1)).toEqual([
    '## Progress and decisions',
    '- Half of it is done.',
    '## Remaining work',
    '- The other half.',
  ]);
  const chats = session.server.log.filter(({ kind }) => kind === 'chat');
  const asked = chats.findIndex(({ body }) => isCompaction(body as ChatRequest));
  const { messages: _, format, ...rest } = chats[asked]?.body as ChatRequest;
  const { messages: __, ...before } = chats[asked - 1]?.body as ChatRequest;
  const schemas = Array.from({ length: 200 }, (_, at) => summarySchema(at * 100));
  expect(schemas).toContainEqual(format);
  expect(rest).toEqual(before);
  expect(chats[asked]?.rereadTokens).toBe(chats[asked]?.newTokens);
  expect(session.warnings()).toEqual([]);
});

test('a server that refuses the sections is asked for text', async () => {
  const session = await open([1, 2, 3, 4].map(flood), {
    model: 'native',
    models: [NATIVE],
    summary: (index) => (index === 0 ? httpFault(400, 'invalid format') : { content: SUMMARY }),
  });
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
  expect([session.warnings(), session.compactions().length]).toEqual([[], 1]);
});

test('a prompt that the server refuses as too long is compacted and sent again', async () => {
  // The server silently holds the model to its maximum, so that we count on more than there is.
  const small: ModelSpec = { ...RENDERED, contextLength: 4096 };
  const session = await open([1, 2, 3, 4, 5].map(flood), { models: [small] });
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
  const chats = session.server.log.filter(({ kind }) => kind === 'chat');
  expect(chats.filter(({ status }) => status === 400).length).toBeGreaterThan(1);
  expect(session.compactions().length).toBeGreaterThan(0);
  expect(session.warnings().filter((text) => /oldest items did not fit/.test(text)).length).toBeGreaterThan(
    0,
  );
});

test.each<[string, (index: number) => Turn, string]>([
  ['empty', () => ({ content: '' }), 'the model gave no summary'],
  ['a word', () => ({ content: 'OK.' }), 'the model gave no summary'],
  ['only calls', () => flood(1), 'the model gave no summary'],
  ['a loop', () => ({ content: 'and so on '.repeat(400) }), 'the model gave no summary'],
  [
    'an error',
    () => ({ fault: { kind: 'status', status: 500, body: { error: 'boom' } } }),
    'Ollama answered 500: boom',
  ],
  [
    'a broken call',
    () => ({ fault: { kind: 'status', status: 500, body: { error: 'EOF' } } }),
    'the model wrote a broken tool call: EOF',
  ],
  [
    'a cut stream',
    () => ({ content: 'Half', fault: { kind: 'destroy', after: 1 } }),
    'the connection to Ollama was lost (ECONNRESET)',
  ],
  [
    'the repeat guard',
    () => repeatAbort(),
    'the model stopped in mid-answer: the stream ended without its last chunk',
  ],
  [
    'silence',
    () => ({ fault: { kind: 'stall' } }),
    'Ollama has sent nothing for 0 s. Check its log, or raise `ollama.idle_timeout_ms` if it needs longer',
  ],
])('no summary from the model (%s): the harness writes one and the work goes on', async (_name, summary, problem) => {
  const session = await open([1, 2, 3, 4].map(flood), { summary, idleTimeoutMs: 300 });
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
  expect(session.warnings()).toEqual([
    `${problem}. oagent continues with your messages and the facts that it recorded`,
  ]);
  const summaryItem = session.agent.history.items.find(
    (item) => item.type === 'user' && item.content.includes('There is no summary by the model'),
  );
  expect(summaryItem?.type === 'user' && summaryItem.content).toContain(
    '- shell {"command":"seq 1001 1701"} -> Exit code: 0',
  );
  expect(session.compactions()).toHaveLength(1);
});

test('a model that only thought is asked once more, without thinking', async () => {
  const session = await open([1, 2, 3, 4].map(flood), {
    summary: (index) => (index === 0 ? { thinking: words(5000) } : { content: SUMMARY }),
  });
  expect((await session.turn('Go.')).type).toBe('turn_completed');
  expect(session.warnings()).toEqual([]);
  const asked = session.server.log.filter(
    ({ kind, body }) => kind === 'chat' && isCompaction(body as ChatRequest),
  );
  expect(asked.map(({ body }) => (body as { think: unknown }).think)).toEqual([true, false]);
});

test('a server that is gone costs the turn, not the conversation', async () => {
  const session = await open([1, 2, 3, 4].map(flood), {
    summary: () => {
      void session.server.close();
      return { waitFor: new Promise(() => undefined) };
    },
  });
  expect((await session.turn('Go.')).type).toBe('turn_failed');
  expect(session.compactions()).toEqual([]);
  expect(session.agent.history.items.filter(({ type }) => type === 'tool').length).toBeGreaterThan(2);
});

test('images: the newest message keeps its own as long as they fit', async () => {
  const eyes: ModelSpec = { ...RENDERED, capabilities: [...RENDERED.capabilities, 'vision'] };
  const session = await open([{ content: 'I see.' }, ...[1, 2, 3].map(flood)], { models: [eyes] });
  const turn = (text: string, images: string[]) => {
    const end = session.waitFor(isEnd);
    session.agent.submit({ type: 'user_turn', text, images });
    return end;
  };
  await turn('Old.', ['b2xk', 'b2xkMg==']);
  expect((await turn('New.', ['bmV3'])).type).toBe('turn_completed');
  const users = session.agent.history.items.filter((item) => item.type === 'user' && item.kind === 'prompt');
  expect(users).toEqual([
    { type: 'user', kind: 'prompt', content: 'Old.\n[2 images were left out]' },
    { type: 'user', kind: 'prompt', content: 'New.', images: ['bmV3'] },
  ]);
});

test('a message that is larger than the window is cut, and its whole stands in a file', async () => {
  const session = await open([{ content: 'A lot.' }]);
  const text = `begin ${words(9000)} end`;
  expect(await session.turn(text)).toMatchObject({ type: 'turn_completed', lastMessage: 'A lot.' });
  const [prompt] = session.agent.history.items.filter(
    (item) => item.type === 'user' && item.kind === 'prompt',
  );
  const content = prompt?.type === 'user' ? prompt.content : '';
  expect(content.startsWith('begin word 0 ')).toBe(true);
  expect(content.endsWith('word 4499 end')).toBe(true);
  const file = /\[full output: ([^\]]+)\]/.exec(content)?.[1] ?? '';
  expect(await readFile(file, 'utf8')).toBe(text);
});

test('many large outputs at once share half of the window', async () => {
  const calls = Array.from({ length: 10 }, (_, index) => ({
    name: 'shell',
    arguments: { command: `seq ${index} 9999` },
  }));
  const session = await open([{ toolCalls: calls }]);
  expect((await session.turn('Go.')).type).toBe('turn_completed');
  expect(session.server.log.filter(({ status }) => status !== 200)).toEqual([]);
  const outputs = session
    .messages(1)
    .flatMap(({ role, content }) => (role === 'tool' ? [content.length] : []));
  expect(outputs).toHaveLength(10);
  expect(Math.max(...outputs)).toBeLessThan((EFFECTIVE * 2) / 10 + 400);
});

test('what the user says while the summary is written comes behind it', async () => {
  const go = Promise.withResolvers<void>();
  const session = await open([1, 2, 3, 4].map(flood), {
    summary: () => ({ content: SUMMARY, waitFor: go.promise }),
  });
  const compacting = session.waitFor((event) => event.type === 'model_phase' && event.phase === 'compacting');
  const end = session.turn('Go.');
  await compacting;
  session.agent.submit({ type: 'steer', text: 'Also this.' });
  go.resolve();
  await end;
  const prompts = session.agent.history.items.flatMap((item) =>
    item.type === 'user' ? [item.content.split('\n')[0]] : [],
  );
  expect(prompts).toContain('Also this.');
  expect(prompts.indexOf('Also this.')).toBeGreaterThan(
    prompts.findIndex((text) => text?.startsWith('[The conversation')),
  );
});

test('an interrupt while the summary is written leaves the history as it was', async () => {
  const never = new Promise(() => undefined);
  const session = await open([{ content: words(400) }, ...[1, 2, 3, 4].map(flood)], {
    summary: () => ({ content: SUMMARY, waitFor: never }),
  });
  await session.turn('Is it?');
  const before = [...session.agent.history.items];
  const interrupted = async (start: () => void): Promise<Event> => {
    const compacting = session.waitFor(
      (event) => event.type === 'model_phase' && event.phase === 'compacting',
    );
    const end = session.waitFor(isEnd);
    start();
    await compacting;
    session.agent.submit({ type: 'interrupt' });
    return end;
  };
  expect((await interrupted(() => session.agent.submit({ type: 'compact' }))).type).toBe('turn_aborted');
  expect(session.agent.history.items).toEqual(before);
  expect((await interrupted(() => session.agent.submit({ type: 'user_turn', text: 'Go.' }))).type).toBe(
    'turn_aborted',
  );
  expect(session.agent.history.items.slice(0, before.length)).toEqual(before);
  expect(session.agent.history.items.filter(({ type }) => type === 'tool').length).toBeGreaterThan(2);
  expect(session.compactions()).toEqual([]);
});

test('going back behind a compaction brings back what it replaced', async () => {
  const session = await open([
    { content: 'One.' },
    ...[1, 2, 3, 4].map(flood),
    { content: 'Two.' },
    { content: 'Three.' },
    { content: 'Again.' },
  ]);
  await session.turn('one');
  const before = [...session.agent.history.items];
  await session.turn('two');
  await session.turn('three');
  expect(session.compactions()).toHaveLength(1);
  expect(session.agent.droppableTurns).toBe(3);
  session.agent.submit({ type: 'rollback', userTurns: 2 });
  expect(session.agent.history.items).toEqual(before);
  expect(session.events.findLast(({ type }) => type === 'rolled_back')).toEqual({
    type: 'rolled_back',
    userTurns: 2,
    text: 'two',
  });
  await session.turn('two again');
  expect(
    brief(session.messages(session.server.log.filter(({ kind }) => kind === 'chat').length - 1)),
  ).toEqual(['system: You are a test.', FRAME, 'user: one', 'assistant: One.', 'user: two again']);
});

test('going back to what was said after a compaction keeps the summary', async () => {
  const session = await open([...[1, 2, 3, 4].map(flood), { content: 'One.' }, { content: 'Two.' }]);
  await session.turn('one');
  const before = [...session.agent.history.items];
  await session.turn('two');
  session.agent.submit({ type: 'rollback', userTurns: 1 });
  expect(session.agent.history.items).toEqual(before);
});

test('the same work again and again, compacted each time, ends the turn; the session goes on', async () => {
  let turns = 0;
  const server = await withOllama((request) => {
    if (isCompaction(request)) return { content: SUMMARY };
    turns += 1;
    return request.messages.at(-1)?.content === 'Stop.' ? { content: 'Stopped.' } : flood(turns % 4);
  });
  const session = await testAgent(server, { numCtx: WINDOW });
  expect(await session.turn('Go.')).toMatchObject({
    type: 'turn_failed',
    message: expect.stringMatching(/compacted twice without progress/),
  });
  expect(await session.turn('Stop.')).toMatchObject({ type: 'turn_completed', lastMessage: 'Stopped.' });
});

test('the model is told of its budget once a stage, and again after a compaction', async () => {
  const session = await open(Array.from({ length: 30 }, (_, index) => shell(`seq ${index} ${index + 99}`)));
  await session.turn('Go.');
  const told = session.server.log
    .filter(({ kind }) => kind === 'chat')
    .map(({ body }) => (body as { messages: Message[] }).messages)
    .map((messages) =>
      messages.flatMap(({ content }) =>
        [...content.matchAll(/\[(\d)\d% of the context/g)].map(([, ten]) => ten),
      ),
    );
  expect([...new Set(told.map((stages) => stages.join(' ')))]).toEqual(['', '5', '5 7', '5 7 9']);
  const compactedAt = told.findIndex((stages, index) => stages.length < (told[index - 1]?.length ?? 0));
  expect(told.slice(compactedAt).some((stages) => stages.length > 0)).toBe(true);
});

test('a limit and a prompt of the user’s own', async () => {
  const server = await withOllama((request, index) =>
    request.messages.at(-1)?.content === 'Sum it up.'
      ? { content: SUMMARY }
      : index < 3
        ? flood(index)
        : { content: 'Done.' },
  );
  const session = await testAgent(server, {
    numCtx: 32_768,
    autoCompactLimit: 3500,
    compactPrompt: 'Sum it up.',
  });
  await session.turn('Go.');
  const compacted = session.events.flatMap((event) => (event.type === 'compacted' ? [event] : []));
  expect(compacted).toHaveLength(1);
  expect(compacted[0]?.before).toBeGreaterThanOrEqual(3500);
  expect(compacted[0]?.after).toBeLessThanOrEqual((0.4 * 3500) / 0.95);
});

test('a window below 4,096 tokens is refused before anything is asked', async () => {
  const session = await open([], { numCtx: 3840 });
  expect(await session.turn('Go.')).toMatchObject({
    type: 'turn_failed',
    message:
      'a window of 3,840 tokens is too small to work in: at least 4,096 are needed. ' +
      'Set `model_context_window` to 8192 or more; if that is all that base can do, choose another model',
  });
  expect(session.server.log.filter(({ kind }) => kind === 'chat')).toEqual([]);
});

test('an AGENTS.md that is larger than the window is cut, which is said once', async () => {
  const doc = `# Rules\n${words(16_000)}\nThe end.`;
  const session = await open([{ content: 'Yes.' }, { content: 'Again.' }, ...[1, 2, 3, 4, 5].map(flood)], {
    projectDoc: doc,
  });
  await session.turn('Is it?');
  await session.turn('Really?');
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
  expect(session.warnings()).toEqual([
    'AGENTS.md takes more than a quarter of the window: the model only gets its beginning and its end. ' +
      'Shorten it, or raise `model_context_window`',
  ]);
  const frame = session.messages(0)[1]?.content ?? '';
  expect(frame.startsWith('# Rules\nword 0 ')).toBe(true);
  expect(frame).toMatch(/chars truncated…[\s\S]*\nThe end\.\n\n<environment_context>/);
  expect(session.compactions().length).toBeGreaterThan(0);
  expect(Math.max(...session.compactions().map(({ after }) => after))).toBeLessThan(EFFECTIVE * 0.6);
  expect(session.agent.history.items.some(({ content }) => content.endsWith(SUMMARY))).toBe(true);
});
