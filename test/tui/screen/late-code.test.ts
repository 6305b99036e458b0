/** A search behind a message that was not done in time is said, in a session and by a task. */
import { expect, test } from 'vitest';
import { HumanEvents } from '../../../src/cli/exec/exec-human.ts';
import { noticeLines } from '../../../src/tui/screen/notice-cells.ts';
import { context } from '../lines/support.ts';

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
