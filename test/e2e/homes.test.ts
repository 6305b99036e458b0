/** Homes that are missing, read-only or full. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import {
  type Bench,
  BYPASS,
  bench,
  MAIN,
  type RunResult,
  startProgram,
  systemProgram,
} from '../support/exec.ts';
import { tempFolder } from '../support/temp-folder.ts';

const bwrap = systemProgram('bwrap') ?? '';
const canMount = spawnSync(bwrap, ['--dev-bind', '/', '/', 'true']).status === 0;

const FLOOD = { content: 'I look.', toolCalls: [{ name: 'shell', arguments: { command: 'seq 9000' } }] };
const LONG = { toolCalls: [{ name: 'read_file', arguments: { path: 'long.txt' } }] };

/** Runs the program where these mounts are made; `undefined` in `env` unsets a variable. */
function mounted(
  place: Bench,
  mounts: readonly string[],
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
) {
  const set = Object.entries({ ...place.env, ...env }).filter(([, value]) => value !== undefined);
  const argv = ['--dev-bind', '/', '/', ...mounts, process.execPath, MAIN, ...args];
  return startProgram(bwrap, argv, { cwd: place.cwd, env: Object.fromEntries(set) }).ended;
}

const UID = 54_321;

/** A machine whose list of users has only this line; our files belong to the user of that number. */
async function passwd(line: string): Promise<string[]> {
  const file = path.join(await tempFolder(), 'passwd');
  writeFileSync(file, line);
  return ['--unshare-user', '--uid', String(UID), '--ro-bind', file, '/etc/passwd'];
}

