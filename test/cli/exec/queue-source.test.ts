/** Which entry of a queue is next: what is done is not asked again, what is not is, and nothing is left out. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { QueueInput } from '../../../src/cli/exec/queue/queue-place.ts';
import { openSource, type QueueSource } from '../../../src/cli/exec/queue/queue-source.ts';
import type { AskedPrompt } from '../../../src/rollout/asked-prompts.ts';
import { UsageError } from '../../../src/session/session-error.ts';

const SIGNAL = new AbortController().signal;

const fileOf = (read: () => string): QueueInput => ({ kind: 'file', read: () => Buffer.from(read()) });

function streamOf(text: string, isWhole: boolean): QueueInput {
  async function* chunks() {
    for (const byte of Buffer.from(text)) yield Buffer.from([byte]);
  }
  return { kind: 'stream', chunks: chunks(), isWhole };
}

const done = (text: string): AskedPrompt => ({ text, isDone: true });
const failed = (text: string): AskedPrompt => ({ text, isDone: false });

/** More than any queue of these tests has. */
const MOST = 20;

/** The lines of the entries that a run asks for, to the end. */
async function rest(source: QueueSource): Promise<number[]> {
  const lines: number[] = [];
  while (lines.length < MOST) {
    const place = await source.next(SIGNAL);
    if (place === undefined) break;
    lines.push(place.entry.line);
  }
  return lines;
}

const KINDS: readonly (readonly [string, (text: string) => QueueInput])[] = [
  ['a file', (text) => fileOf(() => text)],
  ['a pipe', (text) => streamOf(text, false)],
  ['what is read once', (text) => streamOf(text, true)],
];

test.each(
  KINDS,
)('%s: what earlier runs have done is passed over, as often as it was done', async (_, from) => {
  const text = 'one\ntwo\none\n\n# none\nthree\none\n';
  const left = async (...asked: AskedPrompt[]) => {
    const source = await openSource('q', from(text), asked, SIGNAL);
    return { lines: await rest(source), before: source.doneBefore.map(({ line }) => line) };
  };
  expect(await left()).toEqual({ lines: [1, 2, 3, 6, 7], before: [] });
  expect(await left(done('one'), done('two'))).toEqual({ lines: [3, 6, 7], before: [1, 2] });
  expect(await left(done('one'), failed('two'), done('one'))).toEqual({ lines: [2, 6, 7], before: [1, 3] });
  expect(await left(failed('one'), done('one'))).toEqual({ lines: [2, 3, 6, 7], before: [1] });
});

test.each(KINDS)('%s: the rounds of an entry belong to it, and the last of them decides', async (_, from) => {
  const left = async (...asked: AskedPrompt[]) =>
    rest(await openSource('q', from('one\ntwo\n'), asked, SIGNAL));
  expect(await left(failed('one'), done('The command still fails: 1'))).toEqual([2]);
  expect(await left(done('one'), failed('The command still fails: 1'))).toEqual([1, 2]);
  expect(await left(done('typed before'), done('two'), failed('one'), failed('again'))).toEqual([1]);
});

test('a command is the same whatever the size of its letters', async () => {
  const source = await openSource(
    'q',
    fileOf(() => '/Tidy src\n/tidy SRC\n'),
    [done('/TIDY src')],
    SIGNAL,
  );
  expect(await rest(source)).toEqual([2]);
});

test('a file may change while it is worked on: added lines come, asked ones do not come again', async () => {
  let text = 'one\ntwo\n';
  const source = await openSource(
    'q',
    fileOf(() => text),
    [],
    SIGNAL,
  );
  const next = async () => {
    const place = await source.next(SIGNAL);
    return place && [place.entry.text, place.at, place.of];
  };
  expect(await next()).toEqual(['one', 1, 2]);
  text = 'zero\none\ntwo\none\n';
  expect([await next(), await next(), await next(), await next()]).toEqual([
    ['zero', 1, 4],
    ['two', 3, 4],
    ['one', 4, 4],
    undefined,
  ]);
});

test('a line that is no entry ends it with its number, a file before anything is asked', async () => {
  const problem = new UsageError('--queue q: line 2: the prompt is empty');
  const text = 'one\n{"prompt": ""}\n';
  await expect(
    openSource(
      'q',
      fileOf(() => text),
      [],
      SIGNAL,
    ),
  ).rejects.toThrow(problem);
  await expect(openSource('q', streamOf(text, true), [], SIGNAL)).rejects.toThrow(problem);
  const source = await openSource('q', streamOf(text, false), [], SIGNAL);
  expect(await source.next(SIGNAL)).toEqual({ entry: { line: 1, text: 'one' }, at: 1, of: undefined });
  await expect(source.next(SIGNAL)).rejects.toThrow(problem);
});

test('however a run was cut off, the runs together do each entry once', async () => {
  const entries = fc.array(fc.constantFrom('one', 'two', 'three'), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(entries, fc.array(fc.nat(4)), async (texts, cuts) => {
      const asked: AskedPrompt[] = [];
      for (const cut of [...cuts, texts.length]) {
        const input = fileOf(() => texts.map((text) => `${text}\n`).join(''));
        const source = await openSource('q', input, [...asked], SIGNAL);
        for (let at = 0; at < cut; at += 1) {
          const place = await source.next(SIGNAL);
          if (place === undefined) break;
          asked.push(done(place.entry.text));
        }
        // The one in whose middle it was killed.
        const last = await source.next(SIGNAL);
        if (last !== undefined) asked.push(failed(last.entry.text));
      }
      const all = asked.filter(({ isDone }) => isDone).map(({ text }) => text);
      expect(all.toSorted()).toEqual(texts.toSorted());
    }),
  );
});
