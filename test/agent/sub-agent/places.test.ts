import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { citations } from '../../../src/agent/sub-agent/citations.ts';
import { checkPlaces } from '../../../src/agent/sub-agent/places.ts';
import { cpuTime } from '../../support/cpu-time.ts';
import { tempFolder } from '../../support/temp-folder.ts';

async function project(): Promise<string> {
  const cwd = await tempFolder();
  await mkdir(path.join(cwd, 'src/net'), { recursive: true });
  await mkdir(path.join(cwd, 'lib'));
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
  lines[14] = 'export function sendAgain() {}';
  await writeFile(path.join(cwd, 'src/net/client.ts'), `${lines.join('\n')}\n`);
  await writeFile(path.join(cwd, 'src/other.ts'), 'a\nb\n');
  await writeFile(path.join(cwd, 'src/twice.ts'), 'a\n');
  await writeFile(path.join(cwd, 'lib/twice.ts'), 'a\n');
  await writeFile(path.join(cwd, 'Makefile'), 'all:\n\ttrue\n');
  await writeFile(path.join(cwd, 'secret.ts'), 'key\n');
  await symlink('secret.ts', path.join(cwd, 'link.ts'));
  return cwd;
}

const SEEN = ['src/net/client.ts', 'lib/twice.ts', 'Makefile', 'secret.ts', 'link.ts'].join('\n');

test.each([
  ['it is in src/net/client.ts:12.', 'it is in src/net/client.ts:12.', 1, 1],
  ['src/net/client.ts:12-14, src/net/client.ts:3', 'src/net/client.ts:12-14, src/net/client.ts:3', 2, 2],
  ['see `src/net/client.ts:12`', 'see `src/net/client.ts:12`', 1, 1],
  ['see `src/net/client.ts`:12', 'see src/net/client.ts:12', 1, 1],
  ['see src/net/client.ts#L12-L14', 'see src/net/client.ts:12-14', 1, 1],
  ['see src/net/client.ts:12:5', 'see src/net/client.ts:12', 1, 1],
  ['see src/net/client.ts (line 12)', 'see src/net/client.ts:12', 1, 1],
  ['it is in `src/net/client.ts` at line 12.', 'it is in src/net/client.ts:12.', 1, 1],
  ['see src/net/client.ts, lines 12-14', 'see src/net/client.ts:12-14', 1, 1],
  [
    'In src/net/client.ts, the function is defined at line 12.',
    'In src/net/client.ts:12, the function is defined at line 12.',
    1,
    1,
  ],
  ['at line 12 of the file `src/net/client.ts`', 'at line 12 of the file src/net/client.ts:12', 1, 1],
  ['at line 99 of src/net/client.ts', 'at line 99 of src/net/client.ts', 1, 0],
  // The end of the file.
  ['src/net/client.ts:18-90', 'src/net/client.ts:18-20', 1, 1],
  ['src/net/client.ts:21', 'src/net/client.ts', 1, 0],
  ['src/net/client.ts:0', 'src/net/client.ts', 1, 0],
  // The name is there once.
  ['client.ts:12', 'src/net/client.ts:12', 1, 1],
  ['app/net/client.ts:12', 'src/net/client.ts:12', 1, 1],
  ['twice.ts:1', '[no such file]', 1, 0],
  ['src/missing.ts:4 has it', '[no such file] has it', 1, 0],
  // No step was about it.
  ['src/other.ts:1', 'src/other.ts', 1, 0],
  // What it names is elsewhere in the file.
  ['`sendAgain` (src/net/client.ts:2)', '`sendAgain` (src/net/client.ts:15)', 1, 1],
  ['`sendAgain` (src/net/client.ts:13)', '`sendAgain` (src/net/client.ts:13)', 1, 1],
  ['`unknownName` (src/net/client.ts:2)', '`unknownName` (src/net/client.ts:2)', 1, 1],
  ['Makefile:1 builds', 'Makefile:1 builds', 1, 1],
  ['Rakefile:1 builds', 'Rakefile:1 builds', 0, 0],
  ['at http://localhost:8080/x, 127.0.0.1:80, example.com:443 and 10:30', undefined, 0, 0],
  ['node:fs and a ratio of 3:1, v1.2:3', undefined, 0, 0],
  ['no place at all', undefined, 0, 0],
])('%s', async (text, wanted = text, all, held) => {
  const cwd = await project();
  expect(await checkPlaces(text, { cwd, hides: () => false, seen: SEEN })).toEqual({
    text: wanted,
    all,
    held,
  });
});

test('a hidden file is none, by whatever name', async () => {
  const cwd = await project();
  const hides = (file: string): boolean => file.endsWith('secret.ts') || file.endsWith('link.ts');
  const { text } = await checkPlaces('secret.ts:1 link.ts:1', { cwd, hides, seen: SEEN });
  expect(text).toBe('[no such file] [no such file]');
});

test('whatever a model writes is checked, and what is no place is left as it is', async () => {
  const cwd = await project();
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      'src/',
      'client.ts',
      ':',
      '12',
      '`',
      '#L',
      '-',
      ' line ',
      '../',
      '/etc/passwd',
      '\n',
      '~',
      '//',
      '\0',
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const text = pieces.join('');
      const { text: checked, all, held } = await checkPlaces(text, { cwd, hides: () => false, seen: SEEN });
      expect(held).toBeLessThanOrEqual(all);
      let at = 0;
      for (const { at: from, end } of citations(text)) {
        expect(checked).toContain(text.slice(at, from));
        at = end;
      }
      if (all === 0) expect(checked).toBe(text);
    }),
    { numRuns: 100 },
  );
});

test.each([
  'a',
  '/',
  'a/',
  '+',
  '`',
  '.',
  '`a',
  'a.b:1',
  'a:',
])('a long row of %s is read at once', (part) => {
  expect(cpuTime(() => citations(part.repeat(40_000 / part.length)))).toBeLessThan(2_000);
});
