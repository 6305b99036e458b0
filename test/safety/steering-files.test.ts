import { expect, test } from 'vitest';
import { steeringNote } from '../../src/safety/steering-files.ts';

test.each([
  '/w/AGENTS.md',
  '/w/a/b/agents.MD',
  '/w/.vscode/tasks.json',
  '/w/a/.idea/x/y.xml',
  '/w/.mcp.json',
  '/w/.husky/pre-commit',
  '/w/.github/workflows/ci.yml',
  '/w/.GitHub/Workflows/ci.yml',
  '/w/.envrc',
  '/w/package.json',
  '/w/Makefile',
])('%s is named', (file) => {
  expect(steeringNote([file], '/w')).toBe(`\nNote: ${file.slice(3)} can run programs later or steer agents.`);
});

test.each([
  '/w/src/a.ts',
  '/w/.vscode',
  '/w/.github/README.md',
  '/w/workflows/ci.yml',
  '/w/.github/a/workflows/ci.yml',
  '/w/a.package.json',
  '/w/AGENTS.md/a',
])('%s is not', (file) => {
  expect(steeringNote([file], '/w')).toBe('');
});

test('several in one sentence, those elsewhere by their whole path', () => {
  expect(steeringNote(['/w/a.ts', '/w/.envrc', '/x/.envrc'], '/w')).toBe(
    '\nNote: .envrc, /x/.envrc can run programs later or steer agents.',
  );
  expect(steeringNote([], '/w')).toBe('');
});
