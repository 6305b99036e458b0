import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DecisionInput, decide } from '../../src/safety/decide.ts';
import { createPolicy } from '../../src/safety/policy.ts';
import { reasonForUser, rejectionHead } from '../../src/text/rejection.ts';

const BASE: DecisionInput = {
  command: 'git push',
  policy: 'never',
  mode: 'workspace-write',
  sandboxKind: 'bubblewrap',
  class: 'other',
  sessionApproval: false,
};
const INTERNAL =
  /AskForApproval|Never\b|polic|reject|escalat|user approval settings|sandbox_|read-only sandbox/;

function refused(over: Partial<DecisionInput>): string {
  const decision = decide({ ...BASE, ...over });
  return decision.action === 'refuse' ? reasonForUser(decision.message) : decision.action;
}

test('every refusal of a command is in words without names of settings', () => {
  const prompt = { decision: 'prompt', prefix: ['git', 'push'] } as const;
  const forbidden = { decision: 'forbidden', prefix: ['git', 'push'] } as const;
  const shown = [
    refused({ ruleDecision: prompt }),
    refused({ escalation: { justification: 'x' } }),
    refused({ class: 'dangerous' }),
    refused({ sandboxKind: 'none' }),
    refused({ ruleDecision: forbidden }),
    refused({ ruleDecision: { ...forbidden, prefix: [] } }),
    refused({ ruleDecision: { ...forbidden, reason: 'use the release script' } }),
  ];
  expect(shown).toEqual([
    'It needs your approval, and this session never asks.',
    'It was to leave the sandbox, which needs your approval, and this session never asks.',
    'It force-deletes files, which needs your approval, and this session never asks.',
    'No sandbox works on this machine. Without one it needs your approval, and this session never asks. `oagent doctor` says what is missing.',
    'A rule forbids commands that begin with `git push`.',
    'A rule forbids it.',
    'A rule forbids it: use the release script',
  ]);
  for (const text of shown) expect(text).not.toMatch(INTERNAL);
});

test('so are those of an edit, and what the user said', () => {
  const inMode = (mode: 'read-only' | 'workspace-write'): string => {
    const verdict = createPolicy({
      mode,
      approval: 'never',
      cwd: '/work/x',
      home: '/h',
      env: {},
      writableRoots: [],
    } as never).checkWrite(['/etc/x']);
    return verdict.allowed ? '' : reasonForUser(`patch rejected: ${verdict.message}`);
  };
  expect([inMode('read-only'), inMode('workspace-write')]).toEqual([
    'Nothing may be written in this session.',
    'It writes outside of the folders that this session may write to.',
  ]);
  expect(reasonForUser('exec command rejected by user\nThe user says: use y')).toBe(
    'You declined it.\nThe user says: use y',
  );
});

test('what is not known stays as it is, and a call of a tool that does not exist has its name', () => {
  expect(reasonForUser('no such line\nread it first')).toBe('no such line\nread it first');
  expect(['exec_command', 'apply_patch', 'grep', ''].map(rejectionHead)).toEqual([
    'The command was not run',
    'The edit was not made',
    'grep was not run',
    'A call was not run',
  ]);
});

test('any other text is kept', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(reasonForUser(`x${text}y`)).toBe(`x${text}y`);
    }),
  );
});
