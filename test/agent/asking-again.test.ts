/** An answer that is of no use is asked for again in a form that cannot be malformed. */
import { expect, test } from 'vitest';
import { ONLY_SAID, ONLY_TEXT } from '../../src/agent/turn-end.ts';
import { httpFault, type Script, swallowedCall, type Turn } from '../../src/demo/script.ts';
import { callSchema } from '../../src/model/constrained.ts';
import { ModelMeasures } from '../../src/model/measures.ts';
import { openItems, type TestAgent, testAgent } from '../support/agent.ts';
import { NATIVE, RENDERED, type TestOllama, withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly tools?: Parameters<typeof callSchema>[0];
  readonly format?: unknown;
  readonly think?: unknown;
}

const AS_JSON =
  '[Reply with one JSON object: "act" is the tool and "args" its arguments, or "act" is "answer" and "text" your answer.]';

/** `<|im_start|>assistant`, of which the next message shares the first. */
const HEADER_TOKENS = 2;

const FAULTS: readonly (readonly [name: string, turn: Turn, note: string, reason: string])[] = [
  [
    'a broken call',
    httpFault(500, 'EOF'),
    '[Your last reply was lost, because its tool call could not be read: EOF. Reply again with one valid tool call.]',
    'the model wrote a broken tool call: EOF',
  ],
  [
    'a swallowed call',
    swallowedCall(),
    '[Your last reply was empty. Call a tool, or give your answer.]',
    'the model gave an empty answer',
  ],
  [
    'a call that nobody can read',
    { content: '<tool_call>{"name": shell]' },
    '[Your last reply was lost, because its tool call could not be read: it is neither a tool call nor plain text. Reply again with one valid tool call.]',
    'the model wrote a broken tool call: it is neither a tool call nor plain text',
  ],
  [
    'a call in a fence',
    { content: 'I list them.\n```json\n{"name": "shell", "arguments": {"command": "echo hi"}}\n```' },
    '[Nothing was run: your reply ends in a tool call written as text. Make the call, or give your answer without it.]',
    'the answer ends in a call that was not made',
  ],
  [
    'an announcement',
    { content: 'I will now read the file src/app.py.' },
    '[You said what you will do, but nothing was done. Make the call, or give your answer.]',
    'the answer only says what will be done',
  ],
  [
    'an answer that was cut off',
    { content: 'one two', doneReason: 'length', evalCount: 9 },
    '[Your reply was cut off after 9 tokens. Go on where it stopped; write less at once.]',
    "the model's answer was cut off at 9 tokens",
  ],
  [
    'a model that repeats itself',
    { content: `I look.\n${'and so on '.repeat(300)}` },
    '[You repeated yourself, so your reply was stopped. Call a tool, or give your answer.]',
    'the model repeated itself and was stopped',
  ],
];

const CALL: Turn = { json: { act: 'exec_command', args: { yield_time_ms: 5000, cmd: 'echo hi' } } };

async function open(
  script: Script,
  options: Parameters<typeof testAgent>[1] = {},
): Promise<TestAgent & { readonly server: TestOllama; readonly bodies: () => readonly Body[] }> {
  const server = await withOllama(script);
  const chats = () => server.log.filter(({ kind }) => kind === 'chat');
  return {
    server,
    bodies: () => chats().map(({ body }) => body as Body),
    ...(await testAgent(server, options)),
  };
}

const retries = ({ events }: TestAgent) => events.filter(({ type }) => type === 'retry');

