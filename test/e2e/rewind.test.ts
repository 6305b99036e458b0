/** Going back to before a message: files, talk, both; by the command line, after resuming and forking. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { type Bench, bench } from '../support/exec.ts';
import { keptAgent } from '../support/kept-agent.ts';
import { patchOf, readTree } from '../tools/apply-patch/support.ts';

const patched = (...lines: readonly string[]): Turn => ({
  toolCalls: [{ name: 'apply_patch', arguments: { input: patchOf(...lines) } }],
});

const WRITE = ['-s', 'workspace-write'];

/** Two turns: the first changes a and adds b; the second changes a again, deletes c and moves d. */
async function worked(more: readonly Turn[] = []): Promise<Bench & { readonly id: string }> {
  const place = await bench([
    patched('*** Update File: a', '@@', '-one', '+two', '*** Add File: deep/b', '+new'),
    { content: 'Done.' },
    patched(
      ...['*** Update File: a', '@@', '-two', '+three', '*** Delete File: c'],
      ...['*** Update File: d', '*** Move to: e', '@@', '-old', '+moved'],
    ),
    { content: 'Done again.' },
    ...more,
  ]);
  for (const [name, text] of [
    ['a', 'one\n'],
    ['c', 'c\n'],
    ['d', 'old\n'],
  ] as const)
    writeFileSync(path.join(place.cwd, name), text);
  chmodSync(path.join(place.cwd, 'c'), 0o750);
  await place.json([...WRITE, 'First.']);
  const id = rolloutFiles(place.home)[0]?.id ?? '';
  await place.json([...WRITE, 'resume', id, 'Second.']);
  return { ...place, id };
}

const files = ({ cwd }: Bench): { readonly [name: string]: string } =>
  Object.fromEntries(Object.entries(readTree(cwd)).filter(([name]) => !name.startsWith('.git')));

const BEFORE = { a: 'one\n', c: 'c\n', d: 'old\n' };
const BETWEEN = { a: 'two\n', c: 'c\n', d: 'old\n', 'deep/b': 'new\n' };
const AFTER = { a: 'three\n', 'deep/b': 'new\n', e: 'moved\n' };

const rewind = (place: Bench, ...args: readonly string[]) => place.run(['sessions', 'rewind', ...args]);

test('lists the messages, and puts files back to each of them; each rewind can be taken back', async () => {
  const place = await worked();
  const { id } = place;
  expect(files(place)).toEqual(AFTER);
  const { stdout: list } = await rewind(place, id);
  expect(list).toBe('  1  2 files +2 -1         First.\n  2  4 files +2 -3         Second.\n');
  expect((await rewind(place, id, '1', '--files', '--dry-run')).stdout).toContain(
    'Would put back 5 files:\n',
  );
  expect(files(place)).toEqual(AFTER);
  expect(await rewind(place, id, '2', '--files')).toMatchObject({
    code: 0,
    stderr: '',
    stdout: 'Put back 4 files:\n  M a\n  A c\n  A d\n  D e\n',
  });
  expect([files(place), statSync(path.join(place.cwd, 'c')).mode & 0o777]).toEqual([BETWEEN, 0o750]);
  await rewind(place, id, '--undo');
  expect(files(place)).toEqual(AFTER);
  await rewind(place, id, '1', '--files');
  expect(files(place)).toEqual({ ...BEFORE, 'deep/': '' });
  await rewind(place, id, '--undo');
  await rewind(place, id, '--undo');
  expect(files(place)).toEqual({ ...BEFORE, 'deep/': '' });
});

test('the talk ends before the message, and a resumed session sends nothing of it', async () => {
  const place = await worked([{ content: 'Third answer.' }]);
  expect(await rewind(place, place.id, '2')).toMatchObject({ code: 0 });
  expect(files(place)).toEqual(BETWEEN);
  await place.json([...WRITE, 'resume', place.id, 'Third.']);
  const said = JSON.stringify(place.chats().at(-1)?.messages);
  expect([said.includes('First.'), said.includes('Second.'), said.includes('Third.')]).toEqual([
    true,
    false,
    true,
  ]);
});

