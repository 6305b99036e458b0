/** A model that thinks for too long is stopped, and answers without. */
import { expect, test } from 'vitest';
import type { Script, Turn } from '../../src/demo/script.ts';
import { ModelMeasures } from '../../src/model/measures.ts';
import type { Event } from '../../src/protocol.ts';
import { openItems, type TestAgent, testAgent } from '../support/agent.ts';
import { type TestOllama, withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly think?: unknown;
}

/** In a window of 8,192 tokens an answer has 2,048, of which thinking may take 1,024. */
const WINDOW = 8192;

const words = (count: number): string =>
  Array.from({ length: count }, (_, at) => `w${at.toString(36)}${at % 12 === 11 ? '\n' : ' '}`).join('');

/** Thinks, and then nothing comes until the client goes away. */
const endless = (count = 2_000): Turn => ({ thinking: words(count), fault: { kind: 'stall', after: 1_700 } });

async function open(
  script: Script,
  options: Parameters<typeof testAgent>[1] = {},
): Promise<TestAgent & { readonly server: TestOllama; readonly bodies: () => readonly Body[] }> {
  const server = await withOllama(script);
  return {
    server,
    bodies: () => server.log.filter(({ kind }) => kind === 'chat').map(({ body }) => body as Body),
    ...(await testAgent(server, { numCtx: WINDOW, ...options })),
  };
}

const stops = (events: readonly Event[]) => events.filter(({ type }) => type === 'thinking_stopped');

test('thinking past half of the answer is stopped, and the answer asked for again without it', async () => {
  const session = await open([endless(), { content: 'It is seven.' }]);
  expect(await session.turn('How many?')).toMatchObject({ lastMessage: 'It is seven.' });
  const [first, second] = session.bodies();
  // The next request is the one before and a note, and only the end of the prompt is another.
  const note = {
    role: 'user',
    content: expect.stringMatching(
      /^\[You thought for too long, so your thinking was stopped\. Think no more: call a tool, or give your answer\. Your last thoughts were:\nw\w+ [\w\s]{300,600}\]$/,
    ),
  };
  expect(second).toEqual({ ...first, think: false, messages: [...(first?.messages ?? []), note] });
  const thoughts = session.completed().filter(({ type }) => type === 'reasoning');
  expect(thoughts).toEqual([
    {
      type: 'reasoning',
      id: expect.any(String),
      text: expect.stringMatching(/^w0 w1 /),
      status: 'completed',
    },
  ]);
  expect(stops(session.events)).toEqual([{ type: 'thinking_stopped', tokens: expect.any(Number) }]);
  expect(openItems(session.events)).toEqual([]);
  // What was stopped is no message.
  expect(session.agent.history.items.filter(({ type }) => type === 'assistant')).toEqual([
    { type: 'assistant', content: 'It is seven.', thinking: '', calls: [] },
  ]);
});

test('a thinking that is shorter is left alone', async () => {
  const session = await open([{ thinking: words(400), content: 'Seven.' }]);
  await session.turn('How many?');
  expect(session.bodies()).toHaveLength(1);
});

test('what is thought in marks within the text counts as well', async () => {
  const turn: Turn = { content: `<think>${words(2_000)}`, fault: { kind: 'stall', after: 1_700 } };
  const session = await open([turn, { content: 'Seven.' }], { model: 'native' });
  expect(await session.turn('How many?')).toMatchObject({ lastMessage: 'Seven.' });
  const [first, second] = session.bodies();
  // There is no switch: only the note.
  expect(second).toEqual({ ...first, messages: [...(first?.messages ?? []), expect.anything()] });
  expect(stops(session.events)).toHaveLength(1);
  expect(openItems(session.events)).toEqual([]);
});

test('it is stopped once an answer: a second one ends as any other without an answer', async () => {
  const long = { thinking: words(1_500) };
  const session = await open([
    endless(),
    { content: `<think>${long.thinking}</think>` },
    { content: 'Seven.' },
  ]);
  expect(await session.turn('How many?')).toMatchObject({ lastMessage: 'Seven.' });
  expect(stops(session.events)).toHaveLength(1);
  const notes = session.bodies().at(-1)?.messages.slice(-2) ?? [];
  expect(notes.map(({ content }) => content.split(/[.,]/)[0])).toEqual([
    '[You thought for too long',
    '[You only thought',
  ]);
});

