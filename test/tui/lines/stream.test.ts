/** Markdown, whole and while it is being written. */
import { hostname } from 'node:os';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { loadHighlighter } from '../../../src/tui/lines/highlight.ts';
import { markdownLines } from '../../../src/tui/lines/markdown.ts';
import { assistantLines } from '../../../src/tui/lines/message.ts';
import { answerLines, MarkdownStream } from '../../../src/tui/lines/stream.ts';
import { colorStyle, richStyle } from '../../../src/tui/lines/style.ts';
import { type Taken, visible } from '../../../src/tui/lines/taken.ts';
import { context, inColor, named, plain, problems } from './support.ts';

beforeAll(loadHighlighter);

const ANSWER = `# Fixing the cache
I looked at \`src/cache.ts\` and found **two** problems, *both* small. See [the docs](https://example.org/docs).
Here is the plan:
- first, evict entries that are older than the limit
  - nested \`code\`
- [x] done
- [ ] open

3. Three
   \`\`\`ts
   const a = 1;
   \`\`\`
4. Four

   with a second paragraph

\`\`\`ts
if (a) {
\treturn 'b'; // c
}
\`\`\`
> A quote
> - with a list

| Name | Before |
|:-----|-------:|
| get  | 1.2 ms |
| set  | **12** |

~~old~~ &lt;b&gt; &#27;[2J \\*no\\* <kbd>x</kbd>
***
[a]: http://example.org`;

const message = (text: string, ctx = context()): string[] =>
  assistantLines(answerLines(text, ctx), ctx, { isFirst: true });

test('an answer at 60 columns', () => {
  expect(message(ANSWER)).toMatchInlineSnapshot(`
    [
      "• Fixing the cache",
      "",
      "  I looked at src/cache.ts and found two problems, both",
      "  small. See the docs (https://example.org/docs).",
      "  Here is the plan:",
      "  - first, evict entries that are older than the limit",
      "    - nested code",
      "  ✔ done",
      "  □ open",
      "",
      "  3. Three",
      "       const a = 1;",
      "  4. Four",
      "",
      "     with a second paragraph",
      "",
      "    if (a) {",
      "        return 'b'; // c",
      "    }",
      "",
      "  │ A quote",
      "  │ - with a list",
      "",
      "  Name  Before",
      "  ────  ──────",
      "  get   1.2 ms",
      "  set       12",
      "",
      "  old <b> [2J *no* <kbd>x</kbd>",
      "",
      "  ───",
      "",
      "  [a]: http://example.org",
    ]
  `);
});

test('an answer at 20 columns: a table becomes records', () => {
  expect(message(ANSWER, context(20))).toMatchInlineSnapshot(`
    [
      "• Fixing the cache",
      "",
      "  I looked at",
      "  src/cache.ts and",
      "  found two",
      "  problems, both",
      "  small. See the",
      "  docs",
      "  (https://example.org/docs).",
      "  Here is the plan:",
      "  - first, evict",
      "    entries that",
      "    are older than",
      "    the limit",
      "    - nested code",
      "  ✔ done",
      "  □ open",
      "",
      "  3. Three",
      "       const a = 1;",
      "  4. Four",
      "",
      "     with a second",
      "     paragraph",
      "",
      "    if (a) {",
      "        return 'b'; // c",
      "    }",
      "",
      "  │ A quote",
      "  │ - with a list",
      "",
      "  Name  Before",
      "  ────  ──────",
      "  get   1.2 ms",
      "  set       12",
      "",
      "  old <b> [2J *no*",
      "  <kbd>x</kbd>",
      "",
      "  ───",
      "",
      "  [a]:",
      "  http://example.org",
    ]
  `);
});

test('an answer in colour', () => {
  expect(named(message(ANSWER, inColor(100)))).toMatchInlineSnapshot(`
    [
      "<dim>•</b> <u><b>Fixing the cache</b></u>",
      "",
      "  I looked at <cyan>src/cache.ts</color> and found <b>two</b> problems, <i>both</i> small. See the docs",
      "  (<u>https://example.org/docs</u>).",
      "  Here is the plan:",
      "  <dim>- </b>first, evict entries that are older than the limit",
      "    <dim>- </b>nested <cyan>code</color>",
      "  <dim>✔ </b>done",
      "  <dim>□ </b>open",
      "",
      "  <dim>3. </b>Three",
      "       <magenta>const</color> a = <cyan>1</color>;",
      "  <dim>4. </b>Four",
      "",
      "     with a second paragraph",
      "",
      "    <magenta>if</color> (a) {",
      "        <magenta>return</color> <green>'b'</color>; <dim>// c</b>",
      "    }",
      "",
      "  <dim>│ </b>A quote",
      "  <dim>│ </b><dim>- </b>with a list",
      "",
      "  <b>Name</b>  <b>Before</b>",
      "  <dim>────  ──────</b>",
      "  get   1.2 ms",
      "  set       <b>12</b>",
      "",
      "  <dim><s>old</s></b> <b> [2J *no* <kbd>x</kbd>",
      "",
      "  <dim>───</b>",
      "",
      "  <dim>[a]: http://example.org</b>",
    ]
  `);
});

