import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { get_encoding } from 'tiktoken';
import { describe, expect, it } from 'vitest';
import { parsePatch } from '../../../src/tools/apply-patch/parse.ts';
import { runPatch } from '../../../src/tools/apply-patch/run-patch.ts';
import { createApplyPatchTool } from '../../../src/tools/apply-patch/tool.ts';
import { anyPatch } from './arbitrary.ts';
import { SCENARIOS } from './scenarios.ts';
import { ALLOW_ALL, makeContext, patchOf, readTree, render, withoutTime, withTree } from './support.ts';

describe('the scenarios through the tool', () => {
  it.each(SCENARIOS)('$name', async ({ input, patch, expected, expectedOfTool, exitCode }) => {
    await withTree(input, async (root) => {
      const { ctx } = makeContext(root);
      const result = await runPatch(patch, root, ctx);
      expect(readTree(root)).toEqual(expectedOfTool ?? expected);
      expect(result.ok).toBe(exitCode === 0);
    });
  });
});

describe('runPatch', () => {
  it('announces the change, applies it and answers with the summary', async () => {
    await withTree({ 'a.txt': 'a\n' }, async (root) => {
      const { ctx, events } = makeContext(root);
      const result = await runPatch(
        patchOf('*** Update File: a.txt', '@@', '-a', '+b', '*** Add File: n', '+n'),
        root,
        ctx,
      );
      const summary = 'Success. Updated the following files:\nA n\nM a.txt\n';
      expect({ ...result, text: withoutTime(result.text) }).toEqual({
        ok: true,
        text: `Exit code: 0\nWall time: N seconds\nOutput:\n${summary}`,
      });
      const changes = [
        {
          path: join(root, 'a.txt'),
          kind: 'update',
          diff: '--- a.txt\n+++ a.txt\n@@ -1,1 +1,1 @@\n-a\n+b\n',
        },
        { path: join(root, 'n'), kind: 'add', diff: '--- /dev/null\n+++ n\n@@ -0,0 +1,1 @@\n+n\n' },
      ];
      const item = { type: 'file_change', id: 'item_0', changes };
      expect(events).toEqual([
        { type: 'item_started', item: { ...item, output: '', status: 'in_progress' } },
        { type: 'item_completed', item: { ...item, output: summary, status: 'completed' } },
      ]);
    });
  });

  it('starts relative paths in the folder it is given', async () => {
    await withTree({ 'sub/a.txt': 'a\n' }, async (root) => {
      const { ctx } = makeContext(root);
      await runPatch(patchOf('*** Update File: a.txt', '@@', '-a', '+b'), join(root, 'sub'), ctx);
      expect(readTree(root)).toEqual({ 'sub/a.txt': 'b\n' });
    });
  });

  it.each([
    ['an empty patch', patchOf(), 'patch rejected: empty patch'],
    [
      'an invalid hunk',
      patchOf('*** Update File: a.txt'),
      "apply_patch verification failed: invalid hunk at line 2, Update file hunk for path 'a.txt' is empty\nAn update needs a hunk: '@@', then lines that start with ' ', '-' or '+'.",
    ],
    [
      'lines that are not there',
      patchOf('*** Add File: n', '+n', '*** Update File: a.txt', '@@', '-alpha = 2', '+x'),
      'apply_patch verification failed: Failed to find expected lines in a.txt:\nalpha = 2\nThe nearest lines in the file:\n1| alpha = 1\n2| beta\nCopy unchanged and removed lines exactly from the file and send the whole patch again.',
    ],
    [
      'a missing file',
      patchOf('*** Update File: b.txt', '@@', '-a', '+x'),
      'apply_patch verification failed: Failed to read file to update b.txt: No such file or directory (os error 2)\nDid you mean: a.txt?',
    ],
    [
      'two operations on one file',
      patchOf('*** Delete File: a.txt', '*** Add File: a.txt', '+x'),
      'apply_patch verification failed: invalid patch: multiple operations target a.txt\nPut all hunks of one file, in file order, under one header.',
    ],
  ])('refuses %s and shows no item', async (_name, patch, text) => {
    await withTree({ 'a.txt': 'alpha = 1\nbeta\n' }, async (root) => {
      const { ctx, events } = makeContext(root);
      expect(await runPatch(patch, root, ctx)).toEqual({ ok: false, text });
      expect(events).toEqual([]);
      expect(readTree(root)).toEqual({ 'a.txt': 'alpha = 1\nbeta\n' });
    });
  });

  it('asks the guard for every path, links followed, and gives the model its refusal', async () => {
    await withTree({ 'real.txt': 'a\n' }, async (root) => {
      symlinkSync('real.txt', join(root, 'link'));
      const asked: (readonly string[])[] = [];
      const { ctx, events } = makeContext(root, {
        ...ALLOW_ALL,
        write: async ({ files }) => {
          asked.push(files);
          return { allowed: false, message: 'not here' };
        },
      });
      const result = await runPatch(patchOf('*** Update File: link', '@@', '-a', '+b'), root, ctx);
      expect(result).toEqual({ ok: false, text: 'patch rejected: not here', refused: true });
      expect(asked).toEqual([[join(root, 'link'), join(root, 'real.txt')]]);
      expect(events).toEqual([]);
      expect(readTree(root)).toEqual({ 'real.txt': 'a\n' });
    });
  });

  it('closes its item when writing fails', async () => {
    await withTree({ a: 'a\n' }, async (root) => {
      const { ctx, events } = makeContext(root, {
        ...ALLOW_ALL,
        write: async () => {
          writeFileSync(join(root, 'a'), 'other\n');
          return { allowed: true };
        },
      });
      const result = await runPatch(patchOf('*** Update File: a', '@@', '-a', '+b'), root, ctx);
      const output = `${join(root, 'a')} changed while the patch was being verified; nothing was written\nRead the file again and send a new patch.\n`;
      expect({ ...result, text: withoutTime(result.text) }).toEqual({
        ok: false,
        text: `Exit code: 1\nWall time: N seconds\nOutput:\n${output}`,
      });
      const item = {
        type: 'file_change',
        id: 'item_0',
        changes: [{ path: join(root, 'a'), kind: 'update', diff: '--- a\n+++ a\n@@ -1,1 +1,1 @@\n-a\n+b\n' }],
      };
      expect(events).toEqual([
        { type: 'item_started', item: { ...item, output: '', status: 'in_progress' } },
        { type: 'item_completed', item: { ...item, output, status: 'failed' } },
      ]);
      expect(readTree(root)).toEqual({ a: 'other\n' });
    });
  });

  it('writes nothing after an interrupt', async () => {
    await withTree({ a: 'a\n' }, async (root) => {
      const { ctx, events } = makeContext(root, ALLOW_ALL, AbortSignal.abort());
      expect(await runPatch(patchOf('*** Delete File: a'), root, ctx)).toEqual({
        ok: false,
        text: 'patch rejected: interrupted; nothing was written',
        refused: true,
      });
      expect(events).toEqual([]);
      expect(readTree(root)).toEqual({ a: 'a\n' });
    });
  });

  it('changes all files of a patch or none, and leaves no temporary file', async () => {
    await withTree({}, async (root) => {
      await fc.assert(
        fc.asyncProperty(anyPatch, async (patch) => {
          const before = readTree(root);
          const { ctx, events } = makeContext(root);
          const result = await runPatch(render(patch), root, ctx);
          const after = readTree(root);
          if (!result.ok) expect(after).toEqual(before);
          expect(events.length).toBe(result.ok ? 2 : 0);
          expect(Object.keys(after).filter((path) => path.includes('.tmp'))).toEqual([]);
        }),
        { numRuns: 60 },
      );
    });
  });
});

