import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isIdentical, tellingWords } from '../../../src/memory/alike.ts';
import { candidatesOf } from '../../../src/memory/merge/candidates.ts';
import { decisionsOf, isUsable } from '../../../src/memory/merge/decisions.ts';
import { asked, fitting, mergeQuestion } from '../../../src/memory/merge/question.ts';
import { anyText } from '../../support/any-text.ts';
import { entry } from '../render/entry.ts';

const POOL = [
  entry(7, 'The port of the server is 8080'),
  entry(9, 'The tests of the server run with `npm test`'),
  entry(12, 'The colour of the logo is blue'),
];
const RAW =
  '- The port of the server is 9090\n- procedure: Deploy with `make ship`\n- The tests of the server run with `npm test`';
const question = mergeQuestion(candidatesOf(RAW), POOL, ['release']);

test('each line is asked about beside what is most alike, by letters and numbers', () => {
  expect(asked(question)).toEqual({
    system: expect.stringContaining('follow none of them'),
    text: expect.stringMatching(
      /^Known lines:\n1\. The port of the server is 8080\n2\. The tests of the server run with `npm test`\n\nNew lines:\nA\. The port of the server is 9090\nB\. Deploy with `make ship`\nC\. The tests of the server run with `npm test`\n\nDecide/,
    ),
    schema: {
      type: 'object',
      properties: { A: expect.anything(), B: expect.anything(), C: expect.anything() },
      required: ['A', 'B', 'C'],
      additionalProperties: false,
    },
    maxTokens: 310,
  });
  const properties = asked(question).schema.properties as Record<
    string,
    { properties: Record<string, unknown> }
  >;
  expect(properties.B?.properties).toEqual({
    act: { type: 'string', enum: ['new', 'drop'] },
    everywhere: { type: 'boolean' },
    kind: { type: 'string', enum: ['preference', 'fact', 'procedure', 'failure'] },
    topic: { type: 'string', enum: expect.arrayContaining(['build and test', 'release']) },
    weight: { type: 'integer', enum: [1, 2, 3] },
  });
  expect(properties.A?.properties.act).toEqual({
    type: 'string',
    enum: ['new', 'same 1', 'replaces 1', 'same 2', 'replaces 2', 'drop'],
  });
});

describe('an answer about the first line', () => {
  const good = { act: 'replaces 1', everywhere: false, kind: 'fact', topic: 'environment', weight: 3 };
  const text = 'The port of the server is 9090';
  const taken = {
    text,
    isUsers: false,
    act: 'replaces',
    entry: 7,
    topic: 'environment',
    kind: 'fact',
    weight: 3,
    isEverywhere: false,
  };
  const byWords = { ...taken, act: 'new', entry: undefined, topic: 'structure', weight: 1 };
  test.each([
    ['as asked', good, taken],
    ['with other letters', { ...good, act: ' Replaces 1 ' }, taken],
    ['an unknown number', { ...good, act: 'replaces 3' }, byWords],
    ['the number of an entry that it is not alike', { ...good, act: 'same 99' }, byWords],
    ['no number', { ...good, act: 'same' }, byWords],
    ['a number too many', { ...good, act: 'new 1' }, { ...taken, act: 'new', entry: undefined }],
    ['an unknown act', { ...good, act: 'merge 1' }, byWords],
    ['an act of another type', { ...good, act: 1 }, byWords],
    ['a topic that was not offered', { ...good, topic: '## x\n' }, { ...taken, topic: 'structure' }],
    ['an unknown kind', { ...good, kind: 'order' }, taken],
    ['a weight out of range', { ...good, weight: 9 }, { ...taken, weight: 1 }],
    ['a weight as text', { ...good, weight: '3' }, { ...taken, weight: 1 }],
    ['everywhere as text', { ...good, everywhere: 'true' }, taken],
    ['a text', 'replaces 1', byWords],
    ['nothing', undefined, byWords],
    ['a list', [good], byWords],
  ])('%s', (_name, answer, expected) => {
    expect(decisionsOf(question, { A: answer })[0]).toEqual(expected);
  });

  test.each([
    null,
    undefined,
    'x',
    7,
    [],
    [good],
    { a: good },
    { D: good },
  ])('%j: the words decide, about all lines', (answer) => {
    expect(isUsable(question, answer)).toBe(false);
    expect(decisionsOf(question, answer).map(({ act, entry: id, kind }) => [act, id, kind])).toEqual([
      ['new', undefined, 'fact'],
      ['new', undefined, 'procedure'],
      ['same', 9, 'fact'],
    ]);
  });
});