test('a table that does not fit wraps in its columns', () => {
  const table =
    '| File | What it does |\n|---|--:|\n| a.ts | Reads the configuration of **every** folder |\n| b.ts | no |\n';
  expect(markdownLines(table, context(34))).toMatchInlineSnapshot(`
    [
      "File                 What it does",
      "────  ───────────────────────────",
      "a.ts   Reads the configuration of",
      "                     every folder",
      "",
      "b.ts                           no",
    ]
  `);
  expect(named(markdownLines(table, inColor(34)).slice(2, 4))).toMatchInlineSnapshot(`
    [
      "a.ts   Reads the configuration of",
      "                     <b>every</b> folder",
    ]
  `);
  fc.assert(
    fc.property(fc.integer({ min: 12, max: 60 }), (width) => {
      expect(problems(markdownLines(table, inColor(width)), width - 1)).toEqual([]);
    }),
  );
});

test('a table whose columns would be too narrow, or would break a URL, is shown as records', () => {
  const linked = '| a | b |\n|-|-|\n| see https://example.org/a/long/path | some more words of text |\n';
  expect(markdownLines(linked, context(40))).toEqual([
    'a: see https://example.org/a/long/path',
    'b: some more words of text',
  ]);
  const table = '| File | What it does |\n|---|---|\n| a.ts | Reads the configuration |\n| b.ts | |\n';
  expect(markdownLines(table, context(16))).toEqual([
    'File: a.ts',
    'What it does:',
    '  Reads the',
    '  configuration',
    '',
    'File: b.ts',
  ]);
});

test('a list that follows code or prose at once', () => {
  expect(message('1. One\n```\ncode\n```\n2. Two ~5~\n## Head\n- a\n***\n- b')).toEqual([
    '• 1. One',
    '',
    '    code',
    '',
    '  2. Two ~5~',
    '',
    '  Head',
    '  - a',
    '',
    '  ───',
    '  - b',
  ]);
});

test('a long list and a long code fence are handed over before they end', () => {
  const stream = new MarkdownStream();
  const ctx = context();
  stream.push('- a\n- b\n- c');
  expect(stream.takeLines(ctx)).toEqual(['- a']);
  stream.push(`\n\n\`\`\`\n${'line\n'.repeat(30)}li`);
  expect(stream.takeLines(ctx)).toEqual(['- b', '- c', '', ...Array(24).fill('  line')]);
  stream.push('ne\n```\nend');
  stream.finish();
  expect(stream.takeLines(ctx)).toEqual([...Array(7).fill('  line'), '', 'end']);
  expect(stream.takeLines(ctx)).toEqual([]);
});

/** What is given of a block while each of these parts comes, and at the end. */
function flowed(parts: readonly string[], ctx = context()): string[][] {
  const stream = new MarkdownStream();
  const given = parts.map((part) => {
    stream.push(part);
    return [...withMark(stream.take(ctx)), ...withMark(stream.flow(ctx))];
  });
  stream.finish();
  return [...given, withMark(stream.take(ctx))];
}

/** What continues the line before begins with `+`. */
function withMark({ lines, joined }: Taken): string[] {
  return joined === undefined ? [...lines] : [`+${joined}`, ...lines.slice(1)];
}

