import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/protocol.ts';
import { createRipgrepTool } from '../../src/tools/ripgrep.ts';
import { itemEvents, makeContext, type TestContext, until } from './tool-context.ts';

function put(context: TestContext, files: { readonly [name: string]: string | Buffer }): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(context.cwd, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

async function search(context: TestContext, args: JsonObject): Promise<string> {
  const { ok, text } = await createRipgrepTool().run(args, context.ctx);
  return `${ok ? 'ok' : 'failed'}: ${text}`;
}

describe('ripgrep', () => {
  test('finds lines, in the order of the paths, and shows a tool call', async () => {
    using context = makeContext();
    put(context, { 'b.ts': 'x\nfoo b\n', 'a/z.ts': 'foo z\r\n', '.hidden': 'foo h\n', '.git/x': 'foo\n' });
    const args = { pattern: 'fo+ .$' };
    const text = '.hidden:1:foo h\na/z.ts:1:foo z\nb.ts:2:foo b';
    const tool = createRipgrepTool();
    expect(await tool.run(args, context.ctx)).toEqual({ ok: true, text, bounded: true });
    const item = { type: 'tool_call', id: 'item_0', tool: 'ripgrep', arguments: args };
    expect(itemEvents(context.events)).toEqual([
      { type: 'item_started', item: { ...item, output: '', status: 'in_progress' } },
      { type: 'item_completed', item: { ...item, output: text, status: 'completed' } },
    ]);
    expect(tool.isReadOnly(args)).toBe(true);
  });

  test('looks only where it is told', async () => {
    using context = makeContext();
    put(context, { 'src/a.ts': 'foo\n', 'src/a.md': 'foo\n', 'lib/a.ts': 'foo\n', '-x.ts': 'foo -e\n' });
    expect(await search(context, { pattern: 'foo', path: 'src' })).toBe('ok: src/a.md:1:foo\nsrc/a.ts:1:foo');
    expect(await search(context, { pattern: 'foo', path: 'src/a.ts' })).toBe('ok: src/a.ts:1:foo');
    expect(await search(context, { pattern: 'foo', path: path.join(context.cwd, 'lib') })).toBe(
      'ok: lib/a.ts:1:foo',
    );
    expect(await search(context, { pattern: 'foo', glob: 'src/*.md' })).toBe('ok: src/a.md:1:foo');
    expect(await search(context, { pattern: '-e', path: '-x.ts' })).toBe('ok: -x.ts:1:foo -e');
    put(context, { '.git/a.md': 'foo' });
    expect(await search(context, { pattern: 'foo', glob: '**/*.md' })).toBe('ok: src/a.md:1:foo');
  });

  test('takes a pattern that is no regular expression as text, and says so', async () => {
    using context = makeContext();
    put(context, { 'a.c': 'foo(\nfoo[\n' });
    expect(await search(context, { pattern: 'foo(' })).toBe(
      'ok: [not a valid regex (unclosed group); searched as fixed text]\na.c:1:foo(',
    );
    expect(await search(context, { pattern: 'bar[' })).toBe(
      'ok: [not a valid regex (unclosed character class); searched as fixed text]\nNo matches found.',
    );
  });

  test('knows look-around and patterns over several lines', async () => {
    using context = makeContext();
    put(context, { 'a.c': 'foo(\nbar\nfoo[\n' });
    expect(await search(context, { pattern: 'foo(?!\\()' })).toBe('ok: a.c:3:foo[');
    expect(await search(context, { pattern: 'foo.\\nbar' })).toBe('ok: a.c:1:foo(\na.c:2:bar');
    expect(await search(context, { pattern: 'bar\nfoo' })).toBe('ok: a.c:2:bar\na.c:3:foo[');
  });

  test('says that there is nothing, and what may have been meant', async () => {
    using context = makeContext();
    put(context, { 'src/index.ts': 'x\n' });
    expect(await search(context, { pattern: 'nowhere' })).toBe('ok: No matches found.');
    expect(await search(context, { pattern: 'x', path: 'scr/index.ts' })).toBe(
      'failed: No matches found: path not found: scr/index.ts. Did you mean src/index.ts?',
    );
    expect(await search(context, { pattern: '' })).toBe(
      'failed: pattern is empty: give a regular expression',
    );
    expect(await search(context, { pattern: 'a\0' })).toBe('failed: pattern contains a NUL byte');
    expect(await search(context, { pattern: 'x', glob: '[' })).toBe(
      "failed: rg: error parsing glob '[': unclosed character class; missing ']'",
    );
  });

  test('keeps 100 matches and counts the others', async () => {
    using context = makeContext({ outputLimit: 100_000 });
    put(context, { a: 'foo\n'.repeat(140), b: 'bar\n'.repeat(5_000) });
    const kept = (name: string, text: string): string =>
      Array.from({ length: 100 }, (_, line) => `${name}:${line + 1}:${text}`).join('\n');
    expect(await search(context, { pattern: 'foo' })).toBe(
      `ok: ${kept('a', 'foo')}\n[40 more matches: narrow the pattern, path or glob]`,
    );
    expect(await search(context, { pattern: 'bar' })).toBe(
      `ok: ${kept('b', 'bar')}\n[over 900 more matches: narrow the pattern, path or glob]`,
    );
  });

  test('keeps whole lines within the output limit', async () => {
    using context = makeContext({ outputLimit: 1_000 });
    put(context, { a: `${'foo'.repeat(50)}\n`.repeat(20) });
    const text = await search(context, { pattern: 'foo' });
    expect(text.split('\n').slice(1)).toEqual([
      ...[2, 3, 4, 5].map((line) => `a:${line}:${'foo'.repeat(50)}`),
      '[15 more matches: narrow the pattern, path or glob]',
    ]);
  });

  test('cuts long lines', async () => {
    using context = makeContext();
    put(context, { 'min.js': `${'x'.repeat(1_000)}foo\n` });
    expect(await search(context, { pattern: 'foo' })).toMatch(/^ok: min\.js:1:x{300} \[\.\.\. .*\]$/);
  });

  test('bears binary files, other encodings, huge files and FIFOs', async () => {
    using context = makeContext();
    put(context, {
      'a.bin': 'foo\0bar\n',
      'latin.txt': Buffer.from([0x66, 0x6f, 0x6f, 0xe4, 0x0a]),
      'sparse.txt': '',
      'big.txt': `${'y'.repeat(2_000_000)}\nfoo\n`,
    });
    truncateSync(path.join(context.cwd, 'sparse.txt'), 2 ** 30);
    execFileSync('mkfifo', [path.join(context.cwd, 'fifo')]);
    expect(await search(context, { pattern: 'foo' })).toBe('ok: latin.txt:1:foo\ufffd');
    expect(await search(context, { pattern: 'foo', path: 'big.txt' })).toBe('ok: big.txt:2:foo');
    expect(await search(context, { pattern: 'foo', path: 'sparse.txt' })).toBe('ok: No matches found.');
    expect(await search(context, { pattern: 'foo', path: 'fifo' })).toBe(
      `failed: not a regular file: ${context.cwd}/fifo`,
    );
    expect(await search(context, { pattern: 'foo', path: '/dev/zero' })).toBe(
      'failed: not a regular file: /dev/zero',
    );
  });

  test('stops when it is interrupted', async () => {
    using context = makeContext();
    const slow = path.join(context.cwd, 'slow-rg');
    writeFileSync(slow, '#!/bin/sh\ntouch started\nsleep 60\n');
    chmodSync(slow, 0o755);
    const tool = createRipgrepTool({ env: { ...process.env, OAGENT_RG: slow } });
    const running = tool.run({ pattern: 'foo' }, context.ctx);
    await until(() => existsSync(path.join(context.cwd, 'started')));
    context.controller.abort();
    expect(await running).toEqual({ ok: false, text: 'aborted by user' });
    expect(itemEvents(context.events)[1]).toMatchObject({
      type: 'item_completed',
      item: { status: 'failed' },
    });
  });

  test('says what to do without rg', async () => {
    using context = makeContext();
    const tool = createRipgrepTool({ env: { OAGENT_RG: '/no/rg' } });
    expect(await tool.run({ pattern: 'foo' }, context.ctx)).toEqual({
      ok: false,
      text: 'ripgrep could not be started (Error: spawn /no/rg ENOENT): set OAGENT_RG to an rg, or use shell with grep',
    });
  });

  test('answers any pattern', async () => {
    using context = makeContext();
    put(context, { 'a.txt': 'some text\n' });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }), async (pattern) => {
        const text = await search(context, { pattern });
        expect(text).toMatch(/^(ok|failed): ./);
      }),
      { numRuns: 40 },
    );
  });
});