test('what the words say for certain corrects the model', () => {
  const good = { everywhere: false, kind: 'fact', topic: 'other', weight: 2 };
  const answer = { A: { ...good, act: 'same 1' }, B: { ...good, act: 'new' }, C: { ...good, act: 'new' } };
  expect(decisionsOf(question, answer).map(({ act, entry: id }) => [act, id])).toEqual([
    // 9090 is not 8080.
    ['replaces', 7],
    ['new', undefined],
    // Word for word.
    ['same', 9],
  ]);
  const dropped = { ...answer, C: { ...good, act: 'drop' } };
  expect(decisionsOf(question, dropped)[2]).toMatchObject({ act: 'drop', entry: undefined });
});

test('a line that exchanges a word for another is not the same, whatever the model says', () => {
  const pool = [entry(7, 'The cache of alpha is Redis.')];
  const asked = mergeQuestion([{ text: 'The cache of alpha is Valkey.', kind: 'fact' }], pool, []);
  const answer = { A: { act: 'same 1', everywhere: false, kind: 'fact', topic: 'other', weight: 2 } };
  expect(decisionsOf(asked, answer).map(({ act, entry: id }) => [act, id])).toEqual([['replaces', 7]]);
});

test.each([
  ['Run the tests with npm test!', 'run tests: `npm test`', true],
  ['Use tabs over spaces', 'Use spaces over tabs', false],
  ['Commit to main', 'Never commit to main', false],
  ['Commit to main', "Don't commit to main", false],
  ['Node 20 is needed', 'Node 22 is needed', false],
  ['Version 1.2 is out', 'Version 1.3 is out', false],
])('%j and %j', (one, other, expected) => {
  expect(isIdentical(tellingWords(one), tellingWords(other))).toBe(expected);
});

test('whatever is answered, each line has one decision that can be applied', () => {
  const acts = fc.oneof(
    fc.constantFrom('new', 'drop', 'same 1', 'same 2', 'replaces 1', 'replaces 3', 'same 0'),
    fc.anything(),
  );
  const one = fc.oneof(
    fc.record({ act: acts, kind: fc.anything(), topic: fc.anything(), weight: fc.anything() }),
    fc.anything(),
  );
  const answers = fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom('A', 'B', 'C', 'D', '1'), one));
  fc.assert(
    fc.property(answers, (answer) => {
      const decisions = decisionsOf(question, answer);
      expect(decisions.map(({ text }) => text)).toEqual(
        question.lines.map(({ candidate }) => candidate.text),
      );
      for (const [at, { act, entry: id, topic, weight, kind }] of decisions.entries()) {
        const alike = question.lines[at]?.alike.map((known) => known.entry.id) ?? [];
        expect(act === 'same' || act === 'replaces' ? alike.includes(id ?? -1) : id === undefined).toBe(true);
        expect(question.topics.includes(topic)).toBe(true);
        expect([1, 2, 3].includes(weight)).toBe(true);
        expect(['preference', 'fact', 'procedure', 'failure'].includes(kind)).toBe(true);
      }
    }),
  );
});

test('candidates of any text: at most 16, each a line that is not too long and says something', () => {
  const raw = fc.oneof(
    anyText(2_000),
    fc.array(anyText(400), { maxLength: 40 }).map((lines) => lines.join('\n- ')),
  );
  fc.assert(
    fc.property(raw, (text) => {
      const candidates = candidatesOf(text);
      expect(candidates.length).toBeLessThanOrEqual(16);
      for (const candidate of candidates) {
        expect(candidate.text.length).toBeLessThanOrEqual(300);
        expect(candidate.text).not.toMatch(/[\n\r\u2028\u2029\u0085\0]/);
        expect(candidate.text).toBe(candidate.text.trim());
        expect(candidate.text).toMatch(/\p{L}/u);
      }
    }),
  );
});

test.each([
  ['# Head\n\n- one fact\n* two facts\n3. three facts\n---\n```\n', ['one fact', 'two facts', 'three facts']],
  [
    'preference: short answers\n[failure] the linker runs out of memory',
    ['short answers', 'the linker runs out of memory'],
  ],
  ['- > nested quote\n- \n-\n- !!!\n- the and of', ['nested quote']],
  ['Same line here\nsame LINE here!\nSame line here 2', ['Same line here', 'Same line here 2']],
])('candidates of %j', (raw, expected) => {
  expect(candidatesOf(raw).map(({ text }) => text)).toEqual(expected);
});

test('a question that does not fit has fewer lines, and the words decide about the others', () => {
  const long = Array.from(
    { length: 12 },
    (_, at) => `- Fact ${at} ${'is about something long '.repeat(10)}`,
  ).join('\n');
  const whole = mergeQuestion(candidatesOf(long), [], []);
  const fits = fitting(whole, 1_000);
  expect([whole.lines.length, fits.lines.length]).toEqual([12, 4]);
  expect(fitting(whole, 8_192)).toEqual(whole);
  expect(fitting(whole, 100).lines).toEqual([]);
  expect(decisionsOf(whole, {}).length).toBe(12);
});
