/** `/try` in a terminal: real commands in the real sandbox, over a real overlay. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { errorCode } from '../../src/text/error-message.ts';
import { type Bench, bench, MAIN, processesWith } from '../support/exec.ts';
import { type PtyProgram, startInPty } from '../support/pty.ts';
import { noTrials } from '../support/trial.ts';
import { patchOf } from '../tools/apply-patch/support.ts';

const why = await noTrials();
if (why !== undefined) console.warn(`NOT TESTED: ${why}`);

/** A question takes no answer that was typed before it could be seen. */
const untilSeen = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400));

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
  await program.screen.until((text) => text.includes('Hello.') && text.includes('? help'));
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
    await untilSeen();
    program.type('1');
    await program.screen.until((text) => text.includes('Kept: 3 files.') && text.includes('Resumed'));
    expect(files(place)).toEqual(AFTER);
    expect(trials(place)).toEqual([]);
    program.type('Go on.\r');
    await program.screen.until((text) => text.includes('Welcome back.'));
    program.type('\x04');
    await program.ended;
    const chats = place.chats();
    for (const [at, chat] of chats.entries()) {
      expect(chat.messages.slice(0, chats[at - 1]?.messages.length ?? 0)).toEqual(
        chats[at - 1]?.messages ?? [],
      );
    }
    const said = chats
      .at(-1)
      ?.messages.filter(({ role }) => role === 'tool')
      .map(({ content }) => content);
    expect(said?.[0]).toContain('.git/no: Read-only file system');
    expect(said?.[2]).toContain('made');
    expect(said?.[3]).toContain('two');
  });

  test('drops it, and the model is told', async () => {
    const { place, program } = await started([...WORK, { content: 'Welcome back.' }]);
    program.type('/try Change it all.\r');
    await program.screen.until((text) => text.includes('On trial: 3 files'));
    await untilSeen();
    program.type('4');
    await program.screen.until(
      (text) => text.includes('Dropped: nothing of the trial is left.') && text.includes('Resumed'),
    );
    expect(files(place)).toEqual(BEFORE);
    expect(trials(place)).toEqual([]);
    program.type('Go on.\r');
    await program.screen.until((text) => text.includes('Welcome back.'));
    program.type('\x04');
    await program.ended;
    const said = place
      .chats()
      .at(-1)
      ?.messages.filter(({ role }) => role === 'user')
      .map(({ content }) => content);
    expect(said?.slice(-2)).toEqual([
      'The user has put these files back to what they were earlier: a, lib, made.txt. Read them again before you change them.',
      'Go on.',
    ]);
    const id = rolloutFiles(place.home)[0]?.id ?? '';
    const points = (await place.run(['sessions', 'rewind', id])).stdout.split('\n').slice(0, 3);
    expect(points.map((line) => line.replace(/ +/g, ' ').trim())).toEqual([
      '1 no files Hi.',
      '2 no files Change it all.',
      '3 no files Go on.',
    ]);
  });

  test('goes on with the next message; what somebody else has changed meanwhile is not overwritten', async () => {
    const { place, program } = await started([
      ...WORK,
      command('cat made.txt; echo more >> made.txt'),
      { content: 'More.' },
    ]);
    program.type('/try Change it all.\r');
    await program.screen.until((text) => text.includes('On trial: 3 files'));
    await untilSeen();
    program.type('2');
    await program.screen.until(
      (text) => text.includes('-one') && text.includes('+two') && text.includes('q'),
    );
    program.type('q');
    await program.screen.until((text) => text.includes('› 3. Go on'));
    program.type('More.\r');
    writeFileSync(path.join(place.cwd, 'a'), 'mine\n');
    const [figures, choice] = [
      'On trial: 3 files +3 -2',
      '1. Keep all but the 1 file that somebody else has changed',
    ];
    await program.screen.until((text) => text.includes(figures) && text.includes(choice));
    expect(program.screen.text()).toContain('! a +1 -1 (somebody else has changed it meanwhile)');
    await untilSeen();
    program.type('1');
    await program.screen.until(
      (text) => text.includes('a: somebody else has changed it') && text.includes('Resumed'),
    );
    expect(files(place)).toEqual({ a: 'mine\n', 'made.txt': 'made\nmore\n' });
    program.type('\x04');
    await program.ended;
  });

  test('is left and gone on with; the command line shows it, and keeps it', async () => {
    const { place, program } = await started([...WORK, command('cat made.txt'), { content: 'Still there.' }]);
    program.type('/try Change it all.\r');
    await program.screen.until((text) => text.includes('On trial: 3 files'));
    program.type('\x04');
    program.type('\x04');
    await program.ended;
    expect(program.screen.text()).toContain('What this session has changed is still on trial;');
    const id = rolloutFiles(place.home)[0]?.id ?? '';
    const refused = await place.run(['exec', 'resume', id, 'Go on.']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('this session is on trial, and nothing is decided yet');
    const again = open(place, ['resume', id, 'Is it there?']);
    await again.screen.until((text) => text.includes('Still there.'));
    again.type('\x04');
    again.type('\x04');
    await again.ended;
    const trial = (...args: readonly string[]) => place.run(['sessions', 'trial', id, ...args]);
    expect((await trial()).stdout).toBe(
      'On trial: 3 files +2 -2\n  M a +1 -1\n  D lib +0 -1\n  A made.txt +1 -0\n',
    );
    expect((await trial('--diff')).stdout).toContain('--- a\n+++ a\n@@ -1,1 +1,1 @@\n-one\n+two\n');
    writeFileSync(path.join(place.cwd, 'lib'), 'mine\n');
    const conflict = await trial('--keep');
    expect(conflict).toMatchObject({
      code: 1,
      stdout: 'Nothing was kept:\n  lib: somebody else has changed it meanwhile\n',
    });
    expect(await trial('--keep-others')).toMatchObject({
      code: 1,
      stdout: 'Kept: 2 files.\nLeft alone:\n  lib: somebody else has changed it meanwhile\n',
    });
    expect(files(place)).toEqual({ ...AFTER, lib: 'mine\n' });
    expect((await trial()).stderr).toContain('this session is not on trial');
  });

  test('survives kill -9 in the middle of a turn; nothing of it runs on', async () => {
    const { place, program } = await started([command('echo made > made.txt; echo one > a; sleep 60')]);
    program.type('/try Change it all.\r');
    await vi.waitUntil(() => upperFiles(place).includes('made.txt'), { timeout: 30_000 });
    process.kill(program.pid, 'SIGKILL');
    await program.ended;
    expect(files(place)).toEqual(BEFORE);
    const id = rolloutFiles(place.home)[0]?.id ?? '';
    await vi.waitUntil(async () => (await place.run(['sessions', 'trial', id])).code === 0, {
      timeout: 30_000,
    });
    expect(await place.run(['sessions', 'trial', id, '--drop'])).toMatchObject({
      code: 0,
      stdout: 'Dropped: nothing of the trial is left.\n',
    });
    expect(files(place)).toEqual(BEFORE);
    expect(trials(place)).toEqual([]);
  });

  test('kill -9 of all of it in a command, then dropped: a rewind does not bring the trial back', async () => {
    const { place, program } = await started([
      command('echo tried > a; echo new > b'),
      command('echo made > made.txt; sleep 60'),
    ]);
    program.type('/try Change it all.\r');
    await vi.waitUntil(() => upperFiles(place).includes('made.txt'), { timeout: 30_000 });
    await killAll(program);
    const id = rolloutFiles(place.home)[0]?.id ?? '';
    expect(await place.run(['sessions', 'rewind', id])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('this session is on trial'),
    });
    await vi.waitUntil(async () => (await place.run(['sessions', 'trial', id])).code === 0, {
      timeout: 30_000,
    });
    await place.run(['sessions', 'trial', id, '--drop']);
    expect(await place.run(['sessions', 'rewind', id, '1', '--files'])).toMatchObject({
      code: 0,
      stdout: 'No file was changed since.\n',
    });
    expect(files(place)).toEqual(BEFORE);
  });

  test('kill -9 of the view alone: the terminal is put back, and it is said that the trial is still there', async () => {
    const { place, program } = await started([command('echo tried > a; sleep 60')]);
    program.type('/try Change it all.\r');
    await vi.waitUntil(() => upperFiles(place).includes('a'), { timeout: 30_000 });
    const [inner] = children(program.pid);
    process.kill(inner ?? 0, 'SIGKILL');
    await program.ended;
    expect(program.screen.text()).toContain(
      'The process that had this session was killed.\nWhat this session has changed is still on trial; resuming it continues there.',
    );
    expect(files(place)).toEqual(BEFORE);
  });

  test('kill -9 of all of it in a command, then kept: a rewind takes back what the command had done', async () => {
    const { place, program } = await started([
      command('echo tried > a'),
      command('rm lib; echo made > made.txt; sleep 60'),
    ]);
    program.type('/try Change it all.\r');
    await vi.waitUntil(() => upperFiles(place).includes('made.txt'), { timeout: 30_000 });
    await vi.waitUntil(
      () =>
        changedAt(place, 'checkpoints', 'workspace/running') > changedAt(place, 'trials', 'upper/made.txt'),
    );
    await killAll(program);
    const id = rolloutFiles(place.home)[0]?.id ?? '';
    await vi.waitUntil(async () => (await place.run(['sessions', 'trial', id, '--keep'])).code === 0, {
      timeout: 30_000,
    });
    expect(files(place)).toEqual({ a: 'tried\n', 'made.txt': 'made\n' });
    const { stdout } = await place.run(['sessions', 'rewind', id, '1', '--files']);
    expect(stdout).toBe('Put back 3 files:\n  M a\n  A lib\n  D made.txt\n');
    expect(files(place)).toEqual(BEFORE);
  });

  test('a command in the background is over before it is kept, and all that it wrote is kept', async () => {
    const numbers = 10_000_000 + process.pid;
    const { place, program } = await started([
      {
        toolCalls: [
          {
            name: 'exec_command',
            arguments: {
              cmd: `seq ${numbers} | while read i; do echo $i > n$((i % 50)); mv n$(((i + 25) % 50)) m; done 2> m`,
              yield_time_ms: 500,
            },
          },
        ],
      },
      { content: 'It runs.' },
    ]);
    program.type('/try Change it all.\r');
    await program.screen.until((text) => text.includes('1. Keep: put it'));
    await untilSeen();
    program.type('1');
    await program.screen.until((text) => text.includes('Kept: ') && text.includes('Resumed'));
    expect(trials(place)).toEqual([]);
    expect(processesWith(`seq ${numbers}`)).toBe(0);
    expect(Object.keys(files(place))).toContain('m');
    program.type('\x04');
    await program.ended;
  });

  test('says why there can be none', async () => {
    const { program } = await started([]);
    program.type('/permissions\r');
    await program.screen.until((text) => text.includes('1.'));
    program.type('1');
    await program.screen.until((text) => text.includes('read-only'));
    program.type('/try Something.\r');
    await program.screen.until((text) =>
      text.includes('Nothing can be written here, so nothing can be tried'),
    );
    program.type('\x04');
    await program.ended;
  });
});

function children(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return text === '' ? [] : text.split(' ').map(Number);
}

/** The process outside, and those in which the trial is mounted. */
async function killAll({ pid, ended }: PtyProgram): Promise<void> {
  const own = [pid];
  for (const one of own) own.push(...children(one));
  for (const one of own) killOne(one);
  await ended;
}

/** What ends with the process above it may be gone already. */
function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** The ctime of a file of the only session, or 0. */
function changedAt({ home }: Bench, folder: 'checkpoints' | 'trials', file: string): number {
  const [session = ''] = readdirSync(path.join(home, folder));
  return statSync(path.join(home, folder, session, file), { throwIfNoEntry: false })?.ctimeMs ?? 0;
}

/** What a trial has written, at its top. */
function upperFiles({ home }: Bench): readonly string[] {
  const [one] = trials({ home } as Bench);
  const upper = path.join(home, 'trials', one ?? '', 'upper');
  return one !== undefined && existsSync(upper) ? readdirSync(upper) : [];
}
