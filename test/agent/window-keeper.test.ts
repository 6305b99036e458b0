import { expect, test } from 'vitest';
import { type AgentModel, Conversation } from '../../src/agent/conversation.ts';
import { WindowKeeper } from '../../src/agent/window-keeper.ts';
import { buildPrompt, promptHead } from '../../src/context/prompt.ts';
import { OllamaClient } from '../../src/model/client.ts';
import type { Event } from '../../src/protocol.ts';

const client = new OllamaClient({ host: 'http://127.0.0.1:1', headers: {} });
const system = 'You are a test.';
const environment = {
  ...{ cwd: '/w', shell: 'bash', date: '2026-03-01', timezone: 'UTC' },
  sandbox: { mode: 'read-only' as const, networkAccess: false, writableRoots: [] },
};
const model: AgentModel = {
  ...{ profile: 'native', profileSource: 'config' },
  facts: {
    ...{ tools: true, thinking: false, thinkLevels: false, vision: false, embedding: false },
    ...{ contextLength: 8192, modelfileNumCtx: undefined, path: 'rendered' },
  },
  settings: {
    ...{ model: 'base', numCtx: 8192, numPredict: 2048, keepAlive: '30m' },
    ...{ think: undefined, sampling: {}, idleTimeoutMs: 60_000, reconnectMs: 0 },
  },
};
/** 95 % of what a prompt may use. */
const LIMIT = 5836;

/** A keeper of a conversation whose last prompt the server has counted. */
function keeperOf(promptTokens: number, autoCompactLimit?: number) {
  const conversation = new Conversation(system, undefined);
  conversation.recordInput({ type: 'user_turn', text: 'Do it.' }, environment);
  const { messages, tools } = buildPrompt(promptHead(model, system, []), conversation.history.items);
  conversation.meter.begin(messages, tools);
  conversation.meter.end({
    ...{ content: '', thinking: '', toolCalls: [], doneReason: 'stop' },
    ...{ promptTokens, evalTokens: 0, loadMs: 0, promptEvalMs: 0, evalMs: 0 },
  });
  const events: Event[] = [];
  const keeper = new WindowKeeper({
    options: { client, system, cwd: '/w', autoCompactLimit },
    conversation,
    emit: (event) => events.push(event),
    newFile: () => '/nowhere',
  });
  keeper.enter(model, { tools: [], readEnvironment: () => environment });
  return { keeper, conversation, events };
}

test('a compaction is due at the limit, not before it and not after it', () => {
  const due = [LIMIT - 1, LIMIT, LIMIT + 1].map((tokens) => keeperOf(tokens).keeper);
  expect(due.map(({ isDue, left }) => ({ isDue, left }))).toEqual([
    { isDue: false, left: 1 },
    { isDue: true, left: 0 },
    { isDue: true, left: 0 },
  ]);
  const earlier = [2849, 2850].map((tokens) => keeperOf(tokens, 2850).keeper.isDue);
  expect(earlier).toEqual([false, true]);
});

test('a message that would reach the limit is due as soon as it is known', () => {
  const text = 'x'.repeat(1000);
  // As it is sent, by the rate of the last count.
  const tokensOf = (promptTokens: number): number => {
    const { meter } = keeperOf(promptTokens).conversation;
    return meter.estimate([{ role: 'user', content: text }], []);
  };
  const fits = (promptTokens: number): boolean => {
    const { keeper } = keeperOf(promptTokens);
    return !keeper.isDueFor({ type: 'user_turn', text });
  };
  const most = LIMIT - tokensOf(LIMIT);
  expect([fits(most - 1), fits(most)]).toEqual([true, false]);
});
