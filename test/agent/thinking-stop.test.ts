/** A model that thinks for too long is stopped, and answers without. */
import { expect, test } from 'vitest';
import type { Script, Turn } from '../../src/demo/script.ts';
import { ModelMeasures } from '../../src/model/measures.ts';
import type { Event } from '../../src/protocol.ts';
import { openItems, type TestAgent, tempFolder, testAgent } from '../support/agent.ts';
import { RENDERED, type TestOllama, withOllama } from '../support/ollama-server.ts';

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
    { type: 'reasoning', id: expect.any(String), text: expect.stringMatching(/^w0 w1 /), status: 'completed' },
  ]);
  expect(stops(session.events)).toEqual([{ type: 'thinking_stopped', tokens: expect.any(Number) }]);
  expect(openItems(session.events)).toEqual([]);
  // What was stopped is no message.
  expect(session.agent.history.items.filter(({ type }) => type === 'assistant')).toEqual([
    { type: 'assistant', content: 'It is seven.', thinking: '', calls: [] },
  ]);
});

test('a thinking that is shorter is left alone, also one that was set to be short', async () => {
  const session = await open([{ thinking: words(400), content: 'Seven.' }]);
  await session.turn('How many?');
  expect(session.bodies()).toHaveLength(1);
});
