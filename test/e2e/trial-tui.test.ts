/** `/try` in a terminal: real commands in the real sandbox, over a real overlay. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { type Bench, bench, MAIN } from '../support/exec.ts';
import { type PtyProgram, startInPty } from '../support/pty.ts';
import { noTrials } from '../support/trial.ts';
import { patchOf } from '../tools/apply-patch/support.ts';

const why = await noTrials();
if (why !== undefined) console.warn(`NOT TESTED: ${why}`);

const command = (cmd: string): Turn => ({ toolCalls: [{ name: 'exec_command', arguments: { cmd } }] });
const patch = (...lines: readonly string[]): Turn => ({
  toolCalls: [{ name: 'apply_patch', arguments: { input: patchOf(...lines) } }],
});

const WORK: readonly Turn[] = [
  command('rm -r lib; echo made > made.txt; ls; echo no > .git/no'),
  patch('*** Update File: a', '@@', '-one', '+two'),
  { toolCalls: [{ name: 'read_file', arguments: { path: 'made.txt' } }] },
  { toolCalls: [{ name: 'ripgrep', arguments: { pattern: 'two' } }] },
  { content: 'It is done.' },
];

async function started(answers: readonly Turn[]): Promise<{ place: Bench; program: PtyProgram }> {
  const place = await bench([{ content: 'Hello.' }, ...answers]);
  writeFileSync(path.join(place.home, 'config.toml'), `[projects."${place.cwd}"]\ntrust_level = "trusted"\n`);
  writeFileSync(path.join(place.cwd, 'a'), 'one\n');
  writeFileSync(path.join(place.cwd, 'lib'), 'old\n');
  const program = open(place, ['-s', 'workspace-write', 'Hi.']);
  await program.screen.until((text) => text.includes('Hello.'));
  return { place, program };
}

const open = ({ cwd, env }: Bench, args: readonly string[]): PtyProgram =>
  startInPty(process.execPath, [MAIN, ...args], { cwd, env });

const files = ({ cwd }: Bench): Record<string, string> =>
  Object.fromEntries(
    readdirSync(cwd)
      .filter((name) => name !== '.git')
      .map((name) => [name, readFileSync(path.join(cwd, name), 'utf8')]),
  );

const BEFORE = { a: 'one\n', lib: 'old\n' };
const AFTER = { a: 'two\n', 'made.txt': 'made\n' };

const trials = ({ home }: Bench): readonly string[] =>
  existsSync(path.join(home, 'trials')) ? readdirSync(path.join(home, 'trials')) : [];

describe.skipIf(why !== undefined)('/try', () => {
  test('runs the task apart from the files, shows what has changed, and keeps it', async () => {
    const { place, program } = await started([...WORK, { content: 'Welcome back.' }]);
    program.type('/try Change it all.\r');
    await program.screen.until((text) => text.includes('On trial: 3 files +2 -2'));
    expect(program.screen.text()).toMatch(/M a \+1 -1\n +D lib \+0 -1\n +A made\.txt \+1 -0/);
    expect(files(place)).toEqual(BEFORE);
    program.type('1');
    await program.screen.until((text) => text.includes('Kept: 3 files.'));
    expect(files(place)).toEqual(AFTER);
    expect(trials(place)).toEqual([]);
    program.type('Go on.\r');
    await program.screen.until((text) => text.includes('Welcome back.'));
    program.type('\x04');
    await program.ended;
    const chats = place.chats();
    for (const [at, chat] of chats.entries()) {
      expect(chat.messages.slice(0, chats[at - 1]?.messages.length ?? 0)).toEqual(chats[at - 1]?.messages ?? []);
    }
    const said = chats.at(-1)?.messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
    expect(said?.[0]).toContain('.git/no: Read-only file system');
    expect(said?.[2]).toContain('made');
    expect(said?.[3]).toContain('two');
  });

  test('drops it, and the model is told', async () => {
    const { place, program } = await started([...WORK, { content: 'Welcome back.' }]);
    program.type('/try Change it all.\r');
    await program.screen.until((text) => text.includes('On trial: 3 files'));
    program.type('4');
    await program.screen.until((text) => text.includes('Dropped: nothing of the trial is left.'));
    expect(files(place)).toEqual(BEFORE);
    expect(trials(place)).toEqual([]);
    program.type('Go on.\r');
    await program.screen.until((text) => text.includes('Welcome back.'));
    program.type('\x04');
    await program.ended;
    const said = place.chats().at(-1)?.messages.filter(({ role }) => role === 'user').map(({ content }) => content);
    expect(said?.slice(-2)).toEqual([
      'The user has put these files back to what they were earlier: a, lib, made.txt. Read them again before you change them.',
      'Go on.',
    ]);
  });
});
