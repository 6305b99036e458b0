/** The window of a server that has its own: exact counts near the limit, and a window that turns out to be smaller. */
import { expect, test } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { testAgent } from '../support/agent.ts';
import { RENDERED, withOllama } from '../support/ollama-server.ts';

const words = (count: number): string => Array.from({ length: count }, (_, at) => `w${at}`).join(' ');
const say = (count: number): Turn => ({
  toolCalls: [{ name: 'shell', arguments: { command: `echo ${words(count)}` } }],
});
const SUMMARY = `Goal: go on. Done: several commands were run and printed words. Next: answer the user.`;

const llama = (script: Parameters<typeof withOllama>[0], defaultNumCtx: number) =>
  withOllama(script, { wire: 'llama.cpp', models: [RENDERED], defaultNumCtx });

test.each([
  ['a prompt is refused', 1_300, true],
  ['an answer has no room', 1_000, false],
])('a smaller window than was known is adopted, and the conversation compacted, when %s', async (_, size, isRefused) => {
  const script = (request: { messages: readonly { content: string }[] }, index: number): Turn => {
    if (/summar/i.test(request.messages.at(-1)?.content ?? '')) return { content: SUMMARY };
    return index < 7 ? say(size + index) : { content: 'Done.' };
  };
  const server = await llama(script as never, 8192);
  const session = await testAgent(server, { numCtx: 32_768 });
  const end = await session.turn(`Print words. ${words(500)}`);
  expect(end).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
  const sizes = session.events.flatMap((event) => (event.type === 'token_count' ? [event.numCtx] : []));
  expect({
    isRefused: server.log.some(({ status }) => status === 400),
    isCompacted: session.events.some(({ type }) => type === 'compacted'),
    numCtx: sizes.at(-1),
  }).toEqual({ isRefused, isCompacted: true, numCtx: 8192 });
});

test('the tokenizer is asked only where the estimate is near the limit', async () => {
  const script = (request: { messages: readonly { content: string }[] }, index: number): Turn => {
    if (/summar/i.test(request.messages.at(-1)?.content ?? '')) return { content: SUMMARY };
    // Each step adds less than the share of the window that counts as near.
    return index < 7 ? say(index === 0 ? 50 : 700 + index) : { content: 'Done.' };
  };
  const server = await llama(script as never, 8192);
  const session = await testAgent(server, { numCtx: 8192 });
  await session.turn('Print words.');
  const order = server.log
    .map(({ path }) => path)
    .filter((path) => ['/tokenize', '/v1/chat/completions'].includes(path));
  // Far from the limit nothing is counted.
  expect(order.slice(0, 2)).toEqual(['/v1/chat/completions', '/v1/chat/completions']);
  expect(order).toContain('/tokenize');
});

test('cached tokens are counted as the server tells them', async () => {
  const server = await llama([say(5), { content: 'Done.' }], 8192);
  const session = await testAgent(server, { numCtx: 8192 });
  await session.turn('Print words.');
  const counts = session.events.flatMap((event) => (event.type === 'token_count' ? [event.last] : []));
  const chats = server.log.filter(({ kind }) => kind === 'chat');
  expect(counts.map(({ inputTokens, cachedInputTokens }) => [inputTokens, cachedInputTokens])).toEqual(
    chats.map(({ promptTokens, rereadTokens }) => [promptTokens, (promptTokens ?? 0) - (rereadTokens ?? 0)]),
  );
});

test('how far a prompt is read comes from the server', async () => {
  const server = await llama([{ content: 'Done.' }], 8192);
  const session = await testAgent(server, { numCtx: 8192 });
  await session.turn('Hi.');
  const read = session.events.flatMap((event) =>
    event.type === 'model_phase' && event.phase === 'reading' ? [[event.newTokens, event.readTokens]] : [],
  );
  const { promptTokens } = server.log.find(({ kind }) => kind === 'chat') ?? {};
  expect(read).toEqual([
    [promptTokens, 0],
    [promptTokens, promptTokens],
  ]);
});
