/** What can happen to a terminal while an answer comes, as data: the same seed makes the same storm. */
import fc from 'fast-check';
import type { Size } from './recording.ts';

/** Milliseconds after the step before. */
export type Step = { readonly after: number } & (
  | { readonly do: 'size'; readonly size: Size }
  | { readonly do: 'type'; readonly bytes: string }
  | { readonly do: 'stop' }
);

/** What the user is asked before the answer comes, in a dialog. */
export type Asks = 'nothing' | 'approval' | 'question' | 'plan';

export interface Storm {
  readonly start: Size;
  readonly answer: string;
  readonly chunksPerSecond: number;
  /** While the answer comes. */
  readonly steps: readonly Step[];
  readonly asks: Asks;
  /** While the dialog is open. */
  readonly before: readonly Step[];
}

/** They leave a draft behind at most. None is Escape, which would end the turn. */
const TYPED = [
  '\x1b[I', // the window has the focus
  '\x1b[O',
  '\x14', // the transcript
  'q',
  'some draft ',
  '\x15', // cleared
  '\x0c', // redrawn
  '/',
  '@',
  '\x1b[200~pasted\nin three\nlines\x1b[201~',
  '\x1b[200~only one\x1b[201~',
  '\x0a', // another line
];

const size = fc.record({ columns: fc.integer({ min: 20, max: 140 }), rows: fc.integer({ min: 4, max: 45 }) });
const after = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 90 }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('size' as const), after, size }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('type' as const), after, bytes: fc.constantFrom(...TYPED) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), after }) },
);

/** A window that is dragged: ten widths or heights, one after the other. */
const drag: fc.Arbitrary<Step[]> = fc
  .record({ from: size, to: size, after: fc.integer({ min: 0, max: 30 }) })
  .map(({ from, to, after }) =>
    Array.from({ length: 10 }, (_, index) => {
      const between = (a: number, b: number): number => Math.round(a + ((b - a) * (index + 1)) / 10);
      const now = { columns: between(from.columns, to.columns), rows: between(from.rows, to.rows) };
      return { do: 'size' as const, after, size: now };
    }),
  );

const some = (minLength: number, maxLength: number): fc.Arbitrary<Step[]> =>
  fc
    .array(fc.oneof({ weight: 8, arbitrary: step.map((one) => [one]) }, { weight: 1, arbitrary: drag }), {
      minLength,
      maxLength,
    })
    .map((parts) => parts.flat());

/** Blocks of an answer, whose words are numbered afterwards. */
const block = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 3, max: 90 }).map((words) => 'W '.repeat(words).trim()) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 9 }).map((items) => '- W W W\n'.repeat(items).trim()) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 12 }).map((rows) => `\`\`\`\n${'W W\n'.repeat(rows)}\`\`\``),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 5, max: 30 }).map((words) => '漢字の W **W** é '.repeat(words).trim()),
  },
  { weight: 1, arbitrary: fc.constant('## W W') },
);

const answer = fc.array(block, { minLength: 3, maxLength: 12 }).map((blocks) => {
  let word = 0;
  return blocks.join('\n\n').replaceAll('W', () => {
    word += 1;
    return `w${word}`;
  });
});

export const storms: fc.Arbitrary<Storm> = fc.record({
  start: size,
  answer,
  chunksPerSecond: fc.constantFrom(60, 150, 400, 2_000),
  steps: some(8, 30),
  asks: fc.constantFrom('nothing', 'nothing', 'nothing', 'approval', 'question', 'plan'),
  before: some(1, 10),
});
