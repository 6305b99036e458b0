import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entriesOf, readSource, sha1, textOf } from '../../../src/repo-index/reading/read-file.ts';
import { Syntax } from '../../../src/repo-index/reading/syntax.ts';
import { anyText } from '../../support/any-text.ts';
import { git, repository, temporaryFolder, write } from '../repository.ts';

const syntax = new Syntax();

test('a file has the hash that git gives it, and its lines without a mark and line ends of Windows', () => {
  const root = repository({ 'a.ts': '\ufeffone\r\ntwo\n\nthree' });
  const source = readSource(root, 'a.ts');
  expect([Buffer.from(source?.oid ?? []).toString('hex'), source?.lines]).toEqual([
    git(root, 'hash-object', '--no-filters', 'a.ts').trim(),
    ['one', 'two', '', 'three'],
  ]);
});

test('whatever bytes a file has: lines of text or none, and chunks that are these lines, each with its own key', async () => {
  const root = temporaryFolder();
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array)),
    fc
      .array(fc.oneof(fc.constantFrom('', '}', 'class A {', '\r', '\0', '\ufeff', '# T'), anyText()))
      .map((lines) => Buffer.from(`${lines.join('\n')}\n`)),
  );
  const name = fc.constantFrom('a.ts', 'a.py', 'a.md', 'a.yaml', 'a');
  await fc.assert(
    fc.asyncProperty(name, bytes, async (file, content) => {
      write(root, { [file]: content });
      const source = readSource(root, file);
      if (source === undefined) throw new Error('not read');
      expect(source.size).toBe(content.length);
      if (!isUtf8(content) || content.includes(0)) expect(source.lines).toEqual([]);
      expect(source.lines.filter((line) => line.includes('\n'))).toEqual([]);
      const entries = await entriesOf(file, source.lines, syntax);
      expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length);
      for (const entry of entries) {
        expect(entry.key).toMatch(/^[0-9a-f]{24}$/);
        expect(Buffer.from(entry.sha)).toEqual(sha1(textOf(entry, source.lines)));
      }
    }),
  );
});
