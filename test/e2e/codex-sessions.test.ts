/** Sessions of Codex, in the hands of the built program. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { bench } from '../support/exec.ts';

const SAMPLE = path.resolve('test/rollout/samples/codex-rollout.jsonl');
const ID = '01a219f1-d5ba-7c41-91c1-f0c5c4081600';

async function withCodex() {
  const place = await bench([{ content: 'Gone on.' }, { content: 'Again.' }]);
  const source = path.join(
    path.dirname(place.cwd),
    '.codex/sessions/2026/11/26',
    `rollout-2026-11-26T22-20-09-${ID}.jsonl`,
  );
  mkdirSync(path.dirname(source), { recursive: true });
  copyFileSync(SAMPLE, source);
  return { ...place, source };
}

test('they are imported, listed, shown and exported', async () => {
  const { run, source } = await withCodex();
  const said = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(['sessions', ...args]);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  expect(await said('import')).toBe(`Imported: ${ID}  please do the thing\n`);
  expect(await said('import', ID, source)).toBe(`Already here: ${ID}  please do the thing\n`.repeat(2));
  expect(await said('list', '--all')).toMatch(new RegExp(`^${ID} .* /work/shop +please do the thing$`, 'm'));
  expect(await said('show', ID)).toContain(
    '> please do the thing\n\nI look.\n\n$ echo hi (exit 0)\n  hi\n\nDone with it.\n',
  );
  expect(await said('export', ID)).toContain('Done with it.');
  expect(readFileSync(source)).toEqual(readFileSync(SAMPLE));
  const none = '01a219f1-d5ba-7c41-91c1-f0c5c4081601';
  expect(await run(['sessions', 'import', none])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`Codex has no session ${none}`),
  });
});

test('one that is resumed by its id is imported, and goes on with what was said', async () => {
  const { json, chats, home, cwd, source } = await withCodex();
  const first = await json(['resume', ID, 'Go on.']);
  const message = (text: string) => ({ type: 'error', message: text });
  expect([first.code, first.lines[0], first.lines.slice(1, 3).map(({ item }) => item)]).toMatchObject([
    0,
    { type: 'thread.started', thread_id: ID },
    [
      message(`imported from Codex: ${source}, which stays as it is`),
      message(`this session ran in /work/shop; continuing in ${cwd}`),
    ],
  ]);
  const said = chats()[0]?.messages.map(({ role, content }) => [role, content.slice(0, 30)]);
  expect(said?.slice(1)).toEqual([
    ['user', 'please do the thing'],
    ['assistant', 'I look.'],
    ['tool', expect.stringContaining('Chunk ID')],
    ['assistant', 'Done with it.'],
    ['user', expect.stringContaining('<environment_context>')],
    ['user', 'Go on.'],
  ]);
  const second = await json(['resume', '--last', 'Again.']);
  expect([second.code, rolloutFiles(home).length]).toEqual([0, 1]);
  const [one, two] = chats().map(({ messages }) => JSON.stringify(messages));
  expect(two?.startsWith(one?.slice(0, -1) ?? '-')).toBe(true);
});
