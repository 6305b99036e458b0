/** Which modes a client may set: never full access, and no writing in a folder that nobody trusts. */
import { expect, test } from 'vitest';
import { Modes, modeId } from '../../src/acp/modes.ts';
import { PLAN_MODE, type SessionMode } from '../../src/protocol.ts';

const ASK: SessionMode = { mode: 'read-only', approval: 'on-request' };
const WRITE: SessionMode = { mode: 'workspace-write', approval: 'on-request' };
const FULL: SessionMode = { mode: 'danger-full-access', approval: 'never' };

const idsOf = (modes: Modes, now: SessionMode) => modes.state(now).availableModes.map(({ id }) => id);

test('in a trusted folder all but full access is offered', () => {
  const modes = new Modes(WRITE, true);
  expect(idsOf(modes, WRITE)).toEqual(['read-only', 'ask', 'write', 'plan']);
  const ids = ['read-only', 'ask', 'write', 'plan', 'full-access', 'configured'];
  expect(ids.map((id) => modes.permissionsOf(id))).toEqual([
    { mode: 'read-only', approval: 'never' },
    ASK,
    WRITE,
    PLAN_MODE,
    undefined,
    undefined,
  ]);
  expect(modes.whyNot('full-access')).toBe(
    'there is no mode full-access. Choose one of read-only, ask, write, plan',
  );
});

test('in a folder that is not trusted no client can choose to write', () => {
  const modes = new Modes(ASK, false);
  expect(idsOf(modes, ASK)).toEqual(['read-only', 'ask', 'plan']);
  expect(modes.permissionsOf('write')).toBeUndefined();
  expect(modes.whyNot('write')).toBe(
    'the folder is not trusted, so it is only read. To trust it, run oagent in it once and say yes',
  );
});

test('what the command line has set is the first mode, and can be returned to', () => {
  const modes = new Modes(FULL, true);
  expect(modes.state(FULL)).toEqual({
    currentModeId: 'full-access',
    availableModes: [
      ...new Modes(WRITE, true).state(WRITE).availableModes,
      {
        id: 'full-access',
        name: 'As configured',
        description: 'sandbox danger-full-access, approval never',
      },
    ],
  });
  expect(modes.permissionsOf('full-access')).toBe(FULL);
  expect(modeId({ mode: 'workspace-write', approval: 'never' })).toBe('configured');
});