test.each([
  ['words, not the last one', ['One two', ' three fo', 'ur.'], [['One'], ['+ two three'], [], ['+ four.']]],
  [
    'rows as they become full',
    ['1234 '.repeat(9), '1234 '.repeat(9)],
    [[Array(9).fill('1234').join(' ')], ['+ 1234 1234', Array(7).fill('1234').join(' ')], []],
  ],
  ['nothing that emphasis may change', ['a **b c', ' d** e f'], [['a'], ['+ b c d e'], ['+ f']]],
  ['a sign that means nothing', ['a * b snake_case x [0] y z'], [['a * b snake_case x [0] y'], ['+ z']]],
  [
    'a link and code when they are whole',
    ['see [the docs](htt', 'p://a.b) or `x y', '` now ok'],
    [['see'], ['+ the docs (http://a.b) or'], ['+ x y now'], ['+ ok']],
  ],
  [
    'items, also nested ones',
    ['- one two', '\n  - three four', '\n- f'],
    [['- one'], ['+ two', '  - three'], ['+ four'], ['- f']],
  ],
  ['lines of code', ['```\nab c', 'd\ne', 'f\n```\n'], [[], ['  ab cd'], ['  ef'], []]],
  [
    'a table when it has ended',
    ['| a | b |\n|---|---|\n', '| c | d |\n', '\ne f'],
    [[], [], ['a  b', '─  ─', 'c  d', '', 'e'], ['+ f']],
  ],
  ['a heading when its line has ended', ['## a b', '\n', 'c d'], [[], ['a b'], ['', 'c'], ['+ d']]],
])('while it is written are given: %s', (_, parts, given) => {
  expect(flowed(parts)).toEqual(given);
});

test.each([
  ['an entity', 'a &amp; b &lt; c'],
  ['an image', 'Look! ![](u) and ![x](y) there'],
  ['a formula', 'so \\(x_1\\) is \\[y\\] here'],
  ['a line break by a backslash', 'one\\\n[c](d) two\\\n`x`'],
  ['emphasis that ends later, or never', '*alpha**beta and **a [b**](http://c.d) and *c `d* e`'],
  ['a link to a reference that comes later', '- see [a] and [a][b]\n\n  [a]: http://x\n  [b]: http://y\n'],
  ['a heading of the text of a task', '- [x] one two\n  ===\n- [ ] three\n  ---\n\nend'],
  ['a table of the text of a task', '- [ ] a | b\n  -|-\n\nend'],
  ['a task and what is below it', '- [ ] <b>one</b>\n- [x] `two`\n  - [ ] three [x](y)\n\n  four\n'],
  ['a table after a URL', 'http://y.z)|c\n-|-\n1 | 2\n'],
  ['a table, and a list right below it', 'a | b\n-|-\n1 | 2\n- [ ] [c](d)\n'],
  ['no table for want of a column', 'gamma\n:- [x] done and [y](z)\n'],
  ['no list within a paragraph', 'alpha\n2) - [x] done\n---\n'],
  ['an item whose second line is not indented', '1. one\n1. two\nthree four\n'],
  ['a heading of more lines', 'one\n`two`\nthree\n===\nfour'],
])('nothing is given twice: %s', (_, text) => {
  const ctx = { ...context(), hang: '' };
  const stream = new MarkdownStream();
  const given: string[] = [];
  for (const char of text) {
    stream.push(char);
    given.push(...stream.takeLines(ctx), ...stream.flow(ctx, true).lines);
  }
  stream.finish();
  given.push(...stream.takeLines(ctx));
  expect(visible(given.join(''))).toBe(visible(answerLines(text, ctx).join('')));
});

test('of a paragraph that is one line come words, then rows; also in another width it is filled so that rows are kept', () => {
  const ctx = { ...context(20), hang: '' };
  const given = ['one two three fo', 'ur five six', ' seven ', 'eight nine ten\n\nend'];
  expect(flowed(given, ctx)).toEqual([
    ['one two three'],
    [],
    ['+       four five six'],
    ['+       seven eight nine    ten'],
    ['', 'end'],
  ]);
  const narrower = new MarkdownStream();
  narrower.push('one two three fo');
  narrower.flow(ctx);
  narrower.push('ur five six seven eight nine ');
  expect(narrower.flow({ ...ctx, width: 24 }).lines).toEqual([`four${' '.repeat(20)}five six seven eight`]);
});

test('of a line of code without an end come the rows that are full', () => {
  const ctx = { ...context(20), hang: '' };
  expect(flowed(['```\nab ', 'apple'.repeat(6), 'apple'.repeat(4), '\nen', 'd\n```\n'], ctx)).toEqual([
    [],
    ['  ab appleappleapp'],
    ['+leappleappleappleapp'],
    ['+leappleappleapple'],
    ['  end'],
    [],
  ]);
});

test('when nothing has come for a while the last word is given too, if there is room for more of it', () => {
  const stream = new MarkdownStream();
  stream.push('The la');
  expect(stream.flow(context(40)).lines).toEqual(['The']);
  expect(stream.flow(context(40), true).joined).toBe(' la');
  stream.push('st word is lo');
  expect(stream.flow(context(40), true).joined).toBe('st word is lo');
  expect(stream.flow(context(20), true).lines).toEqual([]);
});