test.runIf(canMount).each([
  ['no HOME', undefined],
  ['an empty HOME', ''],
  ['a relative HOME', 'home'],
])('with %s and no entry for the user it works, keeps nothing and says so once', async (_name, HOME) => {
  const place = await bench([FLOOD, { content: 'Done.' }]);
  const mounts = await passwd('');
  const env = { HOME, OAGENT_HOME: undefined, NODE_COMPILE_CACHE: undefined };
  const ended = await mounted(place, mounts, ['exec', BYPASS, 'Begin.'], env);
  expect([ended.code, ended.stdout]).toEqual([0, 'Done.\n']);
  expect(ended.stderr.match(/OAGENT_HOME/g)).toHaveLength(1);
  expect(ended.stderr).toContain(
    "there is no home folder for oagent's own files (set OAGENT_HOME to one), so nothing of this session is kept\n",
  );
  // The model reads the whole output where it is kept for the session.
  expect(place.chats()[1]?.messages.at(-1)?.content).toMatch(/\/oagent-home-\w+\/outputs\//);
  expect(readdirSync(place.cwd)).toEqual(['.git']);
  expect(readdirSync(path.join(path.dirname(place.cwd), 'tmp'))).toEqual([]);
  expect(await mounted(place, mounts, ['sessions', 'list'], env)).toMatchObject({
    code: 1,
    stderr: "Error: there is no home folder for oagent's own files (set OAGENT_HOME to one)\n",
  });
});

test.runIf(canMount)('an empty HOME is looked up in the list of users', async () => {
  const place = await bench([{ content: 'Done.' }]);
  const user = path.join(path.dirname(place.cwd), 'me');
  mkdirSync(user);
  const mounts = await passwd(`me:x:${UID}:0::${user}:/bin/bash\n`);
  const env = { HOME: '', OAGENT_HOME: undefined };
  const { code, stderr } = await mounted(place, mounts, ['exec', 'Begin.'], env);
  expect([code, stderr.match(/OAGENT_HOME/g)?.length]).toEqual([0, 1]);
  expect(rolloutFiles(path.join(user, '.oagent'))).toHaveLength(1);
});

/** A home with one session, and ways in which it cannot be written to. */
async function kept(): Promise<Bench & { id: string; readOnly: string[]; full: string[] }> {
  const place = await bench(
    (_request, index) => [{ content: 'One.' }, FLOOD, LONG][index] ?? { content: 'Two.' },
  );
  writeFileSync(path.join(place.cwd, 'long.txt'), 'a line of text\n'.repeat(9_000));
  await place.run(['exec', 'Begin.']);
  const full = path.join(await tempFolder(), 'full');
  return {
    ...place,
    id: rolloutFiles(place.home)[0]?.id ?? '',
    readOnly: ['--ro-bind', place.home, place.home],
    full: ['--size', '16384', '--tmpfs', full],
  };
}

test.runIf(canMount)('with a read-only home sessions are listed, exported and resumed', async () => {
  const place = await kept();
  const before = readdirSync(place.home, { recursive: true }).toSorted();
  const run = (...args: string[]): Promise<RunResult> => mounted(place, place.readOnly, args);
  const listed = await run('sessions', 'list');
  expect([listed.code, listed.stdout.includes('Begin.'), listed.stderr]).toEqual([0, true, '']);
  expect((await run('sessions', 'export', place.id)).stdout).toContain('One.');
  const resumed = await run('exec', BYPASS, 'resume', '--last', 'Go on.');
  expect([resumed.code, resumed.stdout]).toEqual([0, 'Two.\n']);
  expect(resumed.stderr.match(/this session cannot be saved: /g)).toHaveLength(1);
  expect(place.chats()[1]?.messages.map(({ content }) => content)).toContain('One.');
  expect(readdirSync(place.home, { recursive: true }).toSorted()).toEqual(before);
  const forked = await run('exec', BYPASS, 'fork', place.id, 'Go on.');
  expect([forked.code, forked.stderr]).toEqual([
    1,
    expect.stringContaining(`Error: cannot copy the session ${place.id}: EROFS`),
  ]);
  const doctor = await run('doctor');
  expect(doctor.stdout).toMatch(
    /warn {2}.*\/home cannot be written: EROFS.*\n +Sessions work, but nothing of them is kept\. Make room, or set OAGENT_HOME to another folder\n/,
  );
});

test.runIf(canMount)(
  'with a full home sessions are listed, exported and resumed, and no draft is left',
  async () => {
    const place = await kept();
    const [small] = [place.full.at(-1) ?? ''];
    const copy = await tempFolder();
    // The home is copied into the small disk, which is then filled; what is left of it at the end is copied out.
    const script = `cp -r "$HOME_BEFORE"/sessions "$OAGENT_HOME"/ && cat /dev/zero > "$OAGENT_HOME"/ballast 2>/dev/null
    "$0" "$1" exec ${BYPASS} fork ${place.id} x </dev/null 2>&1
    for args in 'sessions list' 'sessions export ${place.id}' 'exec ${BYPASS} resume --last Go' doctor; do
      "$0" "$1" $args </dev/null 2>&1; echo "code $?"; done; rm "$OAGENT_HOME"/ballast; cp -r "$OAGENT_HOME"/. "${copy}"`;
    const { stdout } = await startProgram(
      bwrap,
      ['--dev-bind', '/', '/', ...place.full, 'sh', '-c', script, process.execPath, MAIN],
      { cwd: place.cwd, env: { ...place.env, HOME_BEFORE: place.home, OAGENT_HOME: small } },
    ).ended;
    expect(stdout).toContain(`cannot copy the session ${place.id}: ENOSPC`);
    expect(stdout).toContain('Begin.');
    expect(stdout).toContain('One.');
    expect(stdout).toContain('\nTwo.\n');
    expect(stdout.match(/this session cannot be saved: ENOSPC/g)).toHaveLength(1);
    expect(stdout).toContain(`${small} cannot be written: ENOSPC`);
    expect(stdout.match(/^code \d+$/gm)?.slice(0, 3)).toEqual(['code 0', 'code 0', 'code 0']);
    const day = readdirSync(copy, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.includes('rollout-'),
    );
    expect(day.map((name) => name.replace(/.*\//, ''))).toEqual([
      path.basename(rolloutFiles(place.home)[0]?.path ?? ''),
    ]);
    expect(readFileSync(path.join(copy, day[0] ?? ''), 'utf8')).toBe(
      readFileSync(rolloutFiles(place.home)[0]?.path ?? '', 'utf8'),
    );
  },
);

test.runIf(canMount)('a read-only home without any session is called read-only', async () => {
  const place = await bench([{ content: 'Done.' }]);
  const { code, stderr } = await mounted(place, ['--ro-bind', place.home, place.home], ['exec', 'Begin.']);
  expect([code, stderr.match(/this session cannot be saved: EROFS/g)?.length]).toEqual([0, 1]);
});

test('a home below a file: the session works, and is not kept', async () => {
  const place = await bench([FLOOD, LONG, { content: 'Done.' }]);
  writeFileSync(path.join(place.cwd, 'long.txt'), 'a line of text\n'.repeat(9_000));
  const OAGENT_HOME = path.join(place.cwd, 'long.txt', 'home');
  const { code, stdout, stderr } = await place.run(['exec', BYPASS, 'Begin.'], { env: { OAGENT_HOME } });
  expect([code, stdout, stderr.match(/this session cannot be saved: ENOTDIR/g)?.length]).toEqual([
    0,
    'Done.\n',
    1,
  ]);
  expect(existsSync(OAGENT_HOME)).toBe(false);
});
