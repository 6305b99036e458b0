import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asking } from '../../src/agent/asks.ts';
import { anyText } from '../support/any-text.ts';
import { cpuTime } from '../support/cpu-time.ts';

test.each([
  'Which port?',
  'ask_user("Which port?")',
  'ask_user(questions=["Which port?"])',
  '{"question": "Which port?"}',
  'It says "Which port?"',
  '« Quel port ? »',
  '„Welcher Port?“',
  '**Which port?**',
  '_Which port?_',
  'I need one thing (which port?)',
  '(Which port?).',
  'Which port?!',
  'Which port? 😊',
  'Which port? :)\n',
  '<question>Which port?</question>',
  'ポートは？',
  '要改吗？」',
  'أي منفذ؟',
  'Which port?\n1. 3000\n2. 8080',
  'Which port?\n\n- 3000\n- 8080\n',
  'Which one?\na) the first\nb) the second',
  '1. Which port?\n2. Which host?',
  'Shall I run this?\n\n```sh\nnpm test\n```',
])('%j ends in a question', (answer) => {
  expect(asking(answer)).toBe('last');
});

test.each([
  'Shall I change it? I could also add a test.',
  'Which port? Please tell me.',
  'All is well.\n\nIs it "8080"? Then I change the file.',
  'Is it **this?** If so, I go on.',
])('%j asks before its end', (answer) => {
  expect(asking(answer)).toBe('before');
});

test.each([
  '',
  'Done.',
  'Is it done? Yes.\n\nI changed src/a.ts.',
  '```ts\nconst a = b ? c : d;\n```',
  'So:\n\n```sh\nls ?\n```',
  'It is at https://example.org/?q=1 now.',
  'Use a?.b there.',
  '## What changed?\n- src/a.ts\n- src/b.ts',
])('%j asks nothing', (answer) => {
  expect(asking(answer)).toBeUndefined();
});

test('what closes the sentence makes no difference, and any text is judged at once', () => {
  const closing = fc.array(
    fc.constantFrom('"', "'", '”', '»', ')', ']', '}', '*', '_', ' ', '\n', '!', '.'),
    {
      maxLength: 3,
    },
  );
  fc.assert(
    fc.property(closing, (all) => {
      expect(asking(`Which port?${all.join('')}`)).toBe('last');
    }),
  );
  fc.assert(fc.property(anyText(), (text) => void asking(text)));
  for (const piece of ['?', '?"', '? ', '```\n', '- a\n', '?*\n']) {
    expect(cpuTime(() => asking(piece.repeat(50_000)))).toBeLessThan(500);
  }
});
