/** What a client offers for a question of the agent, and what its answer comes to. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerOf, permissionOptions } from '../../src/acp/permission.ts';
import type { ApprovalRequest } from '../../src/protocol.ts';

const BASE = { id: 'a1', cwd: '/w', reason: '' } as const;
const COMMAND: ApprovalRequest = { ...BASE, kind: 'command', command: 'git push', prefix: ['git', 'push'] };
const QUESTION: ApprovalRequest = { ...BASE, kind: 'question', question: 'Which?', options: ['A', 'B'] };
const EXTENSION: ApprovalRequest = {
  ...BASE,
  kind: 'extension',
  extension: { kind: 'hook', name: 'check', lines: ['run check'] },
};

const kindsOf = (request: ApprovalRequest) =>
  permissionOptions(request).map(({ optionId, kind }) => [optionId, kind]);
const chosen = (optionId: string, request: ApprovalRequest) =>
  answerOf({ outcome: 'selected', optionId }, request);

test('what an answer is good for is what the client is told', () => {
  expect([COMMAND, QUESTION, EXTENSION].map(kindsOf)).toEqual([
    [
      ['once', 'allow_once'],
      ['session', 'allow_always'],
      ['prefix', 'allow_always'],
      ['no', 'reject_once'],
      ['stop', 'reject_once'],
    ],
    [
      ['option 0', 'allow_once'],
      ['option 1', 'allow_once'],
      ['no', 'reject_once'],
      ['stop', 'reject_once'],
    ],
    [
      ['once', 'allow_always'],
      ['no', 'reject_always'],
      ['stop', 'reject_once'],
    ],
  ]);
});

test('each option is answered as itself, and a question that is taken back by nothing', () => {
  expect(permissionOptions(COMMAND).map(({ optionId }) => chosen(optionId, COMMAND))).toEqual([
    { type: 'once' },
    { type: 'session' },
    { type: 'prefix' },
    { type: 'no' },
    { type: 'stop' },
  ]);
  expect([chosen('option 1', QUESTION), answerOf({ outcome: 'cancelled' }, COMMAND)]).toEqual([
    { type: 'option', option: 'B' },
    undefined,
  ]);
});

test('whatever a client answers, what was not offered is a no', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom('prefix', 'session', 'option 0', 'option 7', 'once ', 'instead')),
      fc.constantFrom(COMMAND, { ...COMMAND, prefix: [] }, QUESTION, EXTENSION),
      (optionId, request) => {
        const isOffered = permissionOptions(request).some((option) => option.optionId === optionId);
        if (!isOffered) expect(chosen(optionId, request)).toEqual({ type: 'no' });
      },
    ),
  );
});
