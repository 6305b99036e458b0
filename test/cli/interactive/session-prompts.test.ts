import { expect, test } from 'vitest';
import { initPrompt, reviewPrompt } from '../../../src/cli/interactive/session-prompts.ts';

test('the texts are short, and name what is reviewed', () => {
  const first = (text: string): string | undefined => text.split('\n')[0];
  expect([
    first(initPrompt()),
    first(reviewPrompt(' ')),
    first(reviewPrompt('base main')),
    first(reviewPrompt(' --commit=abc ')),
    first(reviewPrompt('the $& of it')),
  ]).toEqual([
    'Write AGENTS.md in this folder: a contributor guide titled "Repository Guidelines", 200 to 400 words, for people and coding agents.',
    'Review the uncommitted changes of this repository, new files included (`git status`, `git diff HEAD`). Read the diff and the code around it; change nothing.',
    'Review what this branch adds to main (`git diff main...HEAD`). Read the diff and the code around it; change nothing.',
    'Review the commit abc (`git show abc`). Read the diff and the code around it; change nothing.',
    'Review the $& of it. Read the diff and the code around it; change nothing.',
  ]);
});
