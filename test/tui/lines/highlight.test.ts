/** Colours of code. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { highlight, loadHighlighter } from '../../../src/tui/lines/highlight.ts';
import { colorStyle } from '../../../src/tui/lines/style.ts';
import { named, plain, problems } from './support.ts';

const LANGUAGES = [
  'js',
  'javascript',
  'ts',
  'typescript',
  'tsx',
  'jsx',
  'python',
  'py',
  'bash',
  'sh',
  'shell',
  'console',
  'json',
  'yaml',
  'yml',
  'css',
  'html',
  'xml',
  'go',
  'rust',
  'rs',
  'c',
  'cpp',
  'c++',
  'java',
  'sql',
  'diff',
  'markdown',
  'md',
  'toml',
  'ini',
  'TypeScript',
  '{.python}',
];

test('nothing is coloured before the grammars are there', async () => {
  expect(highlight('a', 'ts', colorStyle)).toBeUndefined();
  await loadHighlighter();
  expect(LANGUAGES.filter((language) => highlight('a', language, colorStyle) === undefined)).toEqual([]);
  expect(['', 'klingon', '```'].map((language) => highlight('a', language, colorStyle))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('a comment over lines is closed on each', async () => {
  await loadHighlighter();
  expect(named(highlight('/* a\n\n b */ let x = 1;', 'ts title="x.ts"', colorStyle) ?? [])).toEqual([
    '<dim>/* a</b>',
    '',
    '<dim> b */</b> <magenta>let</color> x = <cyan>1</color>;',
  ]);
});

test('long code stays plain', async () => {
  await loadHighlighter();
  expect(highlight('x'.repeat(2_001), 'ts', colorStyle)).toBeUndefined();
  expect(highlight('let x;\n'.repeat(30_000), 'ts', colorStyle)).toBeUndefined();
});

test('the text is not changed', async () => {
  await loadHighlighter();
  const token = fc.constantFrom(
    'let ',
    'x',
    '"',
    "'",
    '`',
    '${',
    '}',
    '/*',
    '*/',
    '//',
    '\n',
    '<a>',
    '#',
    '-',
    ': ',
    '1',
    '\\',
    '漢',
    '&',
    '&amp;',
  );
  fc.assert(
    fc.property(fc.array(token), fc.constantFrom(...LANGUAGES), (tokens, language) => {
      const code = tokens.join('');
      const lines = highlight(code, language, colorStyle) ?? [];
      expect(lines.map(plain).join('\n')).toBe(code);
      expect(problems(lines)).toEqual([]);
    }),
  );
});

test('in a command no program is set off: the grammar knows only some, and takes arguments for them', async () => {
  await loadHighlighter();
  expect(named(highlight('for f in *; do npm test "$f" | tail; done', 'bash', colorStyle) ?? [])).toEqual([
    '<magenta>for</color> f <magenta>in</color> *; <magenta>do</color> npm test <green>"</color><green>$f</color><green>"</color> | tail; <magenta>done</color>',
  ]);
});
