/** The whole table of decisions about calls of MCP servers' tools. */
import { expect, test } from 'vitest';
import { decideMcp } from '../../src/safety/mcp-calls.ts';

const FACTS = {
  isSandboxed: false,
  isReadOnly: false,
  isAllowed: false,
  howToAllow: 'the line',
  isAllowedForSession: false,
  isAttended: true,
} as const;
const MODES = ['read-only', 'workspace-write', 'danger-full-access'] as const;
type Mode = (typeof MODES)[number];

/** For: not allowed; allowed; allowed and only reads. */
function row(mode: Mode, who: { approval: 'on-request' | 'never'; isPlan?: boolean; isAttended?: boolean }) {
  const { approval, isPlan = false, isAttended = true } = who;
  const facts = { ...FACTS, isAttended, permissions: { mode, approval, isPlan } };
  const cases = [{}, { isAllowed: true }, { isAllowed: true, isReadOnly: true }];
  return cases.map((one) => decideMcp({ ...facts, ...one }).action);
}

test.each<[Mode, Parameters<typeof row>[1], string[]]>([
  ['workspace-write', { approval: 'on-request' }, ['ask', 'run', 'run']],
  ['danger-full-access', { approval: 'on-request' }, ['ask', 'run', 'run']],
  ['read-only', { approval: 'on-request' }, ['ask', 'ask', 'run']],
  ['workspace-write', { approval: 'never' }, ['refuse', 'run', 'run']],
  ['read-only', { approval: 'never' }, ['refuse', 'run', 'run']],
  ['danger-full-access', { approval: 'never' }, ['run', 'run', 'run']],
  ['read-only', { approval: 'never', isPlan: true, isAttended: false }, ['refuse', 'refuse', 'run']],
  ['read-only', { approval: 'never', isPlan: true }, ['ask', 'ask', 'run']],
])('%s, %j', (mode, who, expected) => {
  expect(row(mode, who)).toEqual(expected);
});

test('a read-only hint is no permission', () => {
  for (const mode of MODES)
    expect(
      decideMcp({ ...FACTS, isReadOnly: true, permissions: { mode, approval: 'on-request' } }).action,
    ).toBe('ask');
});

test('who refuses says how to allow it', () => {
  const permissions = { mode: 'workspace-write', approval: 'never' } as const;
  expect(decideMcp({ ...FACTS, permissions })).toEqual({
    action: 'refuse',
    message: 'this call needs approval and nobody can be asked. Its user can allow the tool: the line',
  });
});