for (const model of [RENDERED, NATIVE]) {
  test.each(
    FAULTS,
  )(`%s: the same request with a schema gives a call (${model.path})`, async (_name, fault, note, reason) => {
    const session = await open([fault, CALL, { content: 'It says hi.' }], { model: model.name });
    expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'It says hi.' });
    const [first, second, third] = session.bodies();
    const { messages, format, ...rest } = second ?? { messages: [] };
    expect(format).toEqual(callSchema(first?.tools ?? []));
    expect(messages.at(-1)).toEqual({ role: 'user', content: `${note}\n${AS_JSON}` });
    expect(messages.slice(0, first?.messages.length)).toEqual(first?.messages);
    const { messages: _, ...before } = first ?? {};
    expect(rest).toEqual(model === RENDERED ? { ...before, think: false } : before);
    // In the history it is a call like any other, and the model is free again.
    expect(
      session.agent.history.items.find((item) => item.type === 'assistant' && item.calls.length > 0),
    ).toEqual({
      type: 'assistant',
      content: '',
      thinking: '',
      calls: [
        {
          id: expect.any(String),
          name: 'exec_command',
          arguments: { cmd: 'echo hi', yield_time_ms: 5000 },
        },
      ],
    });
    expect(third?.messages.at(-1)?.content).toContain('hi\n');
    expect([third?.format, third?.think]).toEqual([undefined, first?.think]);
    expect(retries(session)).toEqual([
      { type: 'retry', attempt: 1, max: expect.any(Number), reason, isModelFault: true },
    ]);
    const shown = session.events.flatMap((event) => (event.type === 'item_delta' ? [event.text] : []));
    expect(shown.join('')).not.toContain('"act"');
    expect(openItems(session.events)).toEqual([]);
    // All that the first request was, but the header of its answer, is not read again.
    const [asked, askedAgain] = session.server.log.filter(({ kind }) => kind === 'chat');
    const known = (askedAgain?.promptTokens ?? 0) - (askedAgain?.rereadTokens ?? 0);
    expect(known).toBeGreaterThanOrEqual((asked?.promptTokens ?? 0) - HEADER_TOKENS);
  });
}

test('an answer within the schema is shown and kept as an answer', async () => {
  const session = await open([swallowedCall(), { json: { act: 'answer', text: 'All is well.' } }]);
  expect(await session.turn('Is it?')).toMatchObject({ type: 'turn_completed', lastMessage: 'All is well.' });
  expect(session.agent.history.items.at(-1)).toEqual({
    type: 'assistant',
    content: 'All is well.',
    thinking: '',
    calls: [],
  });
  expect(session.completed().at(-1)).toMatchObject({
    type: 'agent_message',
    text: 'All is well.',
    status: 'completed',
  });
  expect(openItems(session.events)).toEqual([]);
});

test('a schema is not tried twice in a row', async () => {
  const long: Turn = { json: { act: 'answer', text: 'one two three' }, doneReason: 'length' };
  const cut: Turn = { content: '{"act": "answer", "text": "one tw', doneReason: 'length' };
  const session = await open([swallowedCall(), cut, { content: 'Short.' }]);
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'Short.' });
  const [, second, third] = session.bodies();
  expect([second?.format === undefined, third?.format]).toEqual([false, undefined]);
  expect(third?.messages.at(-1)).toEqual({
    role: 'user',
    content:
      '[Your last reply was too long and was lost. Call a tool, or give your answer; write less at once.]',
  });
  // Whole in spite of the limit.
  const whole = await open([swallowedCall(), long]);
  expect(await whole.turn('Go.')).toMatchObject({ lastMessage: 'one two three' });
});

const home = async () => new ModelMeasures(await tempFolder());

