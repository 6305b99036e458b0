/** The small part of the bench that every run of the tests sees: `node … test/bench/memory-recall.ts` has all of it. */
import { expect, onTestFinished, test } from 'vitest';
import { ENTRIES, NOTES, SESSIONS } from '../../bench/memory/corpus.ts';
import { HELD_ENTRIES, HELD_NOTES, HELD_SESSIONS } from '../../bench/memory/held-corpus.ts';
import { HELD, HELD_UNRELATED } from '../../bench/memory/held-questions.ts';
import { isRight, MemoryBench } from '../../bench/memory/memories.ts';
import { DEV, DEV_UNRELATED } from '../../bench/memory/questions.ts';
import { tempFolder } from '../../support/temp-folder.ts';

test.each([
  ['dev', { entries: ENTRIES, sessions: SESSIONS, notes: NOTES }, DEV, DEV_UNRELATED],
  ['held', { entries: HELD_ENTRIES, sessions: HELD_SESSIONS, notes: HELD_NOTES }, HELD, HELD_UNRELATED],
] as const)('the right memory for 27 of 30 questions, and none where none is of use (%s)', async (_, corpus, related, unrelated) => {
  const bench = new MemoryBench(await tempFolder(), corpus);
  onTestFinished(() => bench.close());
  const right = related.filter((asked) => isRight(asked, bench.recalled(asked)));
  expect(right.length).toBeGreaterThanOrEqual(27);
  expect(unrelated.filter((asked) => !isRight(asked, bench.recalled(asked))).map(({ text }) => text)).toEqual(
    [],
  );
});
