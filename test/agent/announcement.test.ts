import { expect, test } from 'vitest';
import { endsInAnnouncement } from '../../src/agent/announcement.ts';

test.each([
  'I will now read the file src/app.py.',
  "I'll read `src/app.py` first.",
  'Let me check the tests:',
  "Okay, let's run the tests.",
  'The bug is in discount.js. I am going to fix it now.',
  'I need to look at the file old.txt',
  "Sure! First, I'll start by reading the file...",
  'Now I’ll apply the patch.',
  '1. I found it.\n2. Next, I will update the comparison.',
])('announced: %s', (text) => {
  expect(endsInAnnouncement(text)).toBe(true);
});

test.each([
  '',
  'I read the file and fixed the sign.',
  'Fixed. Let me know if you need anything else.',
  'Should I run the tests?',
  'I will fix it once you tell me which file it is in.',
  'If you want, I will add a test.',
  'I will need your password.',
  'I will remember that.',
  'You will read the file, then run it.',
  'The function will read the file.',
  'I would read the file first.',
  'I will read the file.\nIt has four lines.',
  'Do it like this:\n```\nI will read the file\n```',
  `${'A long explanation of how it works. '.repeat(20)} Let me look at it.`,
])('not announced: %s', (text) => {
  expect(endsInAnnouncement(text)).toBe(false);
});
