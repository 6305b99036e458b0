/** Files of sessions and homes that are not as they should be. */
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { rolloutFiles, rolloutPath } from '../../src/rollout/paths.ts';
import { uuidv7 } from '../../src/text/uuid.ts';
import { bench } from '../support/exec.ts';

const answers = (_request: unknown, index: number) => ({ content: `Answer ${index}.` });

test('a newest file that cannot be opened does not stop --last, and is named', async () => {
  const { home, json, run } = await bench(answers);
  await json(['Begin.']);
  const [good] = rolloutFiles(home);
  const bad = rolloutPath(home, uuidv7(), new Date());
  writeFileSync(bad, Buffer.alloc(5_000));
  const resumed = await json(['resume', '--last', 'Go on.']);
  const problem = `${bad} is not a session: its first line does not say so`;
  expect([resumed.code, resumed.lines[0], resumed.lines[1]]).toEqual([
    0,
    { type: 'thread.started', thread_id: good?.id },
    {
      type: 'item.completed',
      item: { id: 'item_0', type: 'error', message: `a newer session was left out: ${problem}` },
    },
  ]);
  const listed = await run(['sessions', 'list']);
  expect([listed.stdout.split('\n').length, listed.stderr]).toEqual([
    3,
    `Left out, because it cannot be opened: ${bad} (${problem})\n`,
  ]);
});

test('a last session of zeros, with the size and the times that it had, is passed over', async () => {
  const { home, json } = await bench(answers);
  await json(['Begin.']);
  await json(['Second.']);
  const [good, bad] = rolloutFiles(home).toSorted((a, b) => a.id.localeCompare(b.id));
  const { size, atime, mtime } = statSync(bad?.path ?? '');
  writeFileSync(bad?.path ?? '', Buffer.alloc(size));
  utimesSync(bad?.path ?? '', atime, mtime);
  const resumed = await json(['resume', '--last', 'Go on.']);
  expect([resumed.code, resumed.lines[0]]).toEqual([0, { type: 'thread.started', thread_id: good?.id }]);
});

test('a lock that cannot be read stops a session with its cure, at once', async () => {
  const { home, json, run } = await bench(answers);
  await json(['Begin.']);
  const [file] = rolloutFiles(home);
  mkdirSync(`${file?.path}.lock`);
  const problem = `${file?.path}.lock: it is not a regular file. If none has, delete it`;
  for (const args of [
    ['exec', 'resume', '--last', 'x'],
    ['sessions', 'delete', '--force', file?.id ?? ''],
  ])
    expect(await run(args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(problem) });
  expect((await run(['sessions', 'list'])).stdout).toContain('Begin.');
  expect(readdirSync(path.dirname(file?.path ?? ''))).toHaveLength(2);
});
