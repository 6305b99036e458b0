/** write_file and edit_file: what they write, and what they say when they cannot. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { get_encoding } from 'tiktoken';
import { expect, test } from 'vitest';
import { offeredTools } from '../../src/context/prompt.ts';
import { systemFor, toolsOf } from '../../src/context/tool-sets.ts';
import { applyChunks } from '../../src/tools/apply-patch/chunks.ts';
import { editOf, patchTextOf } from '../../src/tools/apply-patch/edit-call.ts';
import { readPatch } from '../../src/tools/apply-patch/normalize.ts';
import { chunkOfEdit } from '../../src/tools/apply-patch/text-edit.ts';
import { createEditFileTool, createWriteFileTool } from '../../src/tools/edit-tools.ts';
import { createTools } from '../../src/tools/registry.ts';
import { makeContext } from './tool-context.ts';

const FILE = 'def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a - b\n';

function workspace(text = FILE, changes: Parameters<typeof makeContext>[0] = {}) {
  const context = makeContext(changes);
  const file = path.join(context.cwd, 'calc.py');
  writeFileSync(file, text);
  return {
    ...context,
    [Symbol.dispose]: () => context[Symbol.dispose](),
    edit: (old_string: string, new_string: string) =>
      createEditFileTool().run({ path: 'calc.py', old_string, new_string }, context.ctx),
    write: (name: string, content: string) => createWriteFileTool().run({ path: name, content }, context.ctx),
    read: (name = 'calc.py') => readFileSync(path.join(context.cwd, name), 'utf8'),
  };
}

test('a part of a line, a line without its end, whole lines', async () => {
  using at = workspace();
  expect(await at.edit('add(a', 'plus(a')).toMatchObject({
    ok: true,
    text: expect.stringContaining('Success. Updated the following files:\nM calc.py\n'),
  });
  await at.edit('def sub(a, b):\n    return a - b', 'def sub(a, b):\n    return b - a');
  await at.edit('def plus(a, b):\n    return a - b\n', 'def plus(a, b):\n    return a + b\n');
  expect(at.read()).toBe('def plus(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return b - a\n');
  const items = at.events.flatMap((event) => (event.type === 'item_completed' ? [event.item.type] : []));
  expect(items).toEqual(['file_change', 'file_change', 'file_change']);
});

test('lines that are removed, and a line end that was left out', async () => {
  using at = workspace();
  await at.edit('    return a - b\n\n\ndef sub(a, b):\n', '');
  expect(at.read()).toBe('def add(a, b):\n    return a - b\n');
  await at.edit('    return a - b\n', '    return a + b');
  expect(at.read()).toBe('def add(a, b):\n    return a + b\n');
});

test('a file keeps its line endings', async () => {
  using at = workspace(FILE.replaceAll('\n', '\r\n'));
  await at.edit('\n\n\ndef sub', '\n\n\ndef minus');
  expect(at.read()).toBe(FILE.replace('sub', 'minus').replaceAll('\n', '\r\n'));
});

test('a text with another indentation is found all the same', async () => {
  using at = workspace();
  expect((await at.edit('def sub(a, b):\n  return a - b', 'def sub(a, b):\n  return b - a')).ok).toBe(true);
  expect(at.read()).toBe(FILE.replace(/a - b\n$/, 'b - a\n'));
});

test('a text that is there twice is refused, with its places', async () => {
  using at = workspace();
  expect(await at.edit('return a - b', 'return a + b')).toEqual({
    ok: false,
    text: 'edit_file rejected: old_string is in calc.py 2 times\n2|     return a - b\n6|     return a - b\nAdd the lines above and below it, so that only one place fits.',
  });
  expect(at.read()).toBe(FILE);
});

test('a text that is not there is answered with the nearest lines, in the words of the tool', async () => {
  using at = workspace();
  expect(await at.edit('def add(a, c):\n    return a - c', 'x')).toEqual({
    ok: false,
    text: 'edit_file rejected: Failed to find expected lines in calc.py:\ndef add(a, c):\n    return a - c\nThe nearest lines in the file:\n1| def add(a, b):\n2|     return a - b\n3| \nCopy old_string exactly from the file and call edit_file again.',
  });
  for (const [old, fresh, why] of [
    ['', 'x', 'old_string is empty: copy the text that is to be replaced. write_file writes a new file'],
    ['add', 'add', 'old_string and new_string are the same'],
  ] as const)
    expect(await at.edit(old, fresh)).toEqual({ ok: false, text: `edit_file rejected: ${why}` });
});

test('a whole file: new, in a new folder, replaced; the last line ends', async () => {
  using at = workspace();
  await at.write('lib/new.py', 'x = 1');
  await at.write('calc.py', 'y = 2\n');
  await at.write('empty.txt', '');
  expect([at.read('lib/new.py'), at.read(), at.read('empty.txt')]).toEqual(['x = 1\n', 'y = 2\n', '']);
  expect(await at.write('calc.py', 'y = 2\n')).toMatchObject({
    ok: false,
    text: expect.stringContaining('The file is already so: nothing was changed'),
  });
  expect(await at.write('calc.py', '# ... existing code ...\nz = 3\n')).toMatchObject({ ok: false });
});

test('the guard decides, and what it hides is hidden', async () => {
  const guard = {
    command: async () => ({ allowed: true }) as const,
    write: async () => ({ allowed: false, message: 'writing is blocked' }) as const,
    hides: () => (file: string) => file.endsWith('secret.py'),
  };
  using at = workspace(FILE, { guard });
  expect(await at.edit('add(a', 'plus(a')).toMatchObject({
    refused: true,
    text: 'edit_file rejected: writing is blocked',
  });
  expect((await at.write('secret.py', 'x')).text).toMatch(/^write_file rejected: /);
  expect(at.read()).toBe(FILE);
});

test('an edit of a text that is there once gives the file with just that replaced', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '\n', ' ', 'é', '}'), maxLength: 12 });
  fc.assert(
    fc.property(part, part, part, part, (before, old, after, fresh) => {
      const text = `${before}${old}${after}\n`;
      const at = text.indexOf(old);
      fc.pre(old !== '' && old !== fresh && text.indexOf(old, at + 1) < 0);
      // A line of which something stays ends as it did.
      const line = text.slice(0, at).split('\n').at(-1) + fresh;
      const end = old.endsWith('\n') && line !== '' && !line.endsWith('\n') ? '\n' : '';
      const rest = text.slice(at + old.length);
      // Of lines that lose all of their text nothing stays; a line break at the end is the one that is there.
      const isLine = /(?:^|\n)$/.test(text.slice(0, at));
      const isEnd = fresh.endsWith('\n') || (fresh === '' && isLine);
      const isGone = !old.endsWith('\n') && rest.startsWith('\n') && isEnd;
      const wanted = text.slice(0, at) + fresh + end + rest.slice(isGone ? 1 : 0);
      const chunk = chunkOfEdit(text, { old, new: fresh }, 'f');
      fc.pre(chunk !== undefined && (wanted === '' || wanted.endsWith('\n')));
      expect(applyChunks(text, [chunk as NonNullable<typeof chunk>], 'f')).toBe(wanted);
    }),
    { numRuns: 2_000 },
  );
});

test('whatever the arguments are, there is a patch or a reason; its text is read as the same patch', () => {
  const value = fc.oneof(fc.string({ maxLength: 40 }), fc.constant(undefined), fc.integer());
  const args = fc.record({ path: value, content: value, old_string: value, new_string: value });
  fc.assert(
    fc.property(fc.constantFrom('write_file', 'edit_file'), args, (name, given) => {
      const patch = editOf(name, given);
      const text = patchTextOf(name, given);
      const path = typeof patch === 'string' ? undefined : patch.ops[0]?.path;
      expect(text?.split('\n')[1]?.split(' File: ')[1]).toBe(path);
    }),
  );
  const given = { path: 'a.py', old_string: 'x\ny', new_string: 'z' };
  const [op] = readPatch(patchTextOf('edit_file', given) ?? '').ops;
  const lines = [
    { kind: 'remove', text: 'x' },
    { kind: 'remove', text: 'y' },
    { kind: 'add', text: 'z' },
  ];
  expect(op).toEqual({ kind: 'update', path: 'a.py', chunks: [{ lines, endOfFile: false }] });
});

test('one set or the other is offered, and the small one is not larger', () => {
  const tools = createTools({ unifiedExec: true, canEscalate: true, env: () => ({}), hasSmallSet: true });
  const offered = (set: 'full' | 'small') => offeredTools(toolsOf(set, tools));
  const names = (set: 'full' | 'small') => offered(set).map(({ function: { name } }) => name);
  const [before, behind] = [
    ['exec_command', 'write_stdin'],
    ['ripgrep', 'read_file', 'update_plan'],
  ];
  expect(names('full')).toEqual([...before, 'apply_patch', ...behind]);
  expect(names('small')).toEqual([...before, 'edit_file', 'write_file', ...behind]);
  expect(toolsOf('full', tools).map(({ schema }) => schema.function.name)).not.toContain('edit_file');
  const encoding = get_encoding('o200k_base');
  const tokens = (set: 'full' | 'small') => encoding.encode(JSON.stringify(offered(set))).length;
  expect(tokens('small')).toBeLessThan(tokens('full'));
  encoding.free();
  expect(systemFor('small', 'Edit files only with apply_patch.')).toBe(
    'Edit files only with edit_file or write_file.',
  );
  expect(systemFor('full', 'only with apply_patch')).toBe('only with apply_patch');
});