test('what is left of a row comes with its styles, and indented, for a row of its own', () => {
  const stream = new MarkdownStream();
  stream.push('- one **two three** fo');
  expect(named(stream.flow(inColor(40)).lines)).toEqual(['<dim>- </b>one <b>two three</b>']);
  stream.push('ur `five six` seven ');
  const { lines, joined = '' } = stream.flow(inColor(40));
  expect(named([joined, ...lines])).toEqual([
    ' four <cyan>five six</color> seven',
    '  four <cyan>five six</color> seven',
  ]);
});

test('the completed text may differ from what was written', () => {
  const ctx = context();
  const rest = (pushed: string, whole: string): readonly string[] | undefined => {
    const stream = new MarkdownStream();
    stream.push(pushed);
    stream.takeLines(ctx);
    const left = stream.restOf(whole);
    left?.stream.finish();
    return left?.stream.takeLines(ctx);
  };
  expect(rest('one\n\ntwo', 'one\n\ntwo')).toBeUndefined();
  expect(rest('one\n\ntw\n', 'one\n\ntw\no')).toEqual(['', 'tw', 'o']);
  expect(rest('one\n\n<tool_call>\n', 'one')).toEqual([]);
  expect(rest('one\n\ntwo\n\nthree\n', 'one\n\nTWO')).toEqual(['', 'TWO']);
  expect(rest('', 'all')).toEqual(['all']);
});

test('a link that is too long for a row stays whole', () => {
  expect(message('See https://example.org/a/very/long/path/to/it now.', context(30))).toEqual([
    '• See',
    '  https://example.org/a/very/long/path/to/it',
    '  now.',
  ]);
});

test('20 kB cost the lexer little', () => {
  const stream = new MarkdownStream();
  const text = ANSWER.repeat(Math.ceil(20_000 / ANSWER.length));
  for (let at = 0; at < text.length; at += 4) stream.push(text.slice(at, at + 4));
  stream.finish();
  // Measured: 2.65; when the lexer is asked after every line, 3.35.
  expect(stream.lexedLength / text.length).toBeLessThan(3);
});

test.each([
  ['a table', '| a | b |\n|---|---|\n', '| 1 | 2 |\n'],
  ['a paragraph', '', 'words and words\n'],
  ['a list', '', '- item\n'],
  ['a quote', '', '> words\n'],
])('%s of 60 kB costs the lexer little', (_, head, row) => {
  const stream = new MarkdownStream();
  stream.push(head);
  const count = Math.floor(60_000 / row.length);
  for (let i = 0; i < count; i += 1) stream.push(row);
  stream.finish();
  expect(stream.lexedLength / (row.length * count)).toBeLessThan(30);
});

test.each([
  ['quotes in quotes', '>'.repeat(20_000)],
  ['lists in lists', '- '.repeat(20_000)],
  ['brackets', '['.repeat(20_000)],
  ['stars', '**a '.repeat(10_000)],
  ['ticks', '`'.repeat(20_000)],
  ['a megabyte', 'x'.repeat(1_000_000)],
])('hostile source: %s', (_, source) => {
  expect(problems(message(source), 59)).toEqual([]);
});

const BLOCKS = [
  'a paragraph\n',
  'with **bold `code`** text\n',
  '\n',
  '\n',
  '  \n',
  '- item\n',
  '- item\n\n  more\n',
  '  - nested\n',
  '* star\n',
  '1. one\n',
  '2. two\n',
  '7) seven\n',
  '- [ ] task\n',
  '# head\n',
  'setext\n---\n',
  '===\n',
  '---\n',
  '```ts\n',
  '```\n',
  '~~~\n',
  '````\n',
  '   ```\n',
  'const a = `x\n',
  '  indented\n',
  '    code\n',
  '\tcode\n',
  '> quote\n',
  '> - item\n',
  '|a|b|\n',
  '|-|-|\n',
  '|1|2|\n',
  '<div>\n',
  '</div>\n',
  '<!-- x\n',
  '-->\n',
  '<pre>\n',
  '[a]: http://x\n',
  '[a]\n',
  '"title"\n',
  'x\r\n',
  'y\r',
  '\x1b[31mred\x1b[0m\n',
  '\x1b]0;t\n',
  '\x07\n',
  '漢字\n',
  '\0\n',
  '\u202e\n',
  '\u200b',
  'no end',
  ' ',
  '\t',
  '`',
  '*',
  '&lt;',
  '$&',
];
const sourceOf = (blocks: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...blocks), { maxLength: 24 }).map((some) => some.join(''));
const source = sourceOf(BLOCKS);
/** What the lexer itself reads in another way with a line below it, or takes for text that is not there in the end. */
const withoutLateSigns = sourceOf(BLOCKS.filter((block) => !/^(?:\*$|7\)|\u200b)/.test(block)));

