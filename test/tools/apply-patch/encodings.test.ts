import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runPatch } from '../../../src/tools/apply-patch/run-patch.ts';
import { makeContext, patchOf, withTree } from './support.ts';

const WAY_ON =
  'Change it with a command that keeps its bytes (sed, perl, python3), or convert it to UTF-8 with iconv first.';
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** What a file has after a patch, and what the model reads of it. */
async function outcome(bytes: Buffer, ...lines: readonly string[]): Promise<{ after: Buffer; told: string }> {
  return withTree({}, async (root) => {
    writeFileSync(join(root, 'f'), bytes);
    const { text } = await runPatch(patchOf(...lines), root, makeContext(root).ctx);
    const told = text.replace(/^[\s\S]*(?:following files:\n(?:[AM] f\n)?|verification failed: )/, '');
    return { after: readFileSync(join(root, 'f')), told };
  });
}

describe('a file that is not plain UTF-8', () => {
  const KEPT = 'f is not UTF-8: its encoding (an 8-bit one) was kept.\n';
  it.each<[string, Buffer, readonly string[], Buffer, string]>([
    ['Latin-1', latin1('// Stra\xdfe\nx = 1\n'), ['-x = 1', '+x = 2'], latin1('// Stra\xdfe\nx = 2\n'), KEPT],
    [
      'letters that it has',
      latin1('// Stra\xdfe\nx\n'),
      [' // Stra\xdfe', '+// Fu\xdf', ' x'],
      latin1('// Stra\xdfe\n// Fu\xdf\nx\n'),
      KEPT,
    ],
    [
      'a two-byte encoding',
      latin1('// \xd6\xd0\xce\xc4\nx = 1\n'),
      ['-x = 1', '+x = 2'],
      latin1('// \xd6\xd0\xce\xc4\nx = 2\n'),
      KEPT,
    ],
    [
      'lines that another reader showed',
      latin1('// Stra\xdfe\nx = 1\n'),
      [' // Stra\ufffde', '-x = 1', '+x = 2'],
      latin1('// Stra\xdfe\nx = 2\n'),
      KEPT,
    ],
    [
      'UTF-16 with a mark',
      utf16('\ufeffx = 1;\r\ny;\r\n'),
      ['-x = 1;', '+x = "\u4e2d";'],
      utf16('\ufeffx = "\u4e2d";\r\ny;\r\n'),
      'f is not UTF-8: its encoding (UTF-16LE) was kept.\n',
    ],
    [
      'UTF-16 without one',
      utf16('x = 1;\r\ny = 2;\r\n').swap16(),
      ['-x = 1;', '+x = 3;'],
      utf16('x = 3;\r\ny = 2;\r\n').swap16(),
      'f is not UTF-8: its encoding (UTF-16BE) was kept.\n',
    ],
    [
      'UTF-8 with a mark, whose first line changes',
      Buffer.from('\ufeffa\r\nb\r\n'),
      ['-a', '+\u00e4'],
      Buffer.from('\ufeff\u00e4\r\nb\r\n'),
      '',
    ],
    [
      'UTF-8 with a mark, before the first line',
      Buffer.from('\ufeffa\n'),
      ['+x', ' a'],
      Buffer.from('\ufeffx\na\n'),
      '',
    ],
    [
      'a mark that the model wrote, too',
      Buffer.from('\ufeffa\n'),
      ['-\ufeffa', '+\ufeffb'],
      Buffer.from('\ufeffb\n'),
      '',
    ],
  ])('keeps its form: %s', async (_name, bytes, lines, after, told) => {
    expect(await outcome(bytes, '*** Update File: f', '@@', ...lines)).toEqual({ after, told });
  });

  it.each<[string, Buffer, readonly string[], string]>([
    [
      'new letters of an unknown encoding',
      latin1('// Stra\xdfe\nx\n'),
      ['-x', '+\u00e4'],
      'Failed to write file f: it is not UTF-8, and new letters that are not ASCII need its encoding',
    ],
    [
      'damaged UTF-8',
      Buffer.concat([Buffer.from('\u00e4\u00f6\n'), latin1('\xff\nx\n')]),
      ['-x', '+y'],
      'Failed to read file to update f: stream did not contain valid UTF-8',
    ],
    [
      'UTF-32',
      Buffer.from([0xff, 0xfe, 0, 0, 0x78, 0, 0, 0]),
      ['-x', '+y'],
      'Failed to read file to update f: it is UTF-32LE',
    ],
    [
      'binary data',
      latin1('\0\xff\nx\n'),
      ['-x', '+y'],
      'Failed to read file to update f: it is binary data',
    ],
  ])('is refused with a way on: %s', async (_name, bytes, lines, reason) => {
    expect(await outcome(bytes, '*** Update File: f', '@@', ...lines)).toEqual({
      after: bytes,
      told: `${reason}\n${WAY_ON}`,
    });
  });

  it.each<[string, Buffer, string, Buffer, string]>([
    ['Latin-1', latin1('// Stra\xdfe\n'), 'Stra\xdfe 2', latin1('Stra\xdfe 2\n'), KEPT],
    [
      'UTF-16 with CRLF',
      utf16('\ufeffa\r\nb\r\n'),
      '\u4e2d',
      utf16('\ufeff\u4e2d\r\n'),
      'f is not UTF-8: its encoding (UTF-16LE) was kept.\n',
    ],
    ['CRLF', Buffer.from('a\r\nb\r\n'), 'c', Buffer.from('c\r\n'), ''],
    ['mostly LF', Buffer.from('a\r\nb\nc\n'), 'c', Buffer.from('c\n'), ''],
    ['a mark', Buffer.from('\ufeffa\n'), 'c', Buffer.from('\ufeffc\n'), ''],
    [
      'no text',
      latin1('\0\xff'),
      'c',
      Buffer.from('c\n'),
      'f existed and was not text: it was overwritten.\n',
    ],
  ])('keeps its form when it is written anew: %s', async (_name, bytes, line, after, told) => {
    expect(await outcome(bytes, '*** Add File: f', `+${line}`)).toEqual({ after, told });
  });

  it('keeps every byte of the lines that a patch does not touch', async () => {
    const line = fc
      .uint8Array({ maxLength: 12 })
      .map((bytes) => Buffer.from(bytes.filter((byte) => byte > 0x1f && byte !== 0x7f)));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(line), async (before, after) => {
        const join2 = (middle: string): Buffer =>
          Buffer.concat(
            [...before, Buffer.from(middle), ...after].flatMap((bytes) => [bytes, Buffer.from('\n')]),
          );
        const bytes = join2('the one line');
        const found = await outcome(bytes, '*** Update File: f', '@@', '-the one line', '+another');
        const wasRefused = found.told.endsWith(WAY_ON);
        expect(found.after).toEqual(wasRefused ? bytes : join2('another'));
      }),
      { numRuns: 60 },
    );
  });
});
