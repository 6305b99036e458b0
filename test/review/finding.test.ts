import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DiffLine } from '../../src/review/changed-files.ts';
import { findingsSchema, readFindings, touchedLines } from '../../src/review/finding.ts';
import { merged } from '../../src/review/merge.ts';
import type { Piece } from '../../src/review/pieces.ts';

const line = (kind: DiffLine['kind'], number: number, text: string): DiffLine => ({
  kind,
  line: number,
  text,
});

const PIECE: Piece = {
  path: 'src/cart.ts',
  movedFrom: undefined,
  change: 'update',
  hunks: [
    {
      section: '',
      lines: [
        line(' ', 1, 'function total(items) {'),
        line(' ', 2, '  let sum = 0;'),
        line('-', 3, '  if (items === undefined) return 0;'),
        line(' ', 3, '  for (const item of items)'),
        line('+', 4, '    sum += item.price;'),
        line(' ', 5, '  return sum;'),
        line('+', 6, '    sum += item.price;'),
      ],
    },
  ],
};

const said = (more: object) => ({
  problem: 'It fails.',
  remedy: 'Mend it.',
  severity: 'P1',
  title: 'A  title',
  ...more,
});

test('only lines that the change has touched can be named', () => {
  expect(touchedLines(PIECE).map((one) => one.line)).toEqual([2, 3, 4, 6]);
  const { properties } = findingsSchema(PIECE) as {
    properties: { findings: { items: { properties: { line: object } } } };
  };
  expect(properties.findings.items.properties.line).toEqual({
    enum: ['2 let sum = 0;', '3 for (const item of items)', '4 sum += item.price;', '6 sum += item.price;'],
  });
});

test('a finding is where the quoted line is, and the number decides between lines that are the same', () => {
  const named = [
    '4 sum += item.price;',
    '6 sum += item.price;',
    '7   sum += item.price',
    '3 + for (const item of items)',
    '4 let sum = 0;',
  ];
  const read = readFindings({ findings: named.map((one) => said({ line: one })) }, PIECE);
  expect(read?.findings.map(({ start, code }) => [start, ...code])).toEqual([
    [4, '    sum += item.price;'],
    [6, '    sum += item.price;'],
    [6, '    sum += item.price;'],
    [3, '  for (const item of items)'],
    [2, '  let sum = 0;'],
  ]);
  expect(read?.findings[0]).toEqual({
    path: 'src/cart.ts',
    start: 4,
    end: 4,
    severity: 1,
    title: 'A title',
    why: 'It fails.',
    fix: 'Mend it.',
    confidence: 0.5,
    code: ['    sum += item.price;'],
  });
});

test('what is not about the change is dropped and counted; what has not the form is no answer', () => {
  const outside = ['1 function total(items) {', '5 return sum;', '4', '', 'made up line', '4 }', '4 sum'];
  const silent = { line: '4 sum += item.price;', problem: ' ' };
  const read = readFindings({ findings: [silent, ...outside.map((line) => ({ line }))].map(said) }, PIECE);
  expect(read).toEqual({ findings: [], outside: outside.length + 1 });
  const broken = [
    undefined,
    null,
    [],
    {},
    { findings: 'none' },
    { findings: [1] },
    { findings: [{ line: '4 x' }] },
  ];
  expect(broken.map((value) => readFindings(value, PIECE))).toEqual(broken.map(() => undefined));
  expect(
    readFindings(
      { findings: [said({ line: '4 sum += item.price;', severity: 'bad', remedy: undefined })] },
      PIECE,
    )?.findings[0],
  ).toMatchObject({ severity: 2, fix: '' });
});

test('whatever a model writes, a finding is about a line that was touched', () => {
  const touched = touchedLines(PIECE).map((one) => one.line);
  const anything = fc.oneof(
    fc.constantFrom('4 sum += item.price;', 'sum', '2 let'),
    fc.string(),
    fc.integer(),
    fc.constant(null),
  );
  const finding = fc.record(
    { line: anything, problem: anything, remedy: anything, severity: anything, title: anything },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.oneof(fc.record({ findings: fc.array(finding, { maxLength: 5 }) }), fc.jsonValue()),
      (value) => {
        const read = readFindings(value, PIECE);
        expect((read?.findings ?? []).every(({ start, why }) => touched.includes(start) && why !== '')).toBe(
          true,
        );
      },
    ),
  );
});

test('the same finding is said once, the worst first', () => {
  const one = {
    path: 'b',
    start: 3,
    end: 3,
    severity: 2 as const,
    title: 'T',
    why: 'It fails.',
    fix: '',
    confidence: 0.5,
    code: ['x'],
  };
  const findings = [
    one,
    { ...one, severity: 1 as const, title: 'Worse', confidence: 0.8 },
    { ...one, start: 9, end: 9, why: 'it FAILS' },
    { ...one, path: 'a', why: 'Other.' },
    { ...one, start: 5, end: 5, why: 'Another.', severity: 0 as const },
  ];
  expect(
    merged(findings).map(({ path, start, severity, title, confidence }) => [
      path,
      start,
      severity,
      title,
      confidence,
    ]),
  ).toEqual([
    ['b', 5, 0, 'T', 0.5],
    ['b', 3, 1, 'Worse', 0.8],
    ['a', 3, 2, 'T', 0.5],
  ]);
});
