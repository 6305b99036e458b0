import { expect, test } from 'vitest';
import { Evidence } from '../../../src/memory/extract/evidence.ts';
import { Grounding } from '../../../src/memory/extract/grounding.ts';

function holds(said: string, line: string): boolean {
  const evidence = new Evidence('/work/app', []);
  evidence.hear({ type: 'item_completed', item: { type: 'user_message', id: 'i1', text: said } });
  return new Grounding(evidence).holdsAsMemory(line, true);
}

test.each([
  ['Use tabs for the indentation.', 'Use tabs for the indentation', true],
  ['Use tabs for the indentation.', 'Use tabs for the indentation in all my projects', false],
  ['Use tabs for the indentation everywhere.', 'Use tabs for the indentation in all my projects', true],
  [
    'Use tabs for the indentation. The licence is in every repository.',
    'Use tabs for the indentation everywhere',
    false,
  ],
  ['Nutze überall Tabs zum Einrücken.', 'Nutze überall Tabs zum Einrücken', true],
  ['Nutze Tabs zum Einrücken.', 'Nutze überall Tabs zum Einrücken', false],
  ['Nutze Tabs zum Einrücken.', 'Nutze in allen Projekten Tabs zum Einrücken', false],
])('the user: %s The model: %s', (said, line, expected) => {
  expect(holds(said, line)).toBe(expected);
});

test('a command that ran in one project says nothing of all', () => {
  const evidence = new Evidence('/work/app', []);
  const command = { id: 'i1', command: 'npm test', cwd: '/work/app', output: '', exitCode: 0, durationMs: 1 };
  evidence.hear({
    type: 'item_completed',
    item: { type: 'command_execution', status: 'completed', ...command },
  });
  const grounding = new Grounding(evidence);
  expect(grounding.holdsAsMemory('Run npm test', true)).toBe(true);
  expect(grounding.holdsAsMemory('Run npm test in all projects', true)).toBe(false);
});
