import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/protocol.ts';
import { createReadFileTool } from '../../src/tools/read-file.ts';
import { itemEvents, makeContext, type TestContext } from './tool-context.ts';

const MIB = 2 ** 20;

async function read(context: TestContext, args: JsonObject): Promise<string> {
  const { ok, text } = await createReadFileTool().run(args, context.ctx);
  return `${ok ? 'ok' : 'failed'}: ${text}`;
}

/** Writes `content` to the file `f` and reads it. */
async function readContent(
  content: string | Buffer,
  args: JsonObject = {},
  outputLimit = 10_000,
): Promise<string> {
  using context = makeContext({ outputLimit });
  writeFileSync(path.join(context.cwd, 'f'), content);
  return await read(context, { path: 'f', ...args });
}

describe('read_file', () => {
  test('numbers the lines and shows a tool call', async () => {
    using context = makeContext();
    writeFileSync(path.join(context.cwd, 'f'), 'one\n  two\n\n\tfour\n');
    const args = { path: 'f' };
    const text = '1\tone\n2\t  two\n3\t\n4\t\tfour';
    const tool = createReadFileTool();
    expect(await tool.run(args, context.ctx)).toEqual({ ok: true, text, bounded: true });
    const item = { type: 'tool_call', id: 'item_0', tool: 'read_file', arguments: args };
    expect(itemEvents(context.events)).toEqual([
      { type: 'item_started', item: { ...item, output: '', status: 'in_progress' } },
      { type: 'item_completed', item: { ...item, output: text, status: 'completed' } },
    ]);
    expect(tool.isReadOnly(args)).toBe(true);
  });

  test('takes relative and absolute paths', async () => {
    using context = makeContext();
    mkdirSync(path.join(context.cwd, 'a'));
    writeFileSync(path.join(context.cwd, 'a', 'f'), 'x');
    expect(await read(context, { path: './a/f' })).toBe('ok: 1\tx');
    expect(await read(context, { path: path.join(context.cwd, 'a/f') })).toBe('ok: 1\tx');
  });

  test('finds the one name that looks the same, and says so', async () => {
    using context = makeContext();
    writeFileSync(path.join(context.cwd, 'cafe\u0301.md'), 'x\n');
    for (const name of ['a\u00a0b', 'a\u202fb']) writeFileSync(path.join(context.cwd, name), 'y\n');
    expect(await read(context, { path: 'caf\u00e9.md' })).toBe(
      'ok: 1\tx\n[caf\u00e9.md was taken for cafe\\u0301.md, the one name that looks the same.]',
    );
    expect(await read(context, { path: 'a b' })).toContain('failed: path not found: a b. Did you mean ');
  });

  test.each<[string, string, JsonObject, string]>([
    ['from the middle', 'a\nb\nc\n', { offset: 2 }, 'ok: 2\tb\n3\tc'],
    ['some lines', 'a\nb\nc', { offset: 2, limit: 1 }, 'ok: 2\tb\n[lines 2-2 of 3; next offset=3]'],
    ['up to the last line', 'a\nb\nc', { limit: 3 }, 'ok: 1\ta\n2\tb\n3\tc'],
    ['0 as the default', 'a\n', { offset: 0, limit: 0 }, 'ok: 1\ta'],
    ['behind the end', 'a\nb\n', { offset: 3 }, 'failed: offset exceeds file length (2 lines)'],
    ['an empty file', '', {}, 'ok: [empty file]'],
    ['an empty file with an offset', '', { offset: 9 }, 'ok: [empty file]'],
    ['a single newline', '\n', {}, 'ok: 1\t'],
    ['Windows line ends', 'a\r\nb\r\n\r\nc\rd', {}, 'ok: 1\ta\n2\tb\n3\t\n4\tc\rd'],
    ['a line of 500 characters', '漢'.repeat(500), {}, `ok: 1\t${'漢'.repeat(500)}`],
    ['a longer line', `${'🙂'.repeat(507)}\nx`, {}, `ok: 1\t${'🙂'.repeat(500)}…7 chars cut…\n2\tx`],
    [
      'a much longer line',
      `${'é'.repeat(70_000)}\r\nx`,
      {},
      `ok: 1\t${'é'.repeat(500)}…69501 chars cut…\n2\tx`,
    ],
  ])('reads %s', async (_name, content, args, expected) => {
    expect(await readContent(content, args)).toBe(expected);
  });

  test('reads 400 lines unless told otherwise', async () => {
    const lines = Array.from({ length: 1_000 }, (_, i) => `${i + 1}`);
    const text = await readContent(lines.join('\n'));
    expect(text).toBe(
      `ok: ${lines
        .slice(0, 400)
        .map((n) => `${n}\t${n}`)
        .join('\n')}\n[lines 1-400 of 1000; next offset=401]`,
    );
  });

  test('stops at whole lines within the output limit, and its notes lead through the whole file', async () => {
    const content = Array.from({ length: 200 }, (_, i) => `line ${i} ${'x'.repeat(i)}`);
    using context = makeContext({ outputLimit: 1_000 });
    writeFileSync(path.join(context.cwd, 'f'), content.join('\n'));
    const seen: string[] = [];
    for (let offset = 1; ; ) {
      const text = (await read(context, { path: 'f', offset })).slice('ok: '.length);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000);
      const next = /\n\[lines \d+-\d+ of 200; next offset=(\d+)\]$/.exec(text);
      const lines = (next === null ? text : text.slice(0, next.index)).split('\n');
      seen.push(...lines.map((line) => line.replace(/^\d+\t/, '')));
      if (next === null) break;
      offset = Number(next[1]);
    }
    expect(seen).toEqual(content);
  });

  test('shows one line in any case', async () => {
    expect(await readContent('first\nsecond', {}, 10)).toBe('ok: 1\tfirst\n[lines 1-1 of 2; next offset=2]');
  });

  test.each<[string, Buffer, string]>([
    [
      'Latin-1',
      Buffer.from('Stra\xdfe und Gr\xfc\xdfe\nx\n', 'latin1'),
      '1\tStraße und Grüße\n2\tx\n[the file is not UTF-8: read as Windows-1252 (Latin-1), which may be wrong]',
    ],
    ['UTF-8 with a byte order mark', Buffer.from('\ufeffa\nb\n'), '1\ta\n2\tb'],
    ['UTF-16LE', Buffer.from('\ufeffgrün\r\nb\r\n', 'utf16le'), '1\tgrün\n2\tb\n[the file is UTF-16LE]'],
    ['UTF-16BE', Buffer.from('only ascii\n', 'utf16le').swap16(), '1\tonly ascii\n[the file is UTF-16BE]'],
  ])('reads %s', async (_name, content, expected) => {
    expect(await readContent(content)).toBe(`ok: ${expected}`);
  });

  test('replaces what is not UTF-8 in what is mostly text', async () => {
    // Behind the bytes that are looked at first, and not in these lines.
    const late = Buffer.concat([Buffer.from('a\n'.repeat(5_000)), Buffer.from([0xff])]);
    expect(await readContent(late, { limit: 1 })).toBe('ok: 1\ta\n[lines 1-1 of 5001; next offset=2]');
    expect(await readContent(late, { offset: 5_001 })).toBe(
      'ok: 5001\t\ufffd\n[not UTF-8: \ufffd stands for bytes that could not be decoded]',
    );
  });

  test.each<[string, Buffer, string]>([
    ['binary', Buffer.from('\x7fELF\0\0'), 'f is a binary file: look at it with xxd in the shell'],
    [
      'broken UTF-16',
      Buffer.from('\ufeffhello', 'utf16le').subarray(0, -1),
      'f is UTF-16: convert it to UTF-8 with iconv in the shell',
    ],
    [
      'KOI8-R',
      Buffer.from('f0d2c9d7c5d42c20cdc9d221'.repeat(20), 'hex'),
      'f is not UTF-8 text: if it is text, convert it to UTF-8 with iconv in the shell',
    ],
  ])('refuses %s', async (_name, content, expected) => {
    expect(await readContent(content)).toBe(`failed: ${expected}`);
  });

  test('a character on the border of the first 8 KiB is none that is broken', async () => {
    expect(await readContent(`${'x'.repeat(8_191)}é`, {})).toBe(`ok: 1\t${'x'.repeat(500)}…7692 chars cut…`);
  });

  test('refuses what is no regular file, without hanging', async () => {
    using context = makeContext();
    mkdirSync(path.join(context.cwd, 'dir'));
    execFileSync('mkfifo', [path.join(context.cwd, 'fifo')]);
    expect(await read(context, { path: 'dir' })).toBe(
      'failed: dir is a directory: list it with ls in the shell, or search it with ripgrep',
    );
    expect(await read(context, { path: 'fifo' })).toBe('failed: fifo is a FIFO, not a regular file');
    expect(await read(context, { path: '/dev/zero' })).toBe(
      'failed: /dev/zero is a device, not a regular file',
    );
    expect(await read(context, { path: '' })).toBe('failed: path is empty: give the file to read');
    expect(await read(context, { path: 'a\0b' })).toBe('failed: path contains a NUL byte');
    expect(await read(context, { path: 'x'.repeat(5_000) })).toMatch(/^failed: ENAMETOOLONG/);
  });

  test('a path below a file is a missing one', async () => {
    using context = makeContext();
    writeFileSync(path.join(context.cwd, 'f'), 'x');
    expect(await read(context, { path: 'f/x' })).toMatch(/^failed: .*f\/x/);
  });

  test('reads a notebook as its cells', async () => {
    using context = makeContext();
    const picture = { output_type: 'display_data', data: { 'image/png': 'QUJD'.repeat(50_000) } };
    const cells = [
      { cell_type: 'markdown', source: '# Title\nText' },
      { cell_type: 'code', source: ['x = 1\n', 'x'], outputs: [{ data: { 'text/plain': ['1'] } }, picture] },
      { cell_type: 'code', source: [], outputs: [{ text: 'line\n'.repeat(30) }] },
      {
        cell_type: 'code',
        source: 'f()',
        outputs: [{ ename: 'NameError', evalue: 'no f', traceback: [''] }],
      },
    ];
    writeFileSync(path.join(context.cwd, 'a.ipynb'), JSON.stringify({ cells, nbformat: 4 }));
    const text = [
      ...['# %% [0 markdown]', '# Title', 'Text', '', '# %% [1 code]', 'x = 1', 'x', '# output:', '1'],
      ...['# output:', '[image/png]', '', '# %% [2 code]', '', '# output:', ...Array(20).fill('line')],
      ...['[10 more lines]', '', '# %% [3 code]', 'f()', '# output:', 'NameError: no f'],
    ];
    const numbered = text.map((line, at) => `${at + 1}\t${line}`);
    const note = '[the cells of a notebook; the file itself is JSON]';
    expect(await read(context, { path: 'a.ipynb' })).toBe(`ok: ${[...numbered, note].join('\n')}`);
    expect(await read(context, { path: 'a.ipynb', offset: 5, limit: 2 })).toBe(
      `ok: ${numbered.slice(4, 6).join('\n')}\n${note}\n[lines 5-6 of 41; next offset=7]`,
    );
    writeFileSync(path.join(context.cwd, 'b.ipynb'), '{"cells": 1}');
    expect(await read(context, { path: 'b.ipynb' })).toBe('ok: 1\t{"cells": 1}');
  });

  test('names what is near a missing path', async () => {
    using context = makeContext();
    mkdirSync(path.join(context.cwd, 'src', 'tools'), { recursive: true });
    for (const name of ['index.ts', 'indes.ts', 'other.md', 'tools/shell.ts']) {
      writeFileSync(path.join(context.cwd, 'src', name), '');
    }
    expect(await read(context, { path: 'src/index.js' })).toBe(
      'failed: path not found: src/index.js. Did you mean src/index.ts or src/indes.ts?',
    );
    expect(await read(context, { path: 'src/tool/shell.ts' })).toBe(
      'failed: path not found: src/tool/shell.ts. Did you mean src/tools/shell.ts?',
    );
    expect(await read(context, { path: 'lib/other.md' })).toBe(
      'failed: path not found: lib/other.md. Did you mean src/other.md?',
    );
    expect(await read(context, { path: 'shell.ts' })).toBe(
      'failed: path not found: shell.ts. Did you mean src/tools/shell.ts?',
    );
    expect(await read(context, { path: 'quite/else' })).toBe('failed: path not found: quite/else');
    expect(await read(context, { path: 'src/other.md/x' })).toBe('failed: path not found: src/other.md/x');
  });

  test('a gigabyte costs bounded memory', async () => {
    using context = makeContext();
    const sparse = path.join(context.cwd, 'sparse');
    writeFileSync(sparse, '');
    truncateSync(sparse, 2 ** 30);
    expect(await read(context, { path: 'sparse' })).toBe(
      'failed: sparse is a binary file: look at it with xxd in the shell',
    );
    // Text in front, then a line of a gigabyte.
    const file = openSync(sparse, 'r+');
    writeSync(file, 'text\n'.repeat(2_000));
    closeSync(file);
    const used = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    const before = used();
    expect(await read(context, { path: 'sparse', limit: 1 })).toBe(
      'ok: 1\ttext\n[lines 1-1 of over 2000; next offset=2]',
    );
    expect(used() - before).toBeLessThan(50 * MIB);
    expect(await read(context, { path: 'sparse', offset: 2_000, limit: 1 })).toBe(
      'ok: 2000\ttext\n[lines 2000-2000 of over 2000; next offset=2001]',
    );
  });

  test('stops when it is interrupted', async () => {
    using context = makeContext();
    writeFileSync(path.join(context.cwd, 'f'), 'x');
    context.controller.abort();
    expect(await read(context, { path: 'f' })).toBe('failed: aborted by user');
  });

  test('gives back any text, line for line', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', '🙂', ' ', '\t', '\n', '\r\n'),
      maxLength: 300,
    });
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        const lines = content.split('\n').map((line) => line.replace(/\r$/, ''));
        if (lines.at(-1) === '') lines.pop();
        const expected =
          lines.length === 0 ? '[empty file]' : lines.map((line, i) => `${i + 1}\t${line}`).join('\n');
        expect(await readContent(content)).toBe(`ok: ${expected}`);
      }),
      { numRuns: 100 },
    );
  });
});
