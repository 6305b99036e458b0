import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/protocol.ts';
import { createRipgrepTool } from '../../src/tools/ripgrep.ts';
import { programFolder } from '../support/program-folder.ts';
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

  test('shows the match of a long line with what stands around it, and few such lines of a file', async () => {
    using context = makeContext();
    const line = `${'x'.repeat(1_000)}foo${'y'.repeat(1_000)}\n`;
    const at = `…${'x'.repeat(100)}foo${'y'.repeat(197)}… [2003 characters]`;
    put(context, { 'min.js': line.repeat(5), 'z.js': 'foo\n', 'end.js': `${'é'.repeat(400)}foo` });
    expect(await search(context, { pattern: 'foo' })).toBe(
      [
        `ok: end.js:1:…${'é'.repeat(297)}foo [403 characters]`,
        ...[1, 2, 3].map((number) => `min.js:${number}:${at}`),
        'z.js:1:foo',
        '[2 more matches: narrow the pattern, path or glob]',
      ].join('\n'),
    );
  });

  test('bears binary files, other encodings, huge files and FIFOs', async () => {
    using context = makeContext();
    put(context, {
      'a.bin': 'foo\0bar\n',
      'latin.txt': Buffer.from([0x66, 0x6f, 0x6f, 0xe4, 0x0a]),
      'sparse.txt': '',
      'big.txt': `${'y'.repeat(11_000_000)}\nfoo\n`,
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

  test.each([
    [{ path: 'src/' }],
    [{ path: './src' }],
    [{ path: '/src' }],
    [{ path: 'src/*.ts' }],
    [{ path: './src/**/*.ts' }],
    [{ path: 'src/a.ts src/b.ts' }],
    [{ path: 'src/a.ts, src/b.ts' }],
    [{ glob: 'src' }],
    [{ glob: 'src/' }],
    [{ glob: './src/*.ts' }],
    [{ glob: '/src/*.ts' }],
    [{ glob: 'src/**' }],
    [{ glob: 'src/**/*.ts' }],
    [{ glob: 'src/a.ts,src/b.ts' }],
    [{ glob: 'src/*.{ts,tsx}' }],
    [{ glob: '!lib' }],
    [{ glob: '!lib/' }],
    [{ path: 'src', glob: '*.ts' }],
    [{ path: 'src', glob: 'src/*.ts' }],
    [{ path: 'src', glob: './*.ts' }],
    [{ path: '.', glob: 'src/*.ts' }],
    [{ path: 'src\\*.ts' }],
    [{ path: '"src"' }],
    [{ glob: "'src/*.ts'" }],
    [{ path: 'src/a* src/b*' }],
    [{ glob: 'src/a*|src/b*' }],
    [{ glob: '-g src/*.ts' }],
    [{ path: 'src/*' }],
    [{ path: 'src', glob: '*' }],
  ])('%j means what a person means by it', async (where) => {
    using context = makeContext();
    put(context, { 'src/a.ts': 'foo\n', 'src/b.ts': 'foo\n', 'lib/c.ts': 'foo\n' });
    const text = 'ok: src/a.ts:1:foo\nsrc/b.ts:1:foo';
    expect(await search(context, { pattern: 'foo', ...where })).toBe(text);
  });

  test('takes absolute paths and globs, and globs that start at the path', async () => {
    using context = makeContext();
    put(context, { 'src/in/a.ts': 'foo\n', 'in/b.ts': 'foo\n' });
    for (const where of [
      { glob: `${context.cwd}/src/in/*.ts` },
      { path: `${context.cwd}/src/`, glob: '*.ts' },
      { path: `${context.cwd}/src/**/*.ts` },
      { path: 'src', glob: 'in/*.ts' },
      { path: 'src', glob: 'in' },
    ]) {
      expect(await search(context, { pattern: 'foo', ...where })).toBe('ok: src/in/a.ts:1:foo');
    }
  });

  test('a glob for everything brings back nothing that is ignored', async () => {
    using context = makeContext();
    execFileSync('git', ['init', '-q', context.cwd]);
    put(context, { '.gitignore': 'dist\n', 'src/dist/a.js': 'foo\n', 'src/a.js': 'foo\n' });
    for (const where of [{ glob: '*' }, { path: '**/*' }, { path: 'src/**' }, { path: 'src', glob: '**' }]) {
      expect(await search(context, { pattern: 'foo', ...where })).toBe('ok: src/a.js:1:foo');
    }
  });

  test('a glob may begin behind a link, in a folder with brackets, and name a type of files', async () => {
    using context = makeContext();
    put(context, { 'src/a.ts': 'foo\n', '[id]/page.tsx': 'foo\n' });
    symlinkSync('src', path.join(context.cwd, 'link'));
    expect(await search(context, { pattern: 'foo', path: 'link/*.ts' })).toBe('ok: link/a.ts:1:foo');
    expect(await search(context, { pattern: 'foo', glob: '[id]/*.tsx' })).toBe('ok: [id]/page.tsx:1:foo');
    expect(await search(context, { pattern: 'foo', glob: '.ts' })).toBe('ok: src/a.ts:1:foo');
  });

  test('finds other capitals and Latin-1 where it finds nothing else, and says so', async () => {
    using context = makeContext();
    put(context, { 'a.ts': 'const Foo = 1;\n', 'b.txt': Buffer.from('caf\xe9\n', 'latin1') });
    expect(await search(context, { pattern: 'FOO' })).toBe(
      'ok: No matches found. With other capitals:\na.ts:1:const Foo = 1;',
    );
    expect(await search(context, { pattern: 'FOO', path: 'a.ts' })).toBe(
      'ok: No matches found. With other capitals:\na.ts:1:const Foo = 1;',
    );
    expect(await search(context, { pattern: 'caf\u00e9' })).toBe(
      'ok: No matches found in UTF-8. Read as Windows-1252:\nb.txt:1:caf\u00e9',
    );
  });

  test('says what it has left out where it finds nothing', async () => {
    using context = makeContext();
    execFileSync('git', ['init', '-q', context.cwd]);
    put(context, { '.gitignore': 'dist/*\n', 'dist/a.js': 'foo\n', 'src/a.js': 'bar\n' });
    const head = "No matches found in the project's files. In files that are ignored or larger than 10 MB:";
    expect(await search(context, { pattern: 'foo' })).toBe(`ok: ${head}\ndist/a.js:1:foo`);
    expect(await search(context, { pattern: 'foo', path: 'dist' })).toBe(`ok: ${head}\ndist/a.js:1:foo`);
    expect(await search(context, { pattern: 'nowhere', path: 'dist' })).toBe(
      "ok: No matches found: all files here are ignored by the project's rules",
    );
    expect(await search(context, { pattern: 'foo', glob: '*.ts' })).toBe(
      'ok: No matches found: no file matches *.ts',
    );
    put(context, { 'data.sql': `${'y\n'.repeat(6_000_000)}only here\n` });
    expect(await search(context, { pattern: 'only here' })).toBe(`ok: ${head}\ndata.sql:6000001:only here`);
  });

  test('rules from above the workspace do not empty it', async () => {
    using context = makeContext();
    const inside = path.join(context.cwd, 'work');
    put(context, { 'work/a.ts': 'foo\n', 'work/b.log': 'foo\n', 'work/.gitignore': '*.log\n' });
    const here = { ...context, ctx: { ...context.ctx, cwd: inside } };
    // A home folder without a repository, and one that is a repository for its settings.
    put(context, { '.gitignore': '*\n', '.ignore': '*\n' });
    put(context, { 'work/deep/c.ts': 'bar\n', 'work/deep/d.log': 'bar\n' });
    expect(await search(here, { pattern: 'bar', path: 'deep' })).toBe('ok: deep/c.ts:1:bar');
    expect(await search(here, { pattern: 'foo' })).toBe('ok: a.ts:1:foo');
    execFileSync('git', ['init', '-q', context.cwd]);
    expect(await search(here, { pattern: 'foo' })).toBe('ok: a.ts:1:foo');
  });

  test('rules of the repository hold in a folder of it', async () => {
    using context = makeContext();
    execFileSync('git', ['init', '-q', context.cwd]);
    put(context, { '.gitignore': 'out\n', 'app/a.ts': 'foo\n', 'app/out/b.ts': 'foo\n' });
    expect(await search(context, { pattern: 'foo', path: 'app' })).toBe('ok: app/a.ts:1:foo');
    const inApp = { ...context, ctx: { ...context.ctx, cwd: path.join(context.cwd, 'app') } };
    expect(await search(inApp, { pattern: 'foo' })).toBe('ok: a.ts:1:foo');
  });

  test('stops when it is interrupted', async () => {
    using context = makeContext();
    const slow = path.join(programFolder(), 'slow-rg');
    writeFileSync(slow, '#!/bin/sh\ntouch started\nsleep 60\n');
    chmodSync(slow, 0o755);
    const tool = createRipgrepTool({ env: () => ({ ...process.env, OAGENT_RG: slow }) });
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
    const tool = createRipgrepTool({ env: () => ({ OAGENT_RG: '/no/rg' }) });
    expect(await tool.run({ pattern: 'foo' }, context.ctx)).toEqual({
      ok: false,
      text: "ripgrep could not be started (Error: ENOENT: no such file or directory, access '/no/rg'): set OAGENT_RG to an rg, or use shell with grep",
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
