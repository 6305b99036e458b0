import { appendFileSync, existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appendPrompt, readPrompts } from '../../../src/cli/interactive/prompt-history.ts';
import { runSource } from '../../support/run-source.ts';
import { tempFolder } from '../../support/temp-folder.ts';

async function folder(): Promise<{ home: string; file: string }> {
  const home = path.join(await tempFolder(), '.oagent');
  return { home, file: path.join(home, 'history.jsonl') };
}

const line = (text: string, ts = 't'): string => `${JSON.stringify({ ts, text })}\n`;

test('prompts come back oldest first, and the file is the user’s alone', async () => {
  const { home, file } = await folder();
  expect(await readPrompts(home, 10)).toEqual([]);
  const now = new Date('2026-03-01T00:00:00Z');
  for (const text of ['one', 'two\nlines "ü" \u2028', '  ', '', 'two\nlines "ü" \u2028', 'three']) {
    await appendPrompt(home, text, { now });
  }
  expect([await readPrompts(home, 10), await readPrompts(home, 2), await readPrompts(home, 0)]).toEqual([
    ['one', 'two\nlines "ü" \u2028', 'three'],
    ['two\nlines "ü" \u2028', 'three'],
    [],
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8').split('\n')[0]).toBe('{"ts":"2026-03-01T00:00:00.000Z","text":"one"}');
});

test('a torn line costs itself alone', async () => {
  const { home, file } = await folder();
  await appendPrompt(home, 'one');
  appendFileSync(file, '{"ts":"x","text":"to');
  await appendPrompt(home, 'two');
  appendFileSync(file, 'null\n[]\n{"text":7}\nnonsense\n');
  await appendPrompt(home, 'three');
  expect(await readPrompts(home, 10)).toEqual(['one', 'two', 'three']);
});

test('any bytes in the file are read without harm', async () => {
  const { home, file } = await folder();
  await appendPrompt(home, 'x');
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.string({ minLength: 1 }), async (bytes, text) => {
      writeFileSync(file, bytes);
      await appendPrompt(home, text);
      const expected = text.trim() === '' ? undefined : JSON.parse(JSON.stringify(text));
      if (expected !== undefined) expect((await readPrompts(home, 1)).at(-1)).toBe(expected);
    }),
    { numRuns: 50 },
  );
});

test('a prompt that is very large is not remembered', async () => {
  const { home } = await folder();
  await appendPrompt(home, 'x'.repeat(200_000));
  await appendPrompt(home, 'small');
  expect(await readPrompts(home, 10)).toEqual(['small']);
});

test('the file is cut to its newest part when it has grown too large', async () => {
  const { home, file } = await folder();
  await appendPrompt(home, 'first');
  const filler = Array.from({ length: 4_200 }, (_, index) => line(`${index} ${'x'.repeat(1_000)}`)).join('');
  appendFileSync(file, filler);
  await appendPrompt(home, 'last');
  const prompts = await readPrompts(home, 10_000);
  expect([statSync(file).size <= 1024 * 1024, statSync(file).mode & 0o777, prompts.at(-1)]).toEqual([
    true,
    0o600,
    'last',
  ]);
  expect([prompts[0]?.slice(0, 5), existsSync(`${file}.lock`)]).toEqual([
    expect.stringMatching(/^\d{4} $/),
    false,
  ]);
});

test('a size that was configured is kept: the oldest prompts go', async () => {
  const { home, file } = await folder();
  const text = (index: number): string => `${index} ${'x'.repeat(100)}`;
  for (let index = 10; index < 60; index += 1) {
    await appendPrompt(home, text(index), { sizeLimit: 1_000 });
    expect(statSync(file).size).toBeLessThanOrEqual(1_000);
  }
  const prompts = await readPrompts(home, 100);
  expect(prompts).toEqual(prompts.map((_, index) => text(60 - prompts.length + index)));
  expect(prompts.length).toBeGreaterThan(4);
});

test('a lock that a dead process has left does not hold for ever; a fresh one is respected', async () => {
  const { home, file } = await folder();
  await appendPrompt(home, 'first');
  writeFileSync(`${file}.lock`, '');
  appendFileSync(file, line('x'.repeat(5 * 1024 * 1024)));
  await appendPrompt(home, 'a');
  expect(statSync(file).size).toBeGreaterThan(4 * 1024 * 1024);
  utimesSync(`${file}.lock`, 1, 1);
  await appendPrompt(home, 'b');
  expect(await readPrompts(home, 10)).toEqual(['a', 'b']);
  expect(statSync(file).size).toBeLessThan(1_000);
});

test('several processes at once lose nothing, also while the file is cut', async () => {
  const { home, file } = await folder();
  await appendPrompt(home, 'first');
  const old = Array.from({ length: 4_190 }, (_, index) => line(`${index} ${'x'.repeat(980)}`)).join('');
  appendFileSync(file, old);
  const module = path.resolve('src/cli/interactive/prompt-history.ts');
  const script = `import { appendPrompt } from ${JSON.stringify(module)};
    for (let i = 0; i < 60; i += 1) await appendPrompt(${JSON.stringify(home)}, process.argv[1] + ' ' + i + ' ' + 'y'.repeat(400));`;
  const names = ['a', 'b', 'c', 'd'];
  const ended = await Promise.all(names.map((name) => runSource(script, [name])));
  expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
  const mine = (await readPrompts(home, 10_000)).filter((text) => text.endsWith('y'));
  const expected = names.flatMap((name) =>
    Array.from({ length: 60 }, (_, i) => `${name} ${i} ${'y'.repeat(400)}`),
  );
  expect(mine.toSorted()).toEqual(expected.toSorted());
  expect(statSync(file).size).toBeLessThan(4 * 1024 * 1024);
});
