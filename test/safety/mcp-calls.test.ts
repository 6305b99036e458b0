import { expect, test } from 'vitest';
import { decideMcp } from '../../src/safety/mcp-calls.ts';

const OUTSIDE = 'The server runs outside the sandbox.';
const CHANGES = `${OUTSIDE} The tool may change something, although this session is read-only.`;
const NOBODY = 'this call needs approval and nobody can be asked. Its user can allow the tool: so';
const PLANNED =
  'plan mode: this tool may change something, so it is not called. Write the call into the plan instead.';

const run = { action: 'run' };
const ask = (reason: string) => ({ action: 'ask', reason });
const refuse = (message: string) => ({ action: 'refuse', message });

interface Case {
  readonly mode?: 'read-only' | 'workspace-write' | 'danger-full-access';
  readonly approval?: 'untrusted' | 'on-request' | 'on-failure' | 'never';
  readonly isPlan?: boolean;
  readonly allowed?: boolean;
  readonly session?: boolean;
  readonly reads?: boolean;
  readonly attended?: boolean;
}

const decided = ({ mode = 'workspace-write', approval = 'on-request', isPlan, ...facts }: Case) =>
  decideMcp({
    permissions: { mode, approval, isPlan },
    isAllowed: facts.allowed ?? false,
    isAllowedForSession: facts.session ?? false,
    isReadOnly: facts.reads ?? false,
    isAttended: facts.attended ?? true,
    isSandboxed: false,
    howToAllow: 'so',
  });

test.each<[Case, unknown]>([
  [{}, ask(OUTSIDE)],
  [{ reads: true }, ask(OUTSIDE)],
  [{ allowed: true }, run],
  [{ session: true }, run],
  [{ approval: 'untrusted' }, ask(OUTSIDE)],
  [{ mode: 'danger-full-access' }, ask(OUTSIDE)],
  [{ mode: 'read-only' }, ask(CHANGES)],
  [{ mode: 'read-only', reads: true }, ask(OUTSIDE)],
  [{ mode: 'read-only', allowed: true }, ask(CHANGES)],
  [{ mode: 'read-only', allowed: true, reads: true }, run],
  [{ mode: 'read-only', session: true }, run],
])('where somebody can be asked, %j', (facts, decision) => {
  expect(decided(facts)).toEqual(decision);
});

test.each<[Case, unknown]>([
  [{}, refuse(NOBODY)],
  [{ reads: true }, refuse(NOBODY)],
  [{ allowed: true }, run],
  [{ mode: 'read-only', allowed: true }, run],
  [{ mode: 'danger-full-access' }, run],
  [{ session: true }, refuse(NOBODY)],
])('where nobody is asked, %j', (facts, decision) => {
  expect(decided({ ...facts, approval: 'never', attended: false })).toEqual(decision);
});

test.each<[Case, unknown]>([
  [{}, ask(CHANGES)],
  [{ reads: true }, ask(OUTSIDE)],
  [{ allowed: true }, ask(CHANGES)],
  [{ allowed: true, reads: true }, run],
  [{ attended: false }, refuse(PLANNED)],
  [{ attended: false, allowed: true }, refuse(PLANNED)],
  [{ attended: false, allowed: true, reads: true }, run],
])('in plan mode, %j', (facts, decision) => {
  expect(decided({ ...facts, mode: 'read-only', approval: 'never', isPlan: true })).toEqual(decision);
});

test('the user is told of a server in the sandbox', () => {
  expect(
    decideMcp({
      permissions: { mode: 'workspace-write', approval: 'on-request' },
      isAllowed: false,
      isAllowedForSession: false,
      isReadOnly: false,
      isAttended: true,
      isSandboxed: true,
      howToAllow: '',
    }),
  ).toEqual(ask('The server runs in the sandbox.'));
});
