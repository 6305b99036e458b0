import { expect, test } from 'vitest';
import { looksDenied } from '../../src/safety/denial.ts';

test.each([
  [1, 'touch: cannot touch a: Read-only file system'],
  [1, 'bash: /a: Permission denied\n'],
  [1, 'Operation NOT permitted'],
  [126, 'bash: ./x: Permission denied'],
  [127, 'seccomp'],
  [2, 'blocked by the sandbox'],
  [101, 'landlock'],
  [1, 'error: failed to write file x'],
  [159, ''],
  [null, 'sandbox'],
])('denied: exit %s, %j', (exitCode, output) => {
  expect(looksDenied(exitCode, output)).toBe(true);
});

test.each([
  [0, 'Permission denied'],
  [1, 'assertion failed'],
  [2, 'usage: x'],
  [126, ''],
  [127, 'command not found'],
  [137, ''],
  [null, ''],
])('not denied: exit %s, %j', (exitCode, output) => {
  expect(looksDenied(exitCode, output)).toBe(false);
});
