import { expect, test } from 'vitest';
import { initPrompt } from '../../../src/cli/interactive/session-prompts.ts';

test('the text is short, and says what is written', () => {
  expect(initPrompt().split('\n')[0]).toBe(
    'Write AGENTS.md in this folder: a contributor guide titled "Repository Guidelines", 200 to 400 words, for people and coding agents.',
  );
});
