import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BINARY_MARK, BinaryFilter } from '../../src/context/binary-output.ts';
import { OutputCapture } from '../../src/context/output-capture.ts';
import { TerminalText } from '../../src/context/terminal-text.ts';
import { truncateText } from '../../src/context/truncate.ts';

const MIB = 2 ** 20;
let folder: string;
let count = 0;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'oagent-capture-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function newFile(): string {
  count += 1;
  return path.join(folder, `out-${count}.txt`);
}

async function capture(
  chunks: readonly Buffer[],
  limitBytes: number,
  spillLimitBytes?: number,
  displayLimitBytes?: number,
) {
  const file = newFile();
  const output = new OutputCapture({
    limitBytes,
    spillPath: () => file,
    spillLimitBytes,
    displayLimitBytes,
  });
  for (const chunk of chunks) await output.write(chunk);
  const { path: kept, ...result } = await output.finish();
  expect(kept).toBe(existsSync(file) ? file : undefined);
  return { file, result };
}

/** The text that is cut, made at once. */
function seenText(bytes: Buffer): string {
  let text = '';
  const filter = new BinaryFilter((some) => {
    text += some;
  });
  const terminal = new TerminalText((row) => filter.add(row));
  terminal.write(bytes.toString());
  terminal.end();
  filter.end();
  return text;
}

