import { describe, expect, test } from 'vitest';
import type { ApprovalPolicy, SandboxMode } from '../../src/protocol.ts';
import type { CommandKind } from '../../src/safety/dangerous.ts';
import {
  afterDenial,
  type Decision,
  type DecisionInput,
  decide,
  type SandboxKind,
} from '../../src/safety/decide.ts';
import type { RuleKind } from '../../src/safety/rules-source.ts';

const CLASSES: readonly CommandKind[] = ['known-safe', 'other', 'dangerous', 'unparsed'];
const POLICIES: readonly ApprovalPolicy[] = ['untrusted', 'on-request', 'on-failure', 'never'];
const SETTINGS: Readonly<Record<string, readonly (readonly [SandboxMode, SandboxKind])[]>> = {
  sandboxed: [
    ['read-only', 'bubblewrap'],
    ['read-only', 'seatbelt'],
    ['workspace-write', 'bubblewrap'],
    ['workspace-write', 'seatbelt'],
  ],
  'no sandbox': [
    ['read-only', 'none'],
    ['workspace-write', 'none'],
  ],
  'full access': [
    ['danger-full-access', 'bubblewrap'],
    ['danger-full-access', 'seatbelt'],
    ['danger-full-access', 'none'],
  ],
};

/**
 * S: run sandboxed, U: run unsandboxed, A: ask, then sandboxed, O: ask, then unsandboxed, R: refuse.
 * Columns: known-safe, other, dangerous, unparsed; the same escalated; the same where a rule prompts; both.
 */
const TABLE: Readonly<Record<string, Readonly<Record<ApprovalPolicy, string>>>> = {
  sandboxed: {
    untrusted: 'SAAA OOOO AAAA OOOO',
    'on-request': 'SSAS OOOO AAAA OOOO',
    'on-failure': 'SSAS OOOO AAAA OOOO',
    never: 'SSRS RRRR RRRR RRRR',
  },
  'no sandbox': {
    untrusted: 'UOOO OOOO OOOO OOOO',
    'on-request': 'UOOO OOOO OOOO OOOO',
    'on-failure': 'UOOO OOOO OOOO OOOO',
    never: 'URRR RRRR RRRR RRRR',
  },
  'full access': {
    untrusted: 'UOOO UOOO OOOO OOOO',
    'on-request': 'UUOU UUOU OOOO OOOO',
    'on-failure': 'UUOU UUOU OOOO OOOO',
    never: 'UUUU UUUU RRRR RRRR',
  },
};

function letter(decision: Decision): string {
  if (decision.action === 'run') return decision.sandboxed ? 'S' : 'U';
  if (decision.action === 'ask') return decision.sandboxedAfterApproval ? 'A' : 'O';
  return 'R';
}

interface Cell {
  readonly policy: ApprovalPolicy;
  readonly mode: SandboxMode;
  readonly sandboxKind: SandboxKind;
}

function input(
  cell: Cell,
  kind: CommandKind,
  more: { escalated?: boolean; rule?: RuleKind; sessionApproval?: boolean } = {},
): DecisionInput {
  return {
    ...cell,
    command: 'git push',
    class: kind,
    ...(more.escalated === true ? { escalation: { justification: 'Push the branch?' } } : {}),
    ruleDecision: more.rule === undefined ? undefined : { decision: more.rule, prefix: ['git', 'push'] },
    sessionApproval: more.sessionApproval === true,
  };
}

const cells = Object.entries(SETTINGS).flatMap(([setting, pairs]) =>
  pairs.flatMap(([mode, sandboxKind]) =>
    POLICIES.map((policy) => ({ setting, cell: { policy, mode, sandboxKind } })),
  ),
);