test.each<[string, readonly Turn[], string]>([
  ['ignores', [{ content: 'Sorry.' }], 'Sorry.'],
  [
    'ignores, and calls,',
    [{ toolCalls: [{ name: 'shell', arguments: { command: 'true' } }] }, { content: 'Done.' }],
    'Done.',
  ],
  [
    'refuses',
    [
      httpFault(400, 'json: cannot unmarshal object into Go struct field ChatRequest.format of type string'),
      { content: 'Fine.' },
    ],
    'Fine.',
  ],
  ['cannot read', [httpFault(500, 'failed to parse grammar'), { content: 'Fine.' }], 'Fine.'],
])('a server that %s a schema is asked in words from then on, also by the next session', async (_how, turns, last) => {
  const measures = await home();
  const session = await open([swallowedCall(), ...turns, swallowedCall(), { content: 'Again.' }], {
    measures,
  });
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: last });
  expect(measures.of(session.server.host, 'base').obeysFormat).toBe(false);
  expect(await session.turn('Go on.')).toMatchObject({ lastMessage: 'Again.' });
  expect(session.bodies().at(-1)).toMatchObject({
    messages: expect.arrayContaining([
      { role: 'user', content: '[Your last reply was empty. Call a tool, or give your answer.]' },
    ]),
  });
  expect(session.bodies().at(-1)?.format).toBeUndefined();
  const asked = session.bodies().length;
  const next = await testAgent(session.server, { measures });
  await next.turn('Hi.');
  expect(
    session
      .bodies()
      .slice(asked)
      .every(({ format }) => format === undefined),
  ).toBe(true);
});

test('that a server obeys is remembered as well', async () => {
  const measures = await home();
  const session = await open([swallowedCall(), { json: { act: 'answer', text: 'Yes.' } }], { measures });
  await session.turn('Go.');
  expect(measures.of(session.server.host, 'base').obeysFormat).toBe(true);
});

test('a model whose thinking cannot be switched off is asked in words', async () => {
  const server = await withOllama([swallowedCall(), { content: 'Sorry.' }]);
  const session = await testAgent(server, { think: 'medium' as unknown as boolean });
  await session.turn('Go.');
  const [, again] = server.log.filter(({ kind }) => kind === 'chat').map(({ body }) => body as Body);
  expect([again?.format, again?.think, again?.messages.at(-1)?.content]).toEqual([
    undefined,
    'medium',
    '[Your last reply was empty. Call a tool, or give your answer.]',
  ]);
});

test.each([
  ['Add a function count to src/cart.js.', '```js\nreturn 1;\n```\nI have written the code.', [ONLY_TEXT]],
  ['Carry out the plan.', '```js\nreturn 1;\n```\nI have executed the plan and verified it.', [ONLY_TEXT]],
  ['Add a function count to src/cart.js.', 'It is there.', [ONLY_SAID]],
  ['discounted() is wrong. Fix it.', 'The function now takes the percentage off the sum.', [ONLY_SAID]],
  ['Write the word apple three times.', 'apple, apple, apple', []],
  ['Add a function count to src/cart.js.', 'Shall it count lines or items?', []],
  ['How would you count?', '```js\nreturn 1;\n```\nSo.', []],
  ['Show me the function.', '```js\nreturn 1;\n```\nThat is it.', []],
])('a change that is only in the answer: %s %j', async (message, content, warned) => {
  const session = await open([{ content }]);
  await session.turn(message);
  expect(session.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))).toEqual(
    warned,
  );
});

test('of a turn that calls something the evidence is shown, without a warning', async () => {
  const call = { toolCalls: [{ name: 'exec_command', arguments: { cmd: 'echo hi' } }] };
  const session = await open([call, { content: '```js\nreturn 1;\n```\nI have added it.' }]);
  await session.turn('Add a function count.');
  expect(session.events.filter(({ type }) => type === 'warning')).toEqual([]);
});

test('while a call is written as text, which is not shown, the phase says so', async () => {
  const content =
    'I look.\n<tool_call>\n{"name": "exec_command", "arguments": {"cmd": "echo hi"}}\n</tool_call>';
  const session = await open([{ content }, { content: 'It says hi.' }]);
  await session.turn('Say hi.');
  const phases = session.events.flatMap((event) =>
    event.type === 'model_phase' && event.phase === 'writing' ? [event.detail] : [],
  );
  expect(phases).toEqual([undefined, 'writing a call', undefined]);
});

test('what is announced twice is the answer', async () => {
  const session = await open([
    { content: 'I will now read the file.' },
    { json: { act: 'answer', text: 'I will read the file.' } },
  ]);
  expect(await session.turn('What would you do?')).toMatchObject({
    type: 'turn_completed',
    lastMessage: 'I will read the file.',
  });
});
