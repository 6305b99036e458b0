import { expect, test } from 'vitest';
import { Facts } from '../../../src/context/seen/facts.ts';
import type { FileChange, Item } from '../../../src/protocol.ts';

const done = (facts: Facts, item: Item): void => facts.handle({ type: 'item_completed', item });

function command(line: string, exitCode: number | null, output = '', more: object = {}): Item {
  const status = exitCode === 0 ? 'completed' : 'failed';
  return {
    type: 'command_execution',
    id: 'i',
    command: line,
    cwd: '/w',
    output,
    exitCode,
    durationMs: 1,
    status,
    ...more,
  };
}

function patch(...changes: FileChange[]): Item {
  return { type: 'file_change', id: 'i', changes, output: 'ok', status: 'completed' };
}

test('nothing is known of a session that did nothing', () => {
  expect(new Facts().text('/w')).toBeUndefined();
});

test('plan, files with their sums, the last failed command, and what runs', () => {
  const facts = new Facts();
  done(facts, { type: 'plan', id: 'i', steps: [{ step: 'old', status: 'pending' }] });
  done(facts, {
    type: 'plan',
    id: 'i',
    steps: [
      { step: 'look', status: 'completed' },
      { step: 'fix', status: 'in_progress' },
      { step: 'test', status: 'pending' },
    ],
  });
  done(
    facts,
    patch(
      { path: '/w/new.ts', kind: 'add', diff: '@@ -0,0 +1,2 @@\n+a\n+b\n' },
      { path: '/w/src/a.ts', kind: 'update', diff: '--- a\n+++ b\n@@ -1 +1,2 @@\n-x\n+y\n+z\n' },
      { path: '/elsewhere/b.ts', kind: 'delete', diff: '@@ -1 +0,0 @@\n-b\n' },
    ),
  );
  done(
    facts,
    patch({ path: '/w/src/a.ts', kind: 'update', movePath: '/w/src/c.ts', diff: '@@ -1 +1 @@\n-y\n+w\n' }),
  );
  done(facts, patch({ path: '/w/new.ts', kind: 'update', diff: '@@ -1 +1 @@\n-a\n+c\n' }));
  done(facts, command("/bin/bash -c 'npm test'", 1, 'first\nsecond\n'));
  facts.handle({
    type: 'background_changed',
    running: [{ sessionId: 2, command: 'npm run dev', startedAt: 0 }],
  });
  expect(facts.text('/w')).toBe(`Plan:
[x] look
[>] fix
[ ] test
Files changed:
/elsewhere/b.ts (deleted)
src/c.ts +3 -2
new.ts (new) +3 -1
Last failed command: npm test (exit code 1)
first
second
Running in the background:
session 2: npm run dev`);
});

test('a failure is over when the same command succeeds, and the user’s own are none of the model’s', () => {
  const facts = new Facts();
  done(facts, command('npm test', 1));
  done(facts, command('ls', 0));
  expect(facts.text('/w')).toBe(
    'Commands run:\nls (exit code 0)\nLast failed command: npm test (exit code 1)',
  );
  done(facts, command('npm test', 0));
  done(facts, command('false', 1, '', { source: 'user' }));
  done(facts, command('serve', null, '', { sessionId: 1 }));
  done(facts, command('serve', 143, '', { sessionId: 1 }));
  done(facts, command('rm -rf /', null, '', { status: 'declined' }));
  expect(facts.text('/w')).toBe(
    'Commands run:\nls (exit code 0)\nnpm test (exit code 0)\nserve (exit code 143)',
  );
  done(facts, command('sleep 9', null));
  expect(facts.text('/w')).toBe(
    'Commands run:\nls (exit code 0)\nnpm test (exit code 0)\nserve (exit code 143)\nLast failed command: sleep 9 (ended by a signal)',
  );
});

test('the newest commands are told, each with the end of its last run', () => {
  const facts = new Facts();
  for (let index = 0; index < 100; index += 1) done(facts, command(`/bin/bash -c 'run ${index}'`, index % 3));
  done(facts, command("/bin/bash -c 'run 98'", 0));
  expect(facts.commands).toHaveLength(40);
  expect(facts.commands.at(-1)).toEqual({ command: 'run 98', exitCode: 0 });
  expect(facts.text('/w')).toBe(`Commands run:
run 92 (exit code 2)
run 93 (exit code 0)
run 94 (exit code 1)
run 95 (exit code 2)
run 96 (exit code 0)
run 97 (exit code 1)
run 99 (exit code 0)
run 98 (exit code 0)`);
});

test('what was added and deleted again is nothing, and long lists are cut', () => {
  const facts = new Facts();
  done(facts, patch({ path: '/w/tmp', kind: 'add', diff: '+a' }));
  done(facts, patch({ path: '/w/tmp', kind: 'delete', diff: '-a' }));
  expect(facts.text('/w')).toBeUndefined();
  for (let index = 1; index <= 45; index += 1) {
    done(facts, patch({ path: `/w/f${index}`, kind: 'add', diff: '+a' }));
  }
  const lines = facts.text('/w')?.split('\n') ?? [];
  expect([lines.length, lines[1], lines.at(-1)]).toEqual([42, 'f6 (new) +1 -0', 'and 5 before them']);
  done(facts, command('x'.repeat(5000), 1, 'y'.repeat(100_000)));
  expect(facts.text('/w')?.length).toBeLessThan(3000);
});

test('the tests that failed in the last run of a command are known by name, until it passes', () => {
  const facts = new Facts();
  const failing = { passed: 3, failed: 2, skipped: 0, failing: ['adds', 'keeps zero'] };
  done(facts, command("bash -c 'make test'", 2, 'x', { tests: failing }));
  done(facts, command("bash -c 'ls nothing'", 1));
  expect(facts.text('/w')?.split('\n').slice(0, 4)).toEqual([
    'Commands run:',
    'make test (exit code 2)',
    'Tests that failed in the last run:',
    'make test: adds; keeps zero',
  ]);
  expect(facts.checks).toEqual([{ command: 'make test', passed: false, tests: failing }]);
  const passing = { passed: 5, failed: 0, skipped: 0, failing: [] };
  done(facts, command("bash -c 'make test'", 0, 'x', { tests: passing }));
  expect(facts.text('/w')).not.toContain('adds');
  expect(facts.checks).toEqual([{ command: 'make test', passed: true, tests: passing }]);
});
