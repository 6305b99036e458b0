import { expect, test } from 'vitest';
import { SessionApprovals } from '../../src/safety/approvals.ts';

test('a session approval covers the same command, folder and permissions only', () => {
  const approvals = new SessionApprovals();
  const command = { command: 'make', cwd: '/w', permissions: 'workspace-write' };
  expect(approvals.hasCommand(command)).toBe(false);
  approvals.allowCommand(command);
  const others = [
    command,
    { ...command, command: 'make ' },
    { ...command, cwd: '/w/a' },
    { ...command, permissions: 'danger-full-access' },
  ];
  expect(others.map((other) => approvals.hasCommand(other))).toEqual([true, false, false, false]);
});

test('files are approved one by one, and a patch needs all of its own', () => {
  const approvals = new SessionApprovals();
  approvals.allowFiles(['/w/a', '/w/b']);
  const patches = [['/w/a'], ['/w/b', '/w/a'], ['/w/a', '/w/c'], ['/w'], []];
  expect(patches.map((files) => approvals.hasFiles(files))).toEqual([true, true, false, false, false]);
});
