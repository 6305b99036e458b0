/** kill -9 in the middle of a patch: a later start finishes or undoes it, and the model is told the truth about it. */
import { readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { journalNames } from '../../src/tools/apply-patch/journal-folder.ts';
import { type Bench, BYPASS, bench } from '../support/exec.ts';
import { patchOf } from '../tools/apply-patch/support.ts';

const NAMES = Array.from({ length: 12 }, (_, at) => `f${at}`);
const PATCH = patchOf(...NAMES.flatMap((name) => [`*** Update File: ${name}`, '@@', '-old', '+new']));

type Call = { readonly name: string; readonly arguments: { readonly [name: string]: string } };

type IsTime = (event: string, file: string) => boolean;

/** Killed when the change that `isTime` waits for is seen in the folder; again, if it was quicker than the signal. */
async function killed(call: Call, isTime: IsTime): Promise<Bench & { readonly id: string }> {
  for (;;) {
    const place = await bench((_request, index) =>
      index === 0 ? { toolCalls: [call] } : { content: 'Done.' },
    );
    for (const name of NAMES) writeFileSync(path.join(place.cwd, name), 'old\n');
    const running = place.start(['exec', BYPASS, 'Begin.']);
    const watcher = watch(place.cwd, (event, file) => {
      if (isTime(event, String(file))) running.child.kill('SIGKILL');
    });
    await running.ended;
    watcher.close();
    const id = rolloutFiles(place.home)[0]?.id ?? '';
    if (journalNames(place.home).length > 0) return { ...place, id };
  }
}

function texts({ cwd }: Bench): { readonly [name: string]: string } {
  const names = readdirSync(cwd).filter((name) => name !== '.git');
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(path.join(cwd, name), 'utf8')]));
}

const all = (text: string) => Object.fromEntries(NAMES.toSorted().map((name) => [name, text]));
const patchCall: Call = { name: 'apply_patch', arguments: { input: PATCH } };
const isStaged = (_event: string, file: string): boolean => file.endsWith('.tmp');
const isReplaced = (event: string, file: string): boolean => event === 'rename' && NAMES.includes(file);

async function toolOutputs(place: Bench & { readonly id: string }): Promise<readonly string[]> {
  await place.json([BYPASS, 'resume', place.id, 'Go on.']);
  const { messages = [] } = place.chats().at(-1) ?? {};
  return messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content));
}

test('while it was being prepared: nothing of it is there', async () => {
  const place = await killed(patchCall, isStaged);
  expect(await toolOutputs(place)).toEqual(['oagent ended unexpectedly; nothing of this patch was written']);
  expect(texts(place)).toEqual(all('old\n'));
  const { stdout } = await place.run(['sessions', 'show', place.id]);
  expect(stdout).not.toContain('not known');
});

test('while it was being written: all of it is there', async () => {
  const place = await killed(patchCall, isReplaced);
  expect(await toolOutputs(place)).toEqual(['oagent ended unexpectedly; this patch was applied']);
  expect(texts(place)).toEqual(all('new\n'));
});

test('in a command: what follows it may have run or not', async () => {
  const command = `apply_patch <<'EOF'\n${PATCH}\nEOF\necho done`;
  const place = await killed({ name: 'shell', arguments: { command } }, isReplaced);
  expect(await toolOutputs(place)).toEqual([
    'oagent ended unexpectedly; this patch was applied\noagent ended unexpectedly; this call may have run or not: look first',
  ]);
  expect(texts(place)).toEqual(all('new\n'));
});

test('a new session in the folder finishes it, and the old one still knows', async () => {
  const place = await killed(patchCall, isReplaced);
  await place.json([BYPASS, 'Something else.']);
  expect(texts(place)).toEqual(all('new\n'));
  expect(await toolOutputs(place)).toEqual(['oagent ended unexpectedly; this patch was applied']);
});