describe.each(cells)('$cell.policy, $cell.mode, $cell.sandboxKind', ({ setting, cell }) => {
  const expected = TABLE[setting]?.[cell.policy] ?? '';

  function row(sessionApproval: boolean): string {
    const groups = [
      {},
      { escalated: true },
      { rule: 'prompt' },
      { rule: 'prompt', escalated: true },
    ] as const;
    return groups
      .map((group) =>
        CLASSES.map((kind) => letter(decide(input(cell, kind, { ...group, sessionApproval })))).join(''),
      )
      .join(' ');
  }

  test('every class, escalation and prompting rule', () => {
    expect(row(false)).toBe(expected);
  });

  test('a session approval answers every question and turns no refusal', () => {
    expect(row(true)).toBe(expected.replaceAll('A', 'S').replaceAll('O', 'U'));
  });

  test.each([true, false])('rules that allow and forbid win (session approval %s)', (sessionApproval) => {
    const withRule = (rule: RuleKind) =>
      CLASSES.flatMap((kind) =>
        [true, false].map((escalated) => decide(input(cell, kind, { escalated, rule, sessionApproval }))),
      );
    expect(withRule('allow')).toEqual(Array(8).fill({ action: 'run', sandboxed: false }));
    expect(withRule('forbidden')).toEqual(
      Array(8).fill({
        action: 'refuse',
        message: '`git push` rejected: policy forbids commands starting with `git push`',
      }),
    );
  });
});

describe('texts', () => {
  const never: Cell = { policy: 'never', mode: 'workspace-write', sandboxKind: 'bubblewrap' };
  const asking: Cell = { ...never, policy: 'on-request' };

  test.each([
    [
      input(never, 'other', { rule: 'prompt' }),
      'approval required by policy, but AskForApproval is set to Never',
    ],
    [
      input(never, 'dangerous', { escalated: true }),
      'approval policy is Never; reject command — you cannot ask for escalated permissions if the approval policy is Never',
    ],
    [input(never, 'dangerous'), 'rm -f style commands are not permitted. Use a safer approach'],
    [
      input({ ...never, sandboxKind: 'none' }, 'other'),
      'command rejected: no sandbox works on this machine and the approval policy is Never. Only plain read-only commands (ls, cat, git status; no redirects or variables) can run. Use your other tools for files instead.',
    ],
    [
      {
        ...input(asking, 'other'),
        ruleDecision: { decision: 'forbidden', prefix: ['git'], reason: 'use jj' } as const,
      },
      '`git push` rejected: use jj',
    ],
    [
      { ...input(asking, 'other'), ruleDecision: { decision: 'forbidden', prefix: [] } as const },
      '`git push` rejected: blocked by policy',
    ],
  ])('refusal %#', (given, message) => {
    expect(decide(given)).toEqual({ action: 'refuse', message });
  });

  test.each([
    [input(asking, 'other', { escalated: true }), 'Push the branch?', false],
    [
      { ...input(asking, 'other'), escalation: { justification: ' ' } },
      'The model asks to run this outside the sandbox.',
      false,
    ],
    [input(asking, 'dangerous'), 'It force-deletes files (rm -f).', true],
    [
      input(asking, 'other', { rule: 'prompt' }),
      'A rule requires approval for commands that start with `git push`.',
      true,
    ],
    [
      {
        ...input(asking, 'other'),
        ruleDecision: { decision: 'prompt', prefix: ['git'], reason: 'network' } as const,
      },
      'network',
      true,
    ],
    [
      input({ ...asking, policy: 'untrusted' }, 'other'),
      'It may do more than read, and this session asks before such commands.',
      true,
    ],
    [
      input({ ...asking, sandboxKind: 'none' }, 'unparsed'),
      'No sandbox works on this machine, so it would run unconfined.',
      false,
    ],
  ])('question %#', (given, reason, sandboxedAfterApproval) => {
    expect(decide(given)).toEqual({ action: 'ask', reason, sandboxedAfterApproval });
  });
});

test('after a denial: asked under untrusted and on-failure, told to the model under on-request and never', () => {
  const ask = {
    action: 'ask',
    reason: 'The sandbox blocked it. Run it again outside the sandbox?',
    sandboxedAfterApproval: false,
  };
  const all = (sessionApproval: boolean) =>
    POLICIES.map((policy) => afterDenial({ policy, sessionApproval }));
  expect(all(false)).toEqual([ask, { action: 'return' }, ask, { action: 'return' }]);
  const run = { action: 'run', sandboxed: false };
  expect(all(true)).toEqual([run, { action: 'return' }, run, { action: 'return' }]);
});