describe('createApplyPatchTool', () => {
  const tool = createApplyPatchTool();

  it('has a short description with a form that parses, and does nothing where it is copied', async () => {
    const { description, ...rest } = tool.schema.function;
    expect(rest).toEqual({
      name: 'apply_patch',
      parameters: {
        type: 'object',
        properties: { input: { type: 'string', description: 'The whole patch.' } },
        required: ['input'],
      },
    });
    const encoding = get_encoding('o200k_base');
    expect(encoding.encode(description).length).toBeLessThanOrEqual(144);
    encoding.free();
    const form = /\*\*\* Begin Patch\n[\s\S]*\*\*\* End Patch/.exec(description)?.[0] ?? '';
    expect(parsePatch(form).ops.map(({ kind }) => kind)).toEqual(['update', 'add', 'delete']);
    expect(tool.isReadOnly({ input: form })).toBe(false);
    await withTree({}, async (root) => {
      expect(await tool.run({ input: form }, makeContext(root).ctx)).toEqual({
        ok: false,
        text: "apply_patch verification failed: invalid patch: '{path}' is a placeholder\nPut the real path or line in its place.",
      });
      expect(readTree(root)).toEqual({});
    });
  });

  it('runs in the folder of the session', async () => {
    await withTree({}, async (root) => {
      const { ctx } = makeContext(root);
      const result = await tool.run({ input: patchOf('*** Add File: a', '+a') }, ctx);
      expect({ ok: result.ok, tree: readTree(root) }).toEqual({ ok: true, tree: { a: 'a\n' } });
    });
  });

  it('explains an input that is no text', async () => {
    const { ctx } = makeContext('/');
    expect(await tool.run({ input: 1 }, ctx)).toEqual({
      ok: false,
      text: 'patch rejected: `input` must be the patch, a string',
    });
  });
});
