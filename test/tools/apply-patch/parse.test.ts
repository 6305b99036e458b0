import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PatchError } from '../../../src/tools/apply-patch/errors.ts';
import { type Patch, parsePatch } from '../../../src/tools/apply-patch/parse.ts';
import { anyPatch } from './arbitrary.ts';
import { patchOf, render } from './support.ts';

function errorOf(text: string): PatchError {
  try {
    parsePatch(text);
  } catch (error) {
    if (error instanceof PatchError) return error;
    throw error;
  }
  throw new Error('no error');
}

const UPDATE_A: Patch = {
  ops: [
    {
      kind: 'update',
      path: 'a',
      chunks: [
        {
          lines: [
            { kind: 'remove', text: 'x' },
            { kind: 'add', text: 'y' },
          ],
          endOfFile: false,
        },
      ],
    },
  ],
};

describe('parsePatch', () => {
  it('reads every kind of operation', () => {
    const text = patchOf(
      '*** Add File: new dir/a.txt',
      '+one',
      '+',
      '*** Add File: empty',
      '*** Delete File: b',
      '*** Update File: c',
      '*** Move to: d',
      '@@ def f():',
      ' keep',
      '-old',
      '+new',
      '*** End of File',
    );
    expect(parsePatch(text)).toEqual({
      ops: [
        { kind: 'add', path: 'new dir/a.txt', content: 'one\n\n' },
        { kind: 'add', path: 'empty', content: '' },
        { kind: 'delete', path: 'b' },
        {
          kind: 'update',
          path: 'c',
          movePath: 'd',
          chunks: [
            {
              context: 'def f():',
              lines: [
                { kind: 'context', text: 'keep' },
                { kind: 'remove', text: 'old' },
                { kind: 'add', text: 'new' },
              ],
              endOfFile: true,
            },
          ],
        },
      ],
    });
  });

  it.each([
    ['a first hunk without @@', patchOf('*** Update File: a', '-x', '+y')],
    ['padding around markers', `\n  *** Begin Patch \n *** Update File: a \n@@\n-x\n+y\n *** End Patch\n\n`],
    ['CRLF', patchOf('*** Update File: a', '@@', '-x', '+y').replaceAll('\n', '\r\n')],
    ['a bare heredoc', `<<EOF\n${patchOf('*** Update File: a', '@@', '-x', '+y')}\nEOF`],
    ['a quoted heredoc', `<<'EOF'\n${patchOf('*** Update File: a', '@@', '-x', '+y')}\nEOF\n`],
    ['a double-quoted heredoc', `<<"EOF"\n${patchOf('*** Update File: a', '@@', '-x', '+y')}\nEOF`],
    ['blank lines before a hunk', patchOf('*** Update File: a', '', ' \t', '@@', '-x', '+y')],
    ['an environment line', patchOf('*** Environment ID: local', '*** Update File: a', '@@', '-x', '+y')],
  ])('accepts %s', (_name, text) => {
    expect(parsePatch(text)).toEqual(UPDATE_A);
  });

  it('reads a blank line in a hunk as an empty context line', () => {
    expect(parsePatch(patchOf('*** Update File: a', '@@', '-x', '', '+y')).ops).toEqual([
      {
        kind: 'update',
        path: 'a',
        chunks: [
          {
            lines: [
              { kind: 'remove', text: 'x' },
              { kind: 'context', text: '' },
              { kind: 'add', text: 'y' },
            ],
            endOfFile: false,
          },
        ],
      },
    ]);
  });

  const BAD_HEADER =
    "is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'";
  const BAD_LINE = "Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)";
  it.each([
    ['', undefined, "The first line of the patch must be '*** Begin Patch'"],
    ['hello\n*** End Patch', undefined, "The first line of the patch must be '*** Begin Patch'"],
    ['*** Begin Patch', undefined, "The last line of the patch must be '*** End Patch'"],
    ['*** Begin Patch\n*** Add File: a\n+x', undefined, "The last line of the patch must be '*** End Patch'"],
    [
      '<<EOF\n*** Begin Patch\n*** Add File: a\nEOF',
      undefined,
      "The last line of the patch must be '*** End Patch'",
    ],
    [patchOf('*** Frobnicate File: foo'), 2, `'*** Frobnicate File: foo' ${BAD_HEADER}`],
    [patchOf('*** Add File: a', '+x', '', '*** Delete File: b'), 4, `'' ${BAD_HEADER}`],
    [patchOf('*** Update File: a'), 2, "Update file hunk for path 'a' is empty"],
    [
      patchOf('*** Delete File: b', '*** Update File: a', '*** Move to: c'),
      3,
      "Update file hunk for path 'a' is empty",
    ],
    [patchOf('*** Update File: a', '@@'), 4, 'Update hunk does not contain any lines'],
    [patchOf('*** Update File: a', '@@', '*** End of File'), 4, 'Update hunk does not contain any lines'],
    [
      patchOf('*** Update File: a', '@@', '-x', '+y', 'bad'),
      6,
      "Expected update hunk to start with a @@ context marker, got: 'bad'",
    ],
    [
      patchOf('*** Update File: a', '@@', 'bad'),
      4,
      `Unexpected line found in update hunk: 'bad'. ${BAD_LINE}`,
    ],
  ])('refuses %j', (text, line, reason) => {
    const error = errorOf(text);
    expect({ standalone: error.standalone, message: error.message }).toEqual(
      line === undefined
        ? { standalone: `Invalid patch: ${reason}`, message: `invalid patch: ${reason}` }
        : {
            standalone: `Invalid patch hunk on line ${line}: ${reason}`,
            message: `invalid hunk at line ${line}, ${reason}`,
          },
    );
    expect(error.tool.startsWith(error.message)).toBe(true);
  });

  it('teaches the model the form when the frame is missing', () => {
    expect(errorOf('hello').tool).toBe(
      [
        "invalid patch: The first line of the patch must be '*** Begin Patch'",
        'The form of a patch:',
        '*** Begin Patch',
        '*** Update File: {path}',
        '@@',
        ' {kept line}',
        '-{removed line}',
        '+{added line}',
        '*** End Patch',
      ].join('\n'),
    );
  });

  it('reads back what is rendered', () => {
    fc.assert(
      fc.property(anyPatch, (patch) => {
        expect(parsePatch(render(patch))).toEqual(patch);
      }),
    );
  });

  it('answers any text with a patch or a PatchError', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '*** Begin Patch',
        '*** End Patch',
        '*** Update File: a',
        '*** Add File: b',
        '@@',
        '@@ x',
        '*** End of File',
        '<<EOF',
        'EOF',
      ),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('\n');
        try {
          expect(Array.isArray(parsePatch(text).ops)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(PatchError);
        }
      }),
    );
  });
});
