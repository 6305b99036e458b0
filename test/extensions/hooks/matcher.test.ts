import { expect, test } from 'vitest';
import { isMatch } from '../../../src/extensions/hooks/matcher.ts';

test.each<[string | undefined, string[], boolean]>([
  [undefined, ['Bash'], true],
  ['', ['Bash'], true],
  ['*', ['Bash'], true],
  ['Bash', ['Bash', 'shell'], true],
  ['Ba', ['Bash'], false],
  ['Edit|Write', ['apply_patch', 'Edit', 'Write'], true],
  ['Edit | MultiEdit', ['Edit'], true],
  ['Read|Grep', ['apply_patch', 'Edit', 'Write'], false],
  ['^apply_', ['apply_patch'], true],
  ['mcp__.*__write.*', ['mcp__files__write_file'], true],
  ['mcp__memory__.*', ['mcp__files__write_file'], false],
  ['Bash.*', ['Bash'], true],
  ['a+$', [`${'b'.repeat(300)}a`], false],
])('%s for %j: %s', (matcher, names, expected) => {
  expect(isMatch(matcher, names)).toBe(expected);
});

test('an expression that would take for ever is given up, and said to be too slow', () => {
  expect(() => isMatch('^(a|a?)+$', [`${'a'.repeat(60)}!`])).toThrow(
    'its matcher "^(a|a?)+$" takes too long',
  );
});