test('with the talk kept the model is told of the files', async () => {
  const place = await worked([{ content: 'Third answer.' }]);
  await rewind(place, place.id, '2', '--files');
  await place.json([...WRITE, 'resume', place.id, 'Third.']);
  const said =
    place
      .chats()
      .at(-1)
      ?.messages.map(({ content }) => String(content)) ?? [];
  expect(said.filter((text) => text.startsWith('The user has put these files back'))).toEqual([
    'The user has put these files back to what they were earlier: a, c, d, e. Read them again before you change them.',
  ]);
});

test('to a message that was summarised only the files go back, also if the summary keeps its words', async () => {
  const long = Array.from({ length: 4_000 }, (_, number) => `said ${number}`).join(', ');
  const place = await bench([
    { content: long },
    { content: long },
    { content: '- Goal: none\n- Next: none' },
  ]);
  const kept = await keptAgent(place.server, place);
  await kept.turn('First.');
  await kept.turn('Second.');
  const end = kept.waitFor(({ type }) => type === 'turn_completed');
  kept.agent.submit({ type: 'compact' });
  await end;
  await kept.close();
  const { id = '', path: file = '' } = rolloutFiles(place.home)[0] ?? {};
  const before = readFileSync(file, 'utf8');
  expect(before).toContain('"type":"compacted"');
  expect(await rewind(place, id, '2')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(
      'the talk was summarised after that message: only its files can be put back (--files)',
    ),
  });
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('what somebody else has changed is left alone and shown, the others are put back', async () => {
  const place = await worked();
  writeFileSync(path.join(place.cwd, 'a'), 'mine\n');
  const { code, stdout } = await rewind(place, place.id, '2', '--files');
  expect([code, stdout]).toEqual([
    1,
    'Put back 3 files:\n  A c\n  A d\n  D e\nLeft alone 1 file:\n  a: somebody else has changed it since\n    @@ -1,1 +1,1 @@\n    -three\n    +mine\n',
  ]);
  expect(files(place)).toEqual({ ...BETWEEN, a: 'mine\n' });
});

test('no link is followed out of the workspace', async () => {
  const place = await worked();
  const outside = path.join(place.home, '..', 'outside');
  mkdirSync(outside);
  rmSync(path.join(place.cwd, 'deep'), { recursive: true });
  symlinkSync(outside, path.join(place.cwd, 'deep'));
  writeFileSync(path.join(outside, 'b'), 'new\n');
  const { code, stdout } = await rewind(place, place.id, '1', '--files');
  expect([code, stdout.includes('deep/b: what is there now cannot be read as a file')]).toEqual([1, true]);
  expect(readFileSync(path.join(outside, 'b'), 'utf8')).toBe('new\n');
});

test('a copy goes back as far as its original; deleting a session deletes what it kept', async () => {
  const place = await worked([{ content: 'In the copy.' }]);
  await place.json([...WRITE, 'fork', place.id, 'Third.']);
  const copy = rolloutFiles(place.home).find(({ id }) => id !== place.id)?.id ?? '';
  const kept = (id: string): boolean => existsSync(path.join(place.home, 'checkpoints', id));
  expect([kept(place.id), kept(copy)]).toEqual([true, true]);
  await place.run(['sessions', 'delete', '--force', place.id]);
  expect([kept(place.id), kept(copy)]).toEqual([false, true]);
  await rewind(place, copy, '1', '--files');
  expect(files(place)).toEqual({ ...BEFORE, 'deep/': '' });
});

test('a session that changes nothing, or is not kept, keeps nothing', async () => {
  const place = await bench([
    { content: 'Hello.' },
    patched('*** Add File: b', '+new'),
    { content: 'Done.' },
  ]);
  await place.json([...WRITE, 'Hello.']);
  await place.json([...WRITE, '--ephemeral', 'Add b.']);
  expect([files(place), existsSync(path.join(place.home, 'checkpoints'))]).toEqual([{ b: 'new\n' }, false]);
});