describe('OutputCapture', () => {
  test('keeps a short output whole and writes no file', async () => {
    const { file, result } = await capture([Buffer.from('one\ntw'), Buffer.from('o\n')], 100);
    expect(result).toEqual({
      modelText: 'one\ntwo\n',
      truncated: false,
      totalLines: 2,
      displayText: 'one\ntwo\n',
      notes: [],
    });
    expect(existsSync(file)).toBe(false);
  });

  test('knows no output', async () => {
    const { result } = await capture([], 100);
    expect(result).toEqual({ modelText: '', truncated: false, totalLines: 0, displayText: '', notes: [] });
  });

  test('cuts for the model, shows all, and saves all for the user alone', async () => {
    const { file, result } = await capture([Buffer.from('abcdefgh\n'), Buffer.from('ijklmnop')], 8);
    expect(result).toEqual({
      modelText: `abcd…9 chars truncated…[full output: ${file}]mnop`,
      truncated: true,
      totalLines: 2,
      displayText: 'abcdefgh\nijklmnop',
      notes: [],
    });
    expect(readFileSync(file, 'utf8')).toBe('abcdefgh\nijklmnop');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('cuts any bytes in any pieces exactly as if they had come at once', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .string({ unit: fc.constantFrom('a', '\n', 'é', '漢', '🙂'), maxLength: 30 })
        .map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(bytes, { maxLength: 6 }),
        fc.nat(60),
        fc.nat(60),
        fc.nat(20),
        async (parts, limit, displayLimit, size) => {
          const all = Buffer.concat(parts);
          const chunks: Buffer[] = [];
          for (let at = 0; at < all.length; at += size + 1) chunks.push(all.subarray(at, at + size + 1));
          const { file, result } = await capture(chunks, limit, undefined, displayLimit);
          const text = seenText(all);
          const cut = truncateText(text, { limitBytes: limit, fullOutputPath: file });
          const marked = (some: string) =>
            some.replace(BINARY_MARK, `[binary output, ${all.length} bytes in all: ${file}]`);
          expect(result).toEqual({
            modelText: marked(cut.text),
            truncated: cut.truncated,
            totalLines: text.split('\n').length - (text === '' || text.endsWith('\n') ? 1 : 0),
            displayText: marked(truncateText(text, { limitBytes: displayLimit }).text),
            notes: [],
          });
          expect(existsSync(file) ? readFileSync(file) : all).toEqual(all);
          expect(existsSync(file)).toBe(cut.truncated || text.includes(BINARY_MARK));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('saves an output that only the sign for half a character makes too long', async () => {
    const { file, result } = await capture([Buffer.from('abc'), Buffer.from([0xc3])], 4);
    expect(result).toEqual({
      modelText: `ab…2 chars truncated…[full output: ${file}]`,
      truncated: true,
      totalLines: 1,
      displayText: 'abc\ufffd',
      notes: [],
    });
    expect(readFileSync(file)).toEqual(Buffer.from([0x61, 0x62, 0x63, 0xc3]));
  });

  test('shows head and tail of what is longer than the screen takes', async () => {
    const all = Buffer.from(Array.from({ length: 300_000 }, (_, line) => `line ${line}\n`).join(''));
    const chunks: Buffer[] = [];
    for (let at = 0; at < all.length; at += 65_537) chunks.push(all.subarray(at, at + 65_537));
    const { file, result } = await capture(chunks, 1_000);
    const text = all.toString();
    expect(result).toEqual({
      modelText: truncateText(text, { limitBytes: 1_000, fullOutputPath: file }).text,
      truncated: true,
      totalLines: 300_000,
      displayText: truncateText(text, { limitBytes: MIB - 64 }).text,
      notes: [],
    });
    expect(Buffer.byteLength(result.displayText)).toBeLessThanOrEqual(MIB);
    expect(readFileSync(file).equals(all)).toBe(true);
  });

  test('stops the file at its cap and says so', async () => {
    const { file, result } = await capture(
      [Buffer.from('aaaaa'), Buffer.from('bbbbb'), Buffer.from('ccccc')],
      4,
      7,
    );
    expect(result).toEqual({
      modelText: `aa…11 chars truncated…[full output: ${file}]cc`,
      truncated: true,
      totalLines: 1,
      displayText: 'aaaaabbbbbccccc',
      notes: ["The full output's file holds the first 7 of 15 bytes."],
    });
    expect(readFileSync(file, 'utf8')).toBe('aaaaabb');
  });

  test('goes on without a file that cannot be made, and never overwrites one', async () => {
    const output = new OutputCapture({ limitBytes: 2, spillPath: () => '/dev/full' });
    await output.write(Buffer.from('abcdef'));
    await output.write(Buffer.from('gh'));
    expect(await output.finish()).toEqual({
      modelText: 'a…6 chars truncated…h',
      truncated: true,
      totalLines: 1,
      displayText: 'abcdefgh',
      notes: ["The full output could not be saved: EEXIST: file already exists, open '/dev/full'"],
    });
  });

  test('a capture that goes on after another gets the rest of a character, and shows no more than it may', async () => {
    const options = { limitBytes: 4, displayLimitBytes: 6, spillLimitBytes: 5 };
    const [first, second] = [newFile(), newFile()];
    const one = new OutputCapture({ ...options, spillPath: () => first });
    await one.write(Buffer.from([0x61, 0xc3]));
    const two = new OutputCapture({ ...options, spillPath: () => second });
    await two.write(one.takeUnfinished());
    expect(two.isFull).toBe(false);
    await two.write(Buffer.from([0xa4, ...Buffer.from('bcdefgh')]));
    expect([one.spilledBytes, two.spilledBytes, two.isFull]).toEqual([0, 5, true]);
    expect((await one.finish()).modelText).toBe('a');
    expect(await two.finish()).toEqual({
      modelText: `ä…5 chars truncated…[full output: ${second}]gh`,
      path: second,
      truncated: true,
      totalLines: 1,
      displayText: 'äb…3 chars truncated…fgh',
      notes: ["The full output's file holds the first 5 of 9 bytes."],
    });
  });

  test('any bytes, cut into captures anywhere, read as the whole does', async () => {
    const byte = fc.constantFrom(0x61, 0xc3, 0xa4, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xff, 0x0a);
    const piece = fc.array(byte, { maxLength: 8 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
        const capture = () => new OutputCapture({ limitBytes: 1_000, spillPath: newFile });
        let [text, current] = ['', capture()];
        for (const bytes of pieces) {
          await current.write(bytes);
          const next = capture();
          await next.write(current.takeUnfinished());
          text += (await current.finish()).modelText;
          current = next;
        }
        text += (await current.finish()).modelText;
        expect(text).toBe(Buffer.concat(pieces).toString());
      }),
    );
  });

  test('10,000 bytes of progress are its last state, and need no file', async () => {
    const states = Array.from(
      { length: 100_000 },
      (_, done) => `\r[${'#'.repeat(done % 60).padEnd(60)}] ${done}`,
    ).join('');
    const { file, result } = await capture([Buffer.from(`${states}\ndone\n`)], 10_000);
    expect(result).toMatchObject({ truncated: false, totalLines: 2, notes: [] });
    expect(result.modelText).toMatch(/^\[#+ *\] 99999\ndone\n$/);
    expect(existsSync(file)).toBe(false);
  });

  test('binary output is one line with the file, between the text before and after it', async () => {
    const noise = Buffer.concat(
      Array.from({ length: 40 }, (_, at) => createHash('sha512').update(`${at}`).digest()),
    );
    const all = Buffer.concat([Buffer.from('before\n'), noise, Buffer.from('\nafter\n')]);
    const { file, result } = await capture([all.subarray(0, 99), all.subarray(99)], 10_000);
    const text = `before\n[binary output, ${all.length} bytes in all: ${file}]\nafter\n`;
    expect(result).toEqual({
      modelText: text,
      truncated: false,
      totalLines: 3,
      displayText: text,
      notes: [],
    });
    expect(readFileSync(file)).toEqual(all);
  });

  test.each([
    ['a program', readFileSync(process.execPath).subarray(0, 50_000)],
    ['nothing but NULs', Buffer.alloc(10_000)],
    ['UTF-16', Buffer.from('Text of another system\r\n'.repeat(300), 'utf16le')],
  ])('%s is one line', async (_, all) => {
    const { file, result } = await capture([all], 10_000);
    expect(result.modelText).toBe(`[binary output, ${all.length} bytes in all: ${file}]\n`);
  });

  test('text in another encoding is no binary output', async () => {
    const { result } = await capture(
      [Buffer.from('gr\xf6\xdfer als \xe4\xf6\xfc\n'.repeat(3), 'latin1')],
      1_000,
    );
    expect(result.modelText).toBe('gr\ufffd\ufffder als \ufffd\ufffd\ufffd\n'.repeat(3));
  });

  test('a binary output whose file cannot be written is still one line', async () => {
    const output = new OutputCapture({ limitBytes: 100, spillPath: () => '/dev/full' });
    await output.write(Buffer.alloc(5_000));
    expect(await output.finish()).toMatchObject({
      modelText: '[binary output, 5000 bytes in all]\n',
      notes: ["The full output could not be saved: EEXIST: file already exists, open '/dev/full'"],
    });
  });

  test('a write error in the middle is a note, and the half file goes away', async () => {
    const file = newFile();
    const module = path.resolve('src/context/output-capture.ts');
    const script = `
      import { OutputCapture } from ${JSON.stringify(module)};
      const output = new OutputCapture({ limitBytes: 4, spillPath: () => ${JSON.stringify(file)} });
      for (let i = 0; i < 40; i += 1) await output.write(Buffer.alloc(10_000, 'x'));
      const { modelText, notes } = await output.finish();
      console.log(JSON.stringify({ modelText, notes }));`;
    // A file size limit of 100 KiB fails like a full disk: after some writes, with an error from write(2).
    const { stdout } = await promisify(execFile)('/bin/bash', [
      '-c',
      'ulimit -f 100; exec "$0" --no-warnings --input-type=module -e "$1"',
      process.execPath,
      script,
    ]);
    expect(JSON.parse(stdout)).toEqual({
      modelText: 'xx…399996 chars truncated…xx',
      notes: ['The full output could not be saved: EFBIG: file too large, write'],
    });
    expect(existsSync(file)).toBe(false);
  });

  test('hundreds of megabytes cost a few megabytes of memory', async () => {
    const file = newFile();
    const output = new OutputCapture({
      limitBytes: 10_000,
      spillPath: () => file,
      spillLimitBytes: 64 * MIB,
    });
    const child = spawn('/bin/bash', ['-c', 'yes 0123456789abcdef | head -c 200000000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const used = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    const before = used();
    let peak = 0;
    for await (const chunk of child.stdout) {
      await output.write(chunk);
      peak = Math.max(peak, used() - before);
    }
    const result = await output.finish();
    expect({ ...result, displayText: result.displayText.length, modelText: result.modelText.length }).toEqual(
      {
        modelText: 10_000 + `…199990000 chars truncated…[full output: ${file}]`.length,
        path: file,
        truncated: true,
        totalLines: Math.ceil(200_000_000 / 17),
        displayText: MIB - 64 + '…198951488 chars truncated…'.length,
        notes: [`The full output's file holds the first ${64 * MIB} of 200000000 bytes.`],
      },
    );
    expect(statSync(file).size).toBe(64 * MIB);
    // What Node has read but not yet collected swings by some tens of megabytes.
    expect(peak).toBeLessThan(160 * MIB);
  });
});
