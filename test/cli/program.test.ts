/** Which commands are made for a command line: each takes time, and `exec` is started by scripts. */
import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

const namesFor = (...argv: string[]): string[] =>
  createProgram(argv, () => undefined).commands.map((command) => command.name());

const ALL = namesFor();

test.each([
  [['exec', 'Hi'], ['exec']],
  [['-m', 'base', '--yolo', 'e', 'Hi'], ['exec']],
  [
    ['mcp', 'list'],
    ['mcp-server', 'mcp'],
  ],
  [
    ['archive', 'ID'],
    ['sessions', 'archive', 'unarchive', 'delete'],
  ],
  [['completion'], ALL],
  [['help', 'exec'], ALL],
  [['--help'], ALL],
  [['--', 'exec'], ALL],
  [['-m', 'exec', 'Hi'], ALL],
  [['Hi', 'exec'], ALL],
])('%j', (argv, names) => {
  expect(namesFor(...argv)).toEqual(names);
});

test('a command is made when it is named alone, just as among all', () => {
  // What tells of all commands has no word of its own.
  for (const name of ALL.filter((one) => one !== 'completion')) {
    const names = namesFor(name);
    expect(names).toContain(name);
    expect(names.length).toBeLessThan(5);
  }
  expect(ALL).toEqual([
    ...[
      'exec',
      'review',
      'demo',
      'apply-patch',
      'acp',
      'resume',
      'fork',
      'in-trial',
      'sessions',
      'archive',
      'unarchive',
      'delete',
      'config',
    ],
    ...['sandbox', 'doctor', 'rules', 'index', 'memories', 'skills', 'hooks', 'mcp-server', 'mcp'],
    ...['completion', 'stats', 'features', 'debug'],
  ]);
});
