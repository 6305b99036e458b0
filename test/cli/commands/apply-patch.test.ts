import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { applyPatchCommand } from '../../../src/cli/commands/apply-patch.ts';
import { SCENARIOS } from '../../tools/apply-patch/scenarios.ts';
import { patchOf, readTree, withTree } from '../../tools/apply-patch/support.ts';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  cwd: string,
  args: readonly string[],
  stdin: NodeJS.ReadableStream & { isTTY?: boolean } = Readable.from([]),
): Promise<Outcome> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await applyPatchCommand(args, { stdin, stdout, stderr, cwd });
  const textOf = (stream: PassThrough): string => stream.read()?.toString() ?? '';
  return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
}

describe('the scenarios through the command', () => {
  it.each(SCENARIOS)('$name', async ({ input, patch, expected, exitCode }) => {
    await withTree(input, async (root) => {
      const { code } = await run(root, [patch]);
      expect({ code, tree: readTree(root) }).toEqual({ code: exitCode, tree: expected });
    });
  });
});

const USAGE = "Usage: apply_patch 'PATCH'\n       echo 'PATCH' | apply_patch\n";
const ADD = patchOf('*** Add File: a', '+a');

describe('applyPatchCommand', () => {
  it('prints the summary', async () => {
    const tree = { 'm.txt': 'a\n', 'd.txt': 'd\n' };
    await withTree(tree, async (root) => {
      const patch = patchOf(
        '*** Delete File: d.txt',
        '*** Update File: m.txt',
        '@@',
        '-a',
        '+b',
        '*** Add File: x/n',
        '+n',
      );
      expect(await run(root, [patch])).toEqual({
        code: 0,
        stdout: 'Success. Updated the following files:\nA x/n\nM m.txt\nD d.txt\n',
        stderr: '',
      });
    });
  });

  it('says on stderr what there is beside the summary', async () => {
    await withTree({ 'cafe\u0301.md': 'a\n' }, async (root) => {
      expect(await run(root, [patchOf('*** Update File: caf\u00e9.md', '@@', '-a', '+b')])).toEqual({
        code: 0,
        stdout: 'Success. Updated the following files:\nM caf\u00e9.md\n',
        stderr: 'caf\u00e9.md was taken for cafe\\u0301.md, the one name that looks the same.\n',
      });
    });
  });

  it('reads a patch in UTF-16 from stdin', async () => {
    await withTree({}, async (root) => {
      const bytes = Buffer.from(`\ufeff${patchOf('*** Add File: a', '+ä')}`, 'utf16le');
      expect((await run(root, [], Readable.from([bytes]))).code).toBe(0);
      expect(readTree(root)).toEqual({ a: 'ä\n' });
    });
  });

  it('reads stdin, in pieces that cut a letter', async () => {
    await withTree({}, async (root) => {
      const bytes = Buffer.from(patchOf('*** Add File: ä', '+ä'));
      const stdin = Readable.from([...bytes].map((byte) => Buffer.from([byte])));
      expect(await run(root, [], stdin)).toEqual({
        code: 0,
        stdout: 'Success. Updated the following files:\nA ä\n',
        stderr: '',
      });
      expect(readTree(root)).toEqual({ ä: 'ä\n' });
    });
  });

  it.each<
    [
      string,
      readonly string[],
      (() => NodeJS.ReadableStream & { isTTY?: boolean }) | undefined,
      number,
      string,
    ]
  >([
    ['no patch', [], undefined, 2, USAGE],
    ['a terminal', [], () => Object.assign(new PassThrough(), { isTTY: true }), 2, USAGE],
    ['two arguments', [ADD, ADD], undefined, 2, 'Error: apply_patch accepts exactly one argument.\n'],
    [
      'stdin that is no text',
      [],
      () => Readable.from([Buffer.from([0xff])]),
      1,
      'Error: Failed to read PATCH from stdin.\nstream did not contain valid UTF-8\n',
    ],
    ['an empty patch', [patchOf()], undefined, 1, 'No files were modified.\n'],
    [
      'an empty argument',
      [''],
      undefined,
      1,
      "Invalid patch: The first line of the patch must be '*** Begin Patch'\n",
    ],
    [
      'a missing begin',
      ['x'],
      undefined,
      1,
      "Invalid patch: The first line of the patch must be '*** Begin Patch'\n",
    ],
    [
      'an invalid header',
      [patchOf('*** Frobnicate File: foo')],
      undefined,
      1,
      "Invalid patch hunk on line 2: '*** Frobnicate File: foo' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'\n",
    ],
    [
      'an empty update',
      [patchOf('*** Update File: foo')],
      undefined,
      1,
      "Invalid patch hunk on line 2: Update file hunk for path 'foo' is empty\n",
    ],
    [
      'missing lines',
      [patchOf('*** Update File: a.txt', '@@', '-missing', '+x')],
      undefined,
      1,
      'Failed to find expected lines in a.txt:\nmissing\n',
    ],
    [
      'missing context',
      [patchOf('*** Update File: a.txt', '@@ nowhere', '-a', '+x')],
      undefined,
      1,
      "Failed to find context 'nowhere' in a.txt\n",
    ],
    [
      'a missing file to delete',
      [patchOf('*** Delete File: no')],
      undefined,
      1,
      'Failed to delete file no\n',
    ],
    [
      'a missing file to update',
      [patchOf('*** Update File: no', '@@', '-a', '+x')],
      undefined,
      1,
      'Failed to read file to update no: No such file or directory (os error 2)\n',
    ],
    [
      'two operations on one file',
      [patchOf('*** Delete File: a.txt', '*** Add File: a.txt', '+x')],
      undefined,
      1,
      'Invalid patch: multiple operations target a.txt\n',
    ],
  ])('refuses %s', async (_name, args, stdin, code, stderr) => {
    await withTree({ 'a.txt': 'a\n' }, async (root) => {
      expect(await run(root, args, stdin?.())).toEqual({ code, stdout: '', stderr });
      expect(readTree(root)).toEqual({ 'a.txt': 'a\n' });
    });
  });

  it('keeps what came before a failing operation', async () => {
    await withTree({}, async (root) => {
      const patch = patchOf(
        '*** Add File: first',
        '+1',
        '*** Update File: no',
        '@@',
        '-a',
        '+b',
        '*** Add File: last',
        '+3',
      );
      expect(await run(root, [patch])).toEqual({
        code: 1,
        stdout: '',
        stderr: 'Failed to read file to update no: No such file or directory (os error 2)\n',
      });
      expect(readTree(root)).toEqual({ first: '1\n' });
    });
  });

  it('takes another format only if the text does not parse', async () => {
    await withTree({ x: 'a\n' }, async (root) => {
      expect((await run(root, ['--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n'])).code).toBe(0);
      expect(readTree(root)).toEqual({ x: 'b\n' });
      expect((await run(root, [patchOf('*** Add File: y', '+```', '+x', '+```')])).code).toBe(0);
      expect(readTree(root)).toEqual({ x: 'b\n', y: '```\nx\n```\n' });
    });
  });
});
