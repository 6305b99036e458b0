/** A search behind a message that was not done in time is said, in a session and by a task. */
import { expect, test } from 'vitest';
import { HumanEvents } from '../../../src/cli/exec/exec-human.ts';
import { noticeLines } from '../../../src/tui/screen/notice-cells.ts';
import { context, plain } from '../lines/support.ts';

const LATE = { type: 'retrieved', places: [], isLate: true } as const;

test('that the code was not found in time is one line', () => {
  const facts = { elapsedMs: 0, tokens: 0, hasCalled: false, request: undefined };
  expect(noticeLines(LATE, facts, context(80)).join('\n')).toContain(
    'No code was added: the search of the index took too long.',
  );
  let written = '';
  const human = new HumanEvents({
    write: (text) => {
      written += text;
    },
    color: false,
    live: false,
  });
  human.handle(LATE);
  expect(written).toBe('retrieved nothing: the search of the index took too long\n');
});

test('that the meaning of a message was not known in time is said, whatever the words have found', () => {
  const facts = { elapsedMs: 0, tokens: 0, hasCalled: false, request: undefined };
  const found = { type: 'retrieved', places: [{ path: 'a.ts', start: 1, end: 3 }], isByWords: true } as const;
  const nothing = { type: 'retrieved', places: [], isByWords: true } as const;
  const shown = [found, nothing].map((event) => noticeLines(event, facts, context(100)).map(plain));
  let written = '';
  const human = new HumanEvents({
    write: (text) => {
      written += text;
    },
    color: false,
    live: false,
  });
  for (const event of [found, nothing]) human.handle(event);
  const reason = 'by words alone: the embedding model did not answer in time';
  expect([shown, written]).toEqual([
    [[`• Retrieved 1 place ${reason}`, '  └ a.ts:1-3'], [`• No code was found ${reason}.`]],
    `retrieved a.ts:1-3 ${reason}\nretrieved nothing ${reason}\n`,
  ]);
});
