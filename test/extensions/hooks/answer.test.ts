import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAnswer } from '../../../src/extensions/hooks/answer.ts';
import { HOOK_EVENTS, type HookEvent } from '../../../src/extensions/hooks/hook.ts';

const end = (code: number, stdout: unknown = '', stderr = '') => ({
  code,
  stdout: Buffer.from(typeof stdout === 'string' ? stdout : JSON.stringify(stdout)),
  stderr: Buffer.from(stderr),
});

/** What is said, or why it is none. */
function said(event: HookEvent, code: number, stdout: unknown = '', stderr = ''): unknown {
  try {
    const answer = readAnswer(event, end(code, stdout, stderr));
    return Object.fromEntries(
      Object.entries(answer).filter(([, value]) => value !== undefined && value !== false),
    );
  } catch (error) {
    return (error as Error).message;
  }
}

const own = (fields: object) => ({ hookSpecificOutput: fields });

test.each<[HookEvent, number, unknown, string, unknown]>([
  // Exit codes.
  ['PreToolUse', 0, '', 'noise', {}],
  ['PreToolUse', 2, 'x', ' \x1b[31mno\x1b[0m rm\n', { blocked: 'no rm' }],
  ['PostToolUse', 2, '', '', 'it ended with 2, which blocks, without a reason on stderr'],
  ['SessionStart', 2, '', 'x', 'it ended with 2: x'],
  ['Notification', 2, '', 'x', 'it ended with 2: x'],
  ['Stop', 1, '', 'a\nb\nc\nd\n', 'it ended with 1: b\nc\nd'],
  ['Stop', 127, '', '', 'it ended with 127'],
  // Plain text.
  ['SessionStart', 0, 'hello\n', '', { context: 'hello' }],
  ['UserPromptSubmit', 0, '10%\r20%\r30%\n', '', { context: '30%' }],
  ['PostToolUse', 0, 'a.ts 3ms', '', {}],
  ['Stop', 0, 'done', '', {}],
  // JSON that is none.
  ['PreToolUse', 0, '{"decision":', '', 'its answer begins like JSON, but is not a JSON object'],
  ['PreToolUse', 0, '[1]', '', 'its answer begins like JSON, but is not a JSON object'],
  // Common fields.
  ['Stop', 0, { continue: false }, '', { stop: 'it gave no reason' }],
  ['PostToolUse', 0, { continue: false, stopReason: 'budget' }, '', { stop: 'budget' }],
  ['PostToolUse', 0, { systemMessage: 'hi', suppressOutput: true }, '', { message: 'hi', isQuiet: true }],
  ['PostToolUse', 0, { continue: 'no' }, '', 'continue of its answer is not true or false'],
  // Decisions.
  ['PostToolUse', 0, { decision: 'block', reason: 'lint' }, '', { blocked: 'lint' }],
  ['PreToolUse', 0, { decision: 'block', reason: 'old form' }, '', { blocked: 'old form' }],
  ['Stop', 0, { decision: 'block' }, '', 'decision "block" needs a reason'],
  ['Stop', 0, { decision: 'block', reason: ' ' }, '', 'decision "block" needs a reason'],
  ['PreToolUse', 0, { decision: 'approve' }, '', 'decision "approve" is not supported at PreToolUse'],
  [
    'SessionStart',
    0,
    { decision: 'block', reason: 'x' },
    '',
    'decision "block" is not supported at SessionStart',
  ],
  // Before a call.
  ['PreToolUse', 0, own({ permissionDecision: 'allow' }), '', { isAllowed: true }],
  [
    'PreToolUse',
    0,
    own({ permissionDecision: 'allow', updatedInput: { command: 'ls' } }),
    '',
    { isAllowed: true, input: { command: 'ls' } },
  ],
  [
    'PreToolUse',
    0,
    own({ permissionDecision: 'deny', permissionDecisionReason: 'no' }),
    '',
    { blocked: 'no' },
  ],
  [
    'PreToolUse',
    0,
    own({ permissionDecision: 'deny' }),
    '',
    'permissionDecision "deny" needs a permissionDecisionReason',
  ],
  [
    'PreToolUse',
    0,
    own({ permissionDecision: 'ask' }),
    '',
    'permissionDecision "ask" is not supported: allow or deny',
  ],
  [
    'PreToolUse',
    0,
    own({ updatedInput: {} }),
    '',
    'updatedInput counts only with permissionDecision "allow"',
  ],
  [
    'PostToolUse',
    0,
    own({ permissionDecision: 'allow' }),
    '',
    'permissionDecision and updatedInput cannot be given at PostToolUse',
  ],
  // Context.
  ['PostToolUse', 0, own({ hookEventName: 'PostToolUse', additionalContext: 'c' }), '', { context: 'c' }],
  ['PostToolUse', 0, own({ hookEventName: 'Stop', additionalContext: 'c' }), '', 'its answer is for Stop'],
  ['Stop', 0, own({ additionalContext: 'c' }), '', 'additionalContext cannot be given at Stop'],
  ['PostToolUse', 0, own({ additionalContext: 3 }), '', 'additionalContext of its answer is not a text'],
  ['PostToolUse', 0, { hookSpecificOutput: 'x' }, '', 'hookSpecificOutput of its answer is not an object'],
  ['PostToolUse', 0, { unknown: 1, reason: null }, '', {}],
])('%s, %i, %j', (event, code, stdout, stderr, expected) => {
  expect(said(event, code, stdout, stderr)).toEqual(expected);
});

test('whatever a hook prints, it is an answer or an error in words, and only 2 or a decision blocks', () => {
  const bytes = fc.oneof(
    fc.uint8Array().map((array) => Buffer.from(array)),
    fc.json().map((text) => Buffer.from(text)),
    fc.string().map((text) => Buffer.from(`{${text}`)),
  );
  fc.assert(
    fc.property(fc.constantFrom(...HOOK_EVENTS), fc.nat(255), bytes, bytes, (event, code, stdout, stderr) => {
      try {
        const { blocked, isAllowed } = readAnswer(event, { code, stdout, stderr });
        if (blocked !== undefined) expect(code === 2 || code === 0).toBe(true);
        if (isAllowed) expect([event, code]).toEqual(['PreToolUse', 0]);
      } catch (error) {
        expect((error as Error).message).toMatch(/^[a-zA-Z]/);
      }
    }),
  );
});
