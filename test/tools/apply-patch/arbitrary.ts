/** Patches that the format can express, for property tests. */
import fc from 'fast-check';
import type { Chunk, FileOp, Patch, PatchLine } from '../../../src/tools/apply-patch/parse.ts';

/** One line of text: no line break in it, and no carriage return that a line break would swallow. */
const anyLine = fc
  .oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', ' ', '  x', '@@', '*** End Patch', '```', '+', '-'),
  )
  .map((line) => line.replace(/[\r\n]/g, ''));

const anyPath = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}(?:\/[a-z][a-z0-9]{0,5}){0,2}$/);

const anyPatchLine: fc.Arbitrary<PatchLine> = fc.record({
  kind: fc.constantFrom('context', 'add', 'remove'),
  text: anyLine,
});

const anyChunk: fc.Arbitrary<Chunk> = fc
  .record({
    // A blank one cannot be told from none.
    context: fc.option(
      anyLine.filter((line) => line.trim() !== ''),
      { nil: undefined },
    ),
    lines: fc.array(anyPatchLine, { minLength: 1, maxLength: 6 }),
    endOfFile: fc.boolean(),
  })
  .map(({ context, lines, endOfFile }) => ({
    context,
    lines,
    endOfFile,
  }));

const anyOp: fc.Arbitrary<FileOp> = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    path: anyPath,
    content: fc.array(anyLine).map((lines) => lines.map((line) => `${line}\n`).join('')),
  }),
  fc.record({ kind: fc.constant('delete' as const), path: anyPath }),
  fc.record({
    kind: fc.constant('update' as const),
    path: anyPath,
    chunks: fc.array(anyChunk, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('update' as const),
    path: anyPath,
    movePath: anyPath,
    chunks: fc.array(anyChunk, { minLength: 1, maxLength: 2 }),
  }),
);

export const anyPatch: fc.Arbitrary<Patch> = fc.record({ ops: fc.array(anyOp, { maxLength: 4 }) });
