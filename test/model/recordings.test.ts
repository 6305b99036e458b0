/**
 * Answers of real models, replayed: each is read and repaired as expected, and none is passed over.
 *
 * The expectations are written by `node test/bench/real/harvest.ts` and reviewed as a diff.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Replay, startReplay } from '../support/answer-replay.ts';
import {
  type RecordedAnswer,
  rawOf,
  readOffers,
  readRecordedAnswers,
  shortened,
} from '../support/recorded-answers.ts';

/** What the files hold at least: data that gets lost is seen. */
const LEAST = 200;

const files = readRecordedAnswers();
const offers = readOffers();
let replay: Replay;
beforeAll(async () => {
  replay = await startReplay();
});
afterAll(() => replay.close());

test('no recording is missing', () => {
  const answers = files.flatMap((file) => file.answers);
  expect(answers.length).toBeGreaterThanOrEqual(LEAST);
  expect(new Set(answers.map(({ id }) => id)).size).toBe(answers.length);
  expect(Object.keys(offers).toSorted()).toEqual([...new Set(answers.map(({ offer }) => offer))].toSorted());
});

describe.each(files)('$name', ({ answers, expected }) => {
  test('each answer has an expectation, and each expectation an answer', () => {
    expect(answers.map(({ id }) => id)).not.toEqual([]);
    expect(Object.keys(expected).toSorted()).toEqual(answers.map(({ id }) => id).toSorted());
  });

  test.each(answers)('$id', async (answer: RecordedAnswer) => {
    const offer = offers[answer.offer];
    if (offer === undefined) throw new Error(`unknown offer ${answer.offer}`);
    expect(await replay.read(answer, offer)).toEqual(expected[answer.id]);
  });

  test('no path of a machine is in it', () => {
    const texts = answers.map((answer) => rawOf(answer) + JSON.stringify(offers[answer.offer]));
    expect(texts.join('\n')).not.toMatch(/oagent-real-|\/Users\/|\/home\/(?!user\b)|\/root\b/);
  });
});

const MODEL = 'm:1b';
const plain = (content: string, time: string) =>
  `{"model":"${MODEL}","created_at":"${time}","message":{"role":"assistant","content":${content}},"done":false}`;

test('lines are shortened only where they can be made again', () => {
  const time = '2026-11-27T04:00:00.123456789Z';
  const others = [
    plain('"<a>"', time),
    plain('"a","thinking":"b"', time),
    plain('"a"', time).replace(MODEL, 'other'),
    '{"done":true}',
  ];
  const raw = [plain('"\\u003ca\\u003e \\n"', time), ...others, '{"mod'].join('\n');
  const lines = shortened(raw, MODEL);
  expect(lines).toEqual(['<a> \n', ...others.map((line) => ({ line })), { rest: '{"mod' }]);
  expect(rawOf({ model: MODEL, lines })).toBe(raw.replace(time, '2026-01-01T00:00:00Z'));
});

test('any body survives being shortened', () => {
  const body = fc.array(
    fc.oneof(
      fc.string(),
      fc.json().map((content) => plain(content, '2026-01-01T00:00:00Z')),
    ),
  );
  fc.assert(
    fc.property(body, (parts) => {
      const raw = parts.join('\n');
      expect(rawOf({ model: MODEL, lines: shortened(raw, MODEL) })).toBe(raw);
    }),
  );
});
