import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApprovalAnswer, ApprovalRequest, Event } from '../../src/protocol.ts';
import { createAskUserTool } from '../../src/tools/ask-user.ts';
import type { ToolContext } from '../../src/tools/tool.ts';

const COLOUR = { question: 'Which colour?', options: ['red', 'blue'] };
const SIZE = { question: 'Which size?', options: ['small', 'large', 'huge'] };

function context(answers: readonly ApprovalAnswer[]) {
  const asked: Omit<ApprovalRequest, 'id'>[] = [];
  const events: Event[] = [];
  const ctx = {
    cwd: '/w',
    ask: async (request: Omit<ApprovalRequest, 'id'>) => answers[asked.push(request) - 1] ?? { type: 'stop' },
    emit: (event: Event) => events.push(event),
    nextItemId: () => 'i1',
  } as unknown as ToolContext;
  return { ctx, asked, events };
}

test('questions are asked one after the other, and answered by an option, in words, or not at all', async () => {
  const { ctx, asked, events } = context([
    { type: 'option', option: 'blue' },
    { type: 'no', instead: 'as large as the screen' },
    { type: 'no' },
  ]);
  const result = await createAskUserTool(true).run({ questions: [COLOUR, SIZE, COLOUR] }, ctx);
  expect(result).toEqual({
    ok: true,
    text: 'Which colour?\n→ blue\nWhich size?\n→ as large as the screen\nWhich colour?\n→ (no answer: decide yourself)',
  });
  expect(asked).toEqual(
    [COLOUR, SIZE, COLOUR].map((one) => ({ kind: 'question', cwd: '/w', reason: '', ...one })),
  );
  expect(events.map(({ type }) => type)).toEqual(['item_started', 'item_completed']);
});

test('a question without options is asked for an answer in words', async () => {
  const { ctx, asked } = context([{ type: 'no', instead: '8080' }]);
  const result = await createAskUserTool(true).run({ questions: [{ question: 'Which port?' }] }, ctx);
  expect(result).toEqual({ ok: true, text: 'Which port?\n→ 8080' });
  expect(asked).toEqual([{ kind: 'question', cwd: '/w', reason: '', question: 'Which port?', options: [] }]);
});

test('stop ends it, with what was answered before', async () => {
  const { ctx } = context([{ type: 'option', option: 'red' }, { type: 'stop' }]);
  expect(await createAskUserTool(true).run({ questions: [COLOUR, SIZE] }, ctx)).toEqual({
    ok: false,
    text: 'Which colour?\n→ red\ninterrupted by the user',
    refused: true,
  });
});

test('without anybody to ask it is not offered, and says so', async () => {
  const tool = createAskUserTool(false);
  const { ctx, asked } = context([]);
  expect([tool.isSilent, await tool.run({ questions: [COLOUR] }, ctx), asked]).toEqual([
    true,
    {
      ok: false,
      text: 'nobody can answer here: decide yourself, go on, and say in the end what you decided.',
    },
    [],
  ]);
});

test.each([
  [{}, 'questions is empty: give each question with its options'],
  [{ questions: [COLOUR, COLOUR, SIZE, SIZE] }, 'at most 3 questions at a time'],
  [{ questions: [{ question: 'Why?', options: ['one'] }] }, /2 or 3 different options/],
  [{ questions: [{ question: 'Why?', options: ['a', 'a'] }] }, /2 or 3 different options/],
  [{ questions: [{ question: ' ', options: ['a', 'b'] }] }, /2 or 3 different options/],
  [{ questions: ['Why?'] }, /2 or 3 different options/],
])('%j is refused with what to do', async (args, text) => {
  const { ctx, asked } = context([]);
  const result = await createAskUserTool(true).run(args, ctx);
  expect([result.ok, asked]).toEqual([false, []]);
  expect(result.text).toMatch(text);
});

test('whatever it is called with, it asks nothing that has one option, or more than three', async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything(), async (questions) => {
      const { ctx, asked } = context([]);
      const result = await createAskUserTool(true).run({ questions }, ctx);
      expect(result.ok).toBe(false);
      for (const { options = [] } of asked) expect([0, 2, 3]).toContain(options.length);
    }),
  );
});
