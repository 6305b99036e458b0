import { expect, test } from 'vitest';
import { hookText } from '../../src/text/extension-text.ts';

test.each([
  ['PreToolUse', 'blocked', 'Hook PreToolUse forbade it: said'],
  ['UserPromptSubmit', 'blocked', 'Hook UserPromptSubmit forbade it: said'],
  ['PostToolUse', 'blocked', 'Hook PostToolUse told the model: said'],
  ['PostToolUse', 'context', 'Hook PostToolUse told the model: said'],
  ['Stop', 'blocked', 'Hook Stop sent the model back to work: said'],
  ['Stop', 'message', 'Hook Stop says: said'],
  ['Stop', 'failed', `Hook Stop (npm test ${'x'.repeat(50)}…) failed, and counts for nothing: said`],
] as const)('%s, %s', (event, outcome, expected) => {
  const command = `npm  test\n${'x'.repeat(100)}`;
  expect(hookText({ type: 'hook_ran', event, command, outcome, text: ' said\n' })).toBe(expected);
});
