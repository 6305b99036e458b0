/** When thinking is stopped: only before anything was said, and whatever comes after that does not count. */
import { expect, test } from 'vitest';
import { isStoppedThinking, limitedChat } from '../../src/agent/limited-chat.ts';
import type { AnswerDelta } from '../../src/model/answer/reader.ts';
import type { ChatRequest, ChatSettings, ModelServer } from '../../src/model/server.ts';

const WHOLE = {
  ...{ content: 'Seven.', thinking: 't', toolCalls: [], doneReason: 'stop' },
  ...{ promptTokens: 1, evalTokens: 0, loadMs: 0, promptEvalMs: 0, evalMs: 0 },
};

const thought = (text = 'word '): AnswerDelta => ({ type: 'thinking', text });
const said = (text: string): AnswerDelta => ({ type: 'text', text });

/** Says the deltas one after the other; the client ends it as soon as it is told to. */
async function chat(deltas: readonly AnswerDelta[], most: number | undefined, evalTokens = 0) {
  const heard: AnswerDelta[] = [];
  const server: Pick<ModelServer, 'chat'> = {
    chat: async (_settings, _request, listener, signal) => {
      for (const delta of deltas) {
        listener.onDelta(delta);
        signal.throwIfAborted();
      }
      return { ...WHOLE, evalTokens };
    },
  };
  const listener = { onDelta: (delta: AnswerDelta) => void heard.push(delta), onPhase: () => undefined };
  const { signal } = new AbortController();
  const args = [{} as ChatSettings, {} as ChatRequest, listener, signal] as const;
  const turn = await limitedChat(server, [...args], { most, bytesPerToken: 100 });
  return { heard: heard.length, isStopped: isStoppedThinking(turn), tokens: turn.thoughtTokens };
}

test('one token more than the limit stops it, and nothing is waited for after that', async () => {
  const four = [thought(), thought(), thought(), thought()];
  expect([
    await chat(four, 4),
    await chat(four, 3),
    await chat(four, 2),
    await chat(four, undefined),
  ]).toEqual([
    { heard: 4, isStopped: false, tokens: 4 },
    { heard: 4, isStopped: true, tokens: 4 },
    { heard: 3, isStopped: true, tokens: 3 },
    { heard: 4, isStopped: false, tokens: 4 },
  ]);
});

test('once something was said it is not stopped, unless that is taken back', async () => {
  const long = [thought(), thought(), thought()];
  const all = [
    await chat([said('Seven'), ...long], 2),
    // It may be a call.
    await chat([said(''), ...long], 2),
    // A line break in front of an answer says nothing.
    await chat([said('\n'), ...long], 2),
    await chat([said('No'), { type: 'rethought', text: 'No' }, ...long], 2),
  ];
  expect(all.map(({ isStopped }) => isStopped)).toEqual([false, false, true, true]);
});

test('the tokens of a thinking are no more than the server has counted of the answer', async () => {
  const four = [thought(), thought(), thought(), thought()];
  expect([(await chat(four, 9, 3)).tokens, (await chat(four, 9, 30)).tokens]).toEqual([3, 4]);
});
