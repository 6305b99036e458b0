import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filePass } from '../../../src/repo-index/search/file-pass.ts';
import { type TextHit, textPass } from '../../../src/repo-index/search/text-pass.ts';
import { temporaryFolder, write } from '../repository.ts';

/** Words and text of few letters, so that they meet; with letters that fold to others, and line ends of both kinds. */
const LETTERS = ['a', 'B', 'k', 'K', 's', 'S', 'ſ', '\u212a', 'é', 'É', '$', '_', '1', 'ß'];
const word = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 3 });
const text = fc.string({ unit: fc.constantFrom(...LETTERS, ...LETTERS, ' ', '\n', '\r\n'), maxLength: 120 });
const ascii = fc.string({ unit: fc.constantFrom('a', 'B', 'k', 'K', 's', '$', ' ', '\n'), maxLength: 300 });

const sorted = (hits: readonly TextHit[]) =>
  hits
    .map(({ path: file, lines }) => [file, [...lines].sort(([a], [b]) => a - b)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

test('the words of some files are where ripgrep finds them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(word, { selector: (item) => item.toLowerCase(), minLength: 1, maxLength: 5 }),
      fc.array(fc.oneof(text, ascii), { minLength: 1, maxLength: 12 }),
      async (words, texts) => {
        const root = temporaryFolder();
        const files = texts.map((_, at) => `${at}.ts`);
        write(root, Object.fromEntries(texts.map((content, at) => [`${at}.ts`, content])));
        expect(sorted(await filePass({ root, words, files }))).toEqual(
          sorted(await textPass({ root, words, within: files })),
        );
      },
    ),
    { numRuns: 40 },
  );
});

test('a file that is gone, a folder, a link, bytes that are no text and an abort are no hits', async () => {
  const root = temporaryFolder();
  write(root, { 'a.ts': 'needle\n', 'zero.ts': 'needle\0', 'bad.ts': Buffer.from('needle \xff', 'latin1') });
  mkdirSync(path.join(root, 'folder.ts'));
  symlinkSync('a.ts', path.join(root, 'link.ts'));
  const files = ['gone.ts', 'folder.ts', 'link.ts', 'zero.ts', 'bad.ts', 'a.ts'];
  const found = { path: 'a.ts', lines: new Map([[0, [1]]]) };
  expect(await filePass({ root, words: ['needle'], files })).toEqual([found]);
  expect(await filePass({ root, words: [], files })).toEqual([]);
  expect(await filePass({ root, words: ['needle'], files, signal: AbortSignal.abort() })).toEqual([]);
});
