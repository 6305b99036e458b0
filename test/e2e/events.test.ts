/** `exec --events`: the lines of `--json` in a file, and the text where people read it. */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { addFile, BYPASS, bench } from '../support/exec.ts';

const SCRIPT: readonly Turn[] = [
  { toolCalls: [{ name: 'apply_patch', arguments: { input: addFile('a', 'x') } }] },
  { content: 'Done.' },
];

/** Without what differs from run to run. */
const shape = (line: unknown): unknown =>
  JSON.parse(
    JSON.stringify(line)
      .replace(/"thread_id":"[^"]*"/, '"thread_id":""')
      .replace(/"path":"[^"]*"/g, '"path":""'),
  );

test('the file has the lines of --json, and the terminal the text', async () => {
  const plain = await bench([...SCRIPT]);
  const { lines } = await plain.json([BYPASS, 'Add the file a']);
  const { run, cwd } = await bench([...SCRIPT]);
  writeFileSync(path.join(cwd, 'events.jsonl'), 'old\n');
  const { code, stdout, stderr } = await run(['exec', BYPASS, '--events', 'events.jsonl', 'Add the file a']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Done.\n' });
  expect(stderr).toContain('1 file changed (+1 -0)');
  const written = readFileSync(path.join(cwd, 'events.jsonl'), 'utf8').trimEnd().split('\n');
  expect(written.map((line) => shape(JSON.parse(line)))).toEqual(lines.map(shape));
});

test('an error before the session is in it too', async () => {
  const { run, cwd } = await bench([]);
  const { code, stderr } = await run(['exec', '--events', 'e', '-m', 'nothing-like-it', 'Hi']);
  expect(code).toBe(1);
  const [line = ''] = readFileSync(path.join(cwd, 'e'), 'utf8').split('\n');
  expect(JSON.parse(line)).toMatchObject({ type: 'error' });
  expect(stderr).toContain((JSON.parse(line) as { message: string }).message.split('\n')[0]);
});

test('a file that cannot be written is an error before any request', async () => {
  const { run, cwd, asked } = await bench([]);
  symlinkSync('/etc/passwd', path.join(cwd, 'link'));
  for (const [file, reason] of [
    ['no/such/file', 'its folder does not exist'],
    ['.git', 'it is a folder'],
    ['link', 'a link in a folder where commands can write leads to /etc/passwd'],
  ] as const) {
    const { code, stderr } = await run(['exec', '--events', file, 'Hi']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(`--events ${file}: ${reason}`),
    });
  }
  expect(asked()).toEqual([]);
});