test('however it is cut into deltas, the lines are the same', () => {
  fc.assert(
    fc.property(source, fc.array(fc.nat(400)), fc.integer({ min: 10, max: 90 }), (text, cuts, width) => {
      const ctx = inColor(width);
      const whole = answerLines(text, ctx);
      const stream = new MarkdownStream();
      const lines: string[] = [];
      const ends = [...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
      let at = 0;
      for (const end of ends) {
        stream.push(text.slice(at, end));
        at = end;
        lines.push(...stream.takeLines(ctx));
      }
      stream.finish();
      lines.push(...stream.takeLines(ctx));
      expect(lines).toEqual(whole);
      expect(problems(whole)).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test('whatever of a block is given while it is written, the lines are those of the whole', () => {
  // Words: how many blanks a code span ends with is known only at the end of its block.
  const texts = (lines: readonly string[]): string[] =>
    lines.map((line) => plain(line).trim().replaceAll(/ +/g, ' ')).filter((line) => line !== '');
  const hangs = fc.constantFrom(undefined, '');
  fc.assert(
    fc.property(
      withoutLateSigns,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 24, max: 90 }),
      hangs,
      (text, size, width, hang) => {
        const ctx = { ...inColor(width), hang };
        const stream = new MarkdownStream();
        const given: string[] = [];
        const add = ({ lines, joined }: Taken): void => {
          if (joined !== undefined) given.push(`${given.pop()}${joined}`);
          given.push(...lines.slice(joined === undefined ? 0 : 1));
        };
        for (let at = 0; at < text.length; at += size) {
          stream.push(text.slice(at, at + size));
          add(stream.take(ctx));
          add(stream.flow(ctx));
        }
        stream.finish();
        add(stream.take(ctx));
        expect(texts(given)).toEqual(texts(answerLines(text, ctx)));
      },
    ),
    { numRuns: 500 },
  );
});

test('every character at a time gives the lines of the whole', () => {
  fc.assert(
    fc.property(source, (text) => {
      const ctx = context();
      const stream = new MarkdownStream();
      const lines: string[] = [];
      for (const char of text) {
        stream.push(char);
        lines.push(...stream.takeLines(ctx));
      }
      stream.finish();
      expect([...lines, ...stream.takeLines(ctx)]).toEqual(answerLines(text, ctx));
    }),
  );
});

test('words of prose are all there', () => {
  const words = fc.array(fc.constantFrom('alpha', '**beta**', '`gamma`', '\n', '\n\n', '- ', '> ', ' '));
  fc.assert(
    fc.property(words, (parts) => {
      const text = parts.join(' ');
      const found = plain(answerLines(text, inColor()).join(' ')).match(/[a-z]+/g) ?? [];
      expect(found).toEqual(text.match(/[a-z]+/g) ?? []);
    }),
  );
});

test('with no colour there are only weights', () => {
  const weights = { ...context().style, bold: colorStyle.bold };
  expect(named(answerLines('**a** `b`', context(60, weights)))).toEqual(['<b>a</b> b']);
});

test('places in files are links, to what is read there', () => {
  const style = richStyle({ bits: 4, background: undefined, hasLinks: true });
  const lines = answerLines(
    'See `src/app.ts:12`, `./a/b.ts`, `~/x/y.md`, `cart.ts:3:7` and `/etc/hosts.conf`. Not `console.log`, `a.ts`, `x/y`, `https://a.b/c.d` or `../..`.',
    { ...inColor(40), style },
  );
  const host = encodeURIComponent(hostname());
  const targets = [...lines.join('\n').matchAll(/\x1b\]8;;([^\x07]+)\x07/g)].map(([, url]) => url);
  expect(targets).toEqual(
    ['work/src/app.ts#12', 'work/./a/b.ts', 'x/y.md', 'work/cart.ts#3']
      .map((file) => `file://${host}/home/ada/${file}`)
      .concat(`file://${host}/etc/hosts.conf`),
  );
  // A row ends no link that it has not begun, and none stays open.
  for (const line of lines) expect(line.split('\x1b]8;;\x07').length).toBe(line.split(/\x1b\]8;;f/).length);
});
