import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asksForSubAgent, taskNote } from '../../../src/agent/sub-agent/asked.ts';
import { createTaskTool } from '../../../src/tools/task.ts';

test.each([
  'Use a sub-agent to find all callers.',
  'use a subagent for this',
  'Find the callers with a sub-agent.',
  'Let the sub-agent look at src.',
  'Delegate this to a subagent, please',
  '$task find the callers',
  'Survey src using several sub-agents',
  'Have one read-only sub-agent read it',
])('%s', (message) => expect(asksForSubAgent(message)).toBe(true));

test.each([
  'Do not use a sub-agent.',
  "Don't start a subagent for that",
  'Do it without using a sub-agent',
  'What is a sub-agent?',
  'Fix the sub-agent of this project',
  'run the sub-agent tests',
  'work with subagent.ts',
  'Use the subagent module',
  'the price is US$task',
  'Use the agent',
  'Run this task',
  '',
])('%s: no', (message) => expect(asksForSubAgent(message)).toBe(false));

test('any message is decided', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('use', ' a ', 'sub', '-', 'agent', ' ', '\n', '$task', 'not'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      expect(typeof asksForSubAgent(pieces.join(''))).toBe('boolean');
    }),
  );
});

test('what the model is told of the tool depends on whether it knows it', () => {
  const notes = [true, false].map((isSilent) => taskNote('Use a sub-agent.', [createTaskTool({ isSilent })]));
  expect(notes).toEqual([
    '[There is one more tool, task, with the parameters prompt and files: a sub-agent that only reads, with a window of its own. Call it for this.]',
    '[The user asks for a sub-agent: call task.]',
  ]);
  expect(taskNote('Look around.', [createTaskTool({ isSilent: true })])).toBeUndefined();
  expect(taskNote('Use a sub-agent.', [])).toBeUndefined();
});
