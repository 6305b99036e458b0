/** How long each model may think, and what is sent after a stop. */
import { expect, test } from 'vitest';
import { AnswerThinking } from '../../src/agent/answer-thinking.ts';
import type { AgentModel } from '../../src/agent/conversation.ts';
import type { ThoughtTurn } from '../../src/agent/limited-chat.ts';
import { ThinkingBudget } from '../../src/agent/thinking-budget.ts';
import { ModelMeasures } from '../../src/model/measures.ts';
import { RUNAWAY } from '../../src/model/runaway.ts';
import type { ChatSettings } from '../../src/model/server.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SERVER = { host: 'http://h' };

/** An answer of this model may have 2,048 tokens. */
function model(think: ChatSettings['think'], more: { readonly thinkInHead?: boolean; name?: string } = {}) {
  const { thinkInHead = false, name = 'base' } = more;
  return {
    settings: { model: name, think, numPredict: 2_048 },
    facts: { thinkInHead },
  } as AgentModel;
}

const turn = (doneReason: string, thoughtTokens: number) =>
  ({ content: '', thinking: 't', toolCalls: [], doneReason, thoughtTokens }) as unknown as ThoughtTurn;

test('after a stop the model thinks least; where the switch is in the head of the prompt, as before', () => {
  const budget = new ThinkingBudget(SERVER, undefined);
  const after = (think: ChatSettings['think'], thinkInHead: boolean) =>
    budget.for(model(think, { thinkInHead })).after;
  expect([true, 'high', undefined].map((think) => after(think as ChatSettings['think'], false))).toEqual([
    false,
    'low',
    undefined,
  ]);
  expect([true, 'high', undefined].map((think) => after(think as ChatSettings['think'], true))).toEqual([
    true,
    'high',
    undefined,
  ]);
});

test('what is learned holds for its model and effort, at once and in later sessions', async () => {
  const measures = new ModelMeasures(await tempFolder());
  const budget = new ThinkingBudget(SERVER, measures);
  const thinking = budget.for(model('high'));
  for (let at = 0; at < 8; at += 1) thinking.learned(100);
  thinking.learned(0);
  const most = (of: ThinkingBudget) => [
    of.for(model('high')).most,
    of.for(model('low')).most,
    of.for(model('high', { name: 'other' })).most,
  ];
  expect([thinking.most, most(budget), most(new ThinkingBudget(SERVER, measures))]).toEqual([
    512,
    [512, 1_024, 1_024],
    [1_024, 1_024, 1_024],
  ]);
  budget.keep();
  expect(most(new ThinkingBudget(SERVER, measures))).toEqual([512, 1_024, 1_024]);
});

test('an answer is stopped once; what repeats itself teaches nothing', () => {
  const learned: number[] = [];
  const answer = () =>
    new AnswerThinking({ most: 7, after: false, learned: (tokens) => void learned.push(tokens) });
  const settings = { think: true } as ChatSettings;
  const first = answer();
  expect([first.most, first.settings(settings)]).toEqual([7, settings]);
  expect(first.heard(turn('thinking_stopped', 8))).toBe('stopped');
  expect([first.most, first.settings(settings)]).toEqual([undefined, { think: false }]);
  expect(first.heard(turn('thinking_stopped', 9))).toBe('whole');
  expect([answer().heard(turn(RUNAWAY, 5)), answer().heard(turn('stop', 3))]).toEqual(['stopped', 'whole']);
  expect(learned).toEqual([8, 3]);
});
