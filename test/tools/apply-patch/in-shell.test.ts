import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/protocol.ts';
import { createTools } from '../../../src/tools/registry.ts';
import type { ToolResult } from '../../../src/tools/tool.ts';
import { makeContext, patchOf, readTree, type Tree, withTree } from './support.ts';

const heredoc = (patch: string): string => `apply_patch <<'EOF'\n${patch}\nEOF`;
const change = heredoc(patchOf('*** Update File: a', '@@', '-a', '+b'));
const SUCCESS = 'Exit code: 0\nWall time: N seconds\nOutput:\nSuccess. Updated the following files:\nM a\n';

/** What the tools for commands make of a call, in a folder with the files `a` and `d/a`; they run without a sandbox. */
async function call(name: string, args: JsonObject): Promise<{ result: ToolResult; tree: Tree }> {
  return withTree({ a: 'a\n', 'd/a': 'a\n' }, async (root) => {
    const tools = createTools({
      unifiedExec: true,
      canEscalate: false,
      env: () => ({ PATH: process.env.PATH }),
    });
    const tool = tools.find(({ schema }) => schema.function.name === name);
    const { ctx } = makeContext(root);
    const result = (await tool?.run(args, ctx)) as ToolResult;
    const text = result.text
      .replaceAll(/Wall time: [\d.]+ seconds/g, 'Wall time: N seconds')
      .replaceAll(root, 'ROOT');
    return { result: { ...result, text }, tree: readTree(root) };
  });
}

describe.each([
  ['shell', 'command'],
  ['exec_command', 'cmd'],
])('%s', (name, key) => {
  it('applies a patch that is the whole command', async () => {
    expect(await call(name, { [key]: `cd d && ${change}` })).toEqual({
      result: { ok: true, text: SUCCESS },
      tree: { a: 'a\n', 'd/a': 'b\n' },
    });
  });

  it('runs what follows it, in the same folder', async () => {
    const { result, tree } = await call(name, { [key]: `cd d && ${change}\ncat a; pwd` });
    expect(result.ok).toBe(true);
    expect(result.text.startsWith(SUCCESS)).toBe(true);
    expect(result.text.slice(SUCCESS.length)).toContain('b\nROOT/d');
    expect(tree).toEqual({ a: 'a\n', 'd/a': 'b\n' });
  });

  it('applies one patch after the other', async () => {
    const again = heredoc(patchOf('*** Update File: a', '@@', '-b', '+c'));
    expect((await call(name, { [key]: `${change}\n${again}\n` })).tree).toEqual({ a: 'c\n', 'd/a': 'a\n' });
  });

  it('does not run it when the patch was refused', async () => {
    const wrong = heredoc(patchOf('*** Update File: a', '@@', '-x', '+b'));
    const { result, tree } = await call(name, { [key]: `${wrong}\ntouch n` });
    expect({ ok: result.ok, last: result.text.split('\n').at(-1), tree }).toEqual({
      ok: false,
      last: 'The commands after the patch were not run.',
      tree: { a: 'a\n', 'd/a': 'a\n' },
    });
  });

  it('says how to, where other commands come first, and runs nothing', async () => {
    expect(await call(name, { [key]: `touch n && ${change}` })).toEqual({
      result: {
        ok: false,
        text: 'apply_patch is a tool, not a program: call it with the patch, and run the other commands in a call of their own. Nothing was run.',
      },
      tree: { a: 'a\n', 'd/a': 'a\n' },
    });
  });

  it.each([
    `cat <<'EOF' | apply_patch\n*** Begin Patch\nEOF`,
    'FOO=1 apply_patch < a',
    '/no/bin/apply_patch x',
  ])('says how to, where the shell has looked for a program: %j', async (command) => {
    const { result } = await call(name, { [key]: command });
    expect([result.ok, result.text.split('\n').at(-1)]).toEqual([
      false,
      '[apply_patch is a tool, not a program: call it with the patch.]',
    ]);
  });

  it('names a folder that is not there', async () => {
    const { result, tree } = await call(name, { [key]: change, workdir: join('no', 'such') });
    expect({ ok: result.ok, told: result.text.startsWith('workdir: path not found: no/such'), tree }).toEqual(
      {
        ok: false,
        told: true,
        tree: { a: 'a\n', 'd/a': 'a\n' },
      },
    );
  });
});
