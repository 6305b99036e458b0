import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addNote, allNotes, deleteNote } from '../../../src/memory/manage/notes.ts';
import { sanitizeForTerminal } from '../../../src/text/sanitize.ts';
import { maskSecrets } from '../../../src/text/secrets.ts';
import { anyText } from '../../support/any-text.ts';
import { memoryHome } from '../../support/memory.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const NOW = new Date(2026, 10, 27, 9, 8, 7);

test('a note is a file of its own that holds the text, named by its time and first words', async () => {
  const { folder } = await memoryHome();
  const names = ['Use tabs, Ökonom!', 'use tabs; ÖKONOM', '日本語', 'x'.repeat(60)].map(
    (text) => addNote(folder, text, NOW).name,
  );
  expect(names).toEqual([
    '2026-11-27T09-08-07-use-tabs-okonom.md',
    '2026-11-27T09-08-07-use-tabs-okonom-2.md',
    '2026-11-27T09-08-07-note.md',
    `2026-11-27T09-08-07-${'x'.repeat(40)}.md`,
  ]);
  const file = path.join(folder.notes, names[0] ?? '');
  expect([
    readFileSync(file, 'utf8'),
    statSync(file).mode & 0o777,
    statSync(folder.notes).mode & 0o777,
  ]).toEqual(['Use tabs, Ökonom!\n', 0o600, 0o700]);
  const second = { name: names[1], text: 'use tabs; ÖKONOM', dated: NOW.getTime() };
  expect(allNotes(folder).find(({ name }) => name === names[1])).toEqual(second);
});

test('a secret is masked and that is said; no text is an error', async () => {
  const { folder } = await memoryHome();
  const { name, isMasked } = addNote(folder, 'The token is ghp_abcdefghijklmnop0123.', NOW);
  expect([isMasked, readFileSync(path.join(folder.notes, name), 'utf8').includes('ghp_')]).toEqual([
    true,
    false,
  ]);
  expect(() => addNote(folder, ' \n\u200b', NOW)).toThrow('there is nothing to remember: the text is empty');
  expect(() => addNote(folder, 'a b '.repeat(20_000), NOW)).toThrow(
    'a note has at most 64 KiB; this text has 79',
  );
});

test('notes that the user writes by hand count, and nothing else does', async () => {
  const { folder } = await memoryHome();
  const elsewhere = path.join(await tempFolder(), 'secret.md');
  writeFileSync(elsewhere, 'secret\n');
  mkdirSync(path.join(folder.notes, 'folder.md'), { recursive: true });
  writeFileSync(path.join(folder.notes, 'mine.md'), '\ufeffBy hand\r\n');
  writeFileSync(path.join(folder.notes, 'binary.md'), Buffer.from([0xff, 0xfe, 0, 0, 1]));
  writeFileSync(path.join(folder.notes, '2026-99-99T00-00-00-odd.md'), 'odd');
  writeFileSync(path.join(folder.notes, '.hidden.md'), 'x');
  writeFileSync(path.join(folder.notes, 'list.txt'), 'x');
  symlinkSync(elsewhere, path.join(folder.notes, 'link.md'));
  expect(
    allNotes(folder)
      .map(({ name, text }) => [name, text])
      .sort(),
  ).toEqual([
    ['2026-99-99T00-00-00-odd.md', 'odd'],
    ['mine.md', 'By hand'],
  ]);
});

test('only a file in the folder of the notes can be deleted, and no link leads out of it', async () => {
  const { folder } = await memoryHome();
  const elsewhere = await tempFolder();
  writeFileSync(path.join(elsewhere, 'a.md'), 'a');
  mkdirSync(folder.root);
  symlinkSync(elsewhere, folder.notes);
  expect(() => addNote(folder, 'text', NOW)).toThrow(folder.notes);
  expect(() => deleteNote(folder, 'a.md')).toThrow(folder.notes);
  expect(() => deleteNote(folder, '../x.md')).toThrow();
  expect(readdirSync(elsewhere)).toEqual(['a.md']);
});

test('any text comes back as it can be shown, without secrets', async () => {
  const { folder } = await memoryHome();
  fc.assert(
    fc.property(anyText(100), (text) => {
      const shown = maskSecrets(sanitizeForTerminal(text).trim());
      if (shown === '') {
        expect(() => addNote(folder, text, NOW)).toThrow();
        return;
      }
      const { name } = addNote(folder, text, NOW);
      expect(name).toMatch(/^2026-11-27T09-08-07-[a-z0-9-]{1,50}\.md$/);
      expect(readFileSync(path.join(folder.notes, name), 'utf8')).toBe(`${shown}\n`);
    }),
    { numRuns: 60 },
  );
});
