import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunkText, isMinified } from '../../../src/repo-index/reading/chunker.ts';
import { Syntax } from '../../../src/repo-index/reading/syntax.ts';
import { anyText } from '../../support/any-text.ts';

const syntax = new Syntax();
const cut = (path: string, text: string) => chunkText(path, text, text.split('\n'), syntax);

const body = (name: string, lines: number) =>
  Array.from(
    { length: lines },
    (_, at) => `        ${name}(${at}, "some text that fills the line up");`,
  ).join('\n');

test('a large class is cut between its methods, a comment stays with what it is on', async () => {
  const text = [
    'import { a } from "a";',
    '',
    '/** Sends. */',
    'export class Client {',
    '  /** One. */',
    '  first() {',
    body('one', 12),
    '  }',
    '',
    '  /** Two. */',
    '  second() {',
    body('two', 12),
    '  }',
    '}',
    '',
    'export function small() {}',
  ].join('\n');
  expect(await cut('src/client.ts', text)).toEqual([
    { start: 1, end: 19, symbol: 'Client.first', kind: 'code' },
    { start: 21, end: 38, symbol: 'Client.second, small', kind: 'code' },
  ]);
});

test.each([
  [
    'a.py',
    `class Store:\n    def load(self):\n${body('self.x', 14)}\n    def save(self):\n${body('self.y', 14)}\n`,
    /Store.*save/,
  ],
  [
    'a.go',
    `package a\n\nfunc (s *Store) Load() {\n${body('x', 14)}\n}\n\nfunc Save() {\n${body('y', 14)}\n}\n`,
    /Save/,
  ],
  [
    'a.rs',
    `impl Store {\n  fn load() {\n${body('x', 14)}\n  }\n  fn save() {\n${body('y', 14)}\n  }\n}\n`,
    /Store.*save/,
  ],
  [
    'a.c',
    `static int load(void) {\n${body('x', 14)}\n}\n\nint *save(int a) {\n${body('y', 14)}\n}\n`,
    /save/,
  ],
  [
    'a.java',
    `class Store {\n  void load() {\n${body('x', 14)}\n  }\n  void save() {\n${body('y', 14)}\n  }\n}\n`,
    /Store.*save/,
  ],
])('%s is cut by its definitions', async (path, text, symbol) => {
  const chunks = await cut(path, text);
  expect(chunks.length).toBeGreaterThan(1);
  expect(chunks.at(-1)?.symbol).toMatch(symbol);
});

test('prose is cut by headings, code in it hides what looks like one', async () => {
  const text = '# Guide\n\nText.\n\n## Install\n\n```sh\n# no heading\nnpm i\n```\n\nUse\n---\n\nMore.\n';
  expect(await cut('README.md', text)).toEqual([
    { start: 1, end: 3, symbol: 'Guide', kind: 'prose' },
    { start: 5, end: 10, symbol: 'Guide > Install', kind: 'prose' },
    { start: 12, end: 15, symbol: 'Guide > Use', kind: 'prose' },
  ]);
});

test('other text is cut into windows of forty lines', async () => {
  const text = Array.from({ length: 95 }, (_, at) => `key${at}: value`).join('\n');
  expect(await cut('a.yaml', text)).toEqual([
    { start: 1, end: 40, symbol: '', kind: 'text' },
    { start: 41, end: 80, symbol: '', kind: 'text' },
    { start: 81, end: 95, symbol: '', kind: 'text' },
  ]);
});

test('text for machines is known by its lines', () => {
  expect(isMinified(['x'.repeat(20_000)])).toBe(true);
  expect(isMinified(Array.from({ length: 20 }, () => 'x'.repeat(400)))).toBe(true);
  expect(isMinified(Array.from({ length: 20 }, () => 'const a = 1;'))).toBe(false);
});

test('every line that is not blank is in exactly one chunk, in order', async () => {
  const line = fc.oneof(
    fc.constantFrom(
      '',
      '  ',
      '}',
      '{',
      'class A {',
      '  method() {',
      'def f():',
      '# Title',
      '```',
      '===',
      '/** c */',
      'fn a() {',
      "'",
      '"""',
    ),
    anyText(60).map((text) => text.replace(/[\n\r]/g, '')),
    fc.constant(`  call(${'x'.repeat(300)});`),
  );
  const path = fc.constantFrom(
    'a.ts',
    'a.py',
    'a.go',
    'a.md',
    'a.rst',
    'a.yaml',
    'a.tsx',
    'a.rs',
    'a.cpp',
    'a.rb',
  );
  await fc.assert(
    fc.asyncProperty(path, fc.array(line, { maxLength: 120 }), async (name, lines) => {
      const chunks = await chunkText(name, lines.join('\n'), lines, syntax);
      let last = 0;
      const covered = new Set<number>();
      for (const { start, end } of chunks) {
        expect(start).toBeGreaterThan(last);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(lines.length);
        for (let at = start; at <= end; at += 1) covered.add(at);
        last = end;
      }
      // The chunker's blank: nothing above U+0020.
      const isBlank = (text: string) => [...text].every((char) => char.charCodeAt(0) <= 32);
      const missing = lines.flatMap((text, at) => (isBlank(text) || covered.has(at + 1) ? [] : [at + 1]));
      expect(missing).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