test('what is thought after the stop is waited for, however long it is', async () => {
  const session = await open([endless(), { content: `<think>${words(1_500)}</think>It is seven.` }]);
  expect(await session.turn('How many?')).toMatchObject({ lastMessage: 'It is seven.' });
  expect([session.bodies().length, stops(session.events).length]).toEqual([2, 1]);
});

test('each answer may be stopped, with calls in between, and thinks again', async () => {
  const call: Turn = { toolCalls: [{ name: 'exec_command', arguments: { cmd: 'echo hi' } }] };
  const session = await open([endless(), call, endless(), { content: 'It says hi.' }]);
  expect(await session.turn('Go.')).toMatchObject({ type: 'turn_completed', lastMessage: 'It says hi.' });
  const bodies = session.bodies();
  expect(bodies.map(({ think }) => think)).toEqual([true, false, true, false]);
  for (const [at, body] of bodies.entries())
    expect(body.messages.slice(0, bodies[at - 1]?.messages.length ?? 0)).toEqual(
      bodies[at - 1]?.messages ?? [],
    );
  expect(stops(session.events)).toHaveLength(2);
});

test('a thinking that repeats itself is stopped at once', async () => {
  const loop = `I look.\n${'and then I think about it again, '.repeat(120)}`;
  const session = await open([{ thinking: loop, content: 'Never said.' }, { content: 'Seven.' }], {
    numCtx: 32_768,
  });
  expect(await session.turn('How many?')).toMatchObject({ lastMessage: 'Seven.' });
  expect(stops(session.events)).toEqual([
    { type: 'thinking_stopped', tokens: expect.any(Number), isRepeated: true },
  ]);
  expect(session.bodies()[1]?.messages.at(-1)?.content).toMatch(/I look\.\n?[^\n]{0,80}\]$/);
});

test('an interrupt while it thinks is one, and so is one after the stop', async () => {
  const session = await open([endless(1_000), endless(), endless()]);
  const reasoning = session.waitFor(({ type }) => type === 'item_delta');
  const end = session.turn('Go.');
  await reasoning;
  session.agent.submit({ type: 'interrupt' });
  expect(await end).toMatchObject({ type: 'turn_aborted' });
  const stopped = session.waitFor(({ type }) => type === 'thinking_stopped');
  const second = session.turn('Again.');
  await stopped;
  session.agent.submit({ type: 'interrupt' });
  expect(await second).toMatchObject({ type: 'turn_aborted' });
  expect(openItems(session.events)).toEqual([]);
});

test('what a model needs is learned, stored by effort, and its next sessions are stopped earlier', async () => {
  const measures = new ModelMeasures(await tempFolder());
  const short = { thinking: words(20), content: 'Yes.' };
  const session = await open([...Array.from({ length: 8 }, () => short), endless(), { content: 'Seven.' }], {
    measures,
  });
  for (let turn = 0; turn < 8; turn += 1) await session.turn(`Question ${turn}?`);
  const kept = measures.thinkingOf(session.server.host, 'base', 'true');
  expect(kept).toHaveLength(8);
  expect(Math.max(...kept)).toBeLessThan(100);
  await session.turn('How many?');
  const [stop] = stops(session.events);
  expect(stop).toEqual({ type: 'thinking_stopped', tokens: 513 });
  // What was stopped may be longer the next time.
  expect(measures.thinkingOf(session.server.host, 'base', 'true').at(-1)).toBe(513);
});

test('a summary that is only thought about is asked for without thinking', async () => {
  const session = await open([
    { content: 'Yes.' },
    endless(),
    { content: '# Task\nAnswer questions about numbers.\n# Done\nNothing else was asked so far.' },
  ]);
  await session.turn(`Is it? ${words(1_500)}`);
  const end = session.waitFor(({ type }) => type === 'turn_completed');
  session.agent.submit({ type: 'compact' });
  await end;
  expect(session.bodies().map(({ think }) => think)).toEqual([true, true, false]);
});
