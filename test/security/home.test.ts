/** What another user of the machine could read of oagent's own folder, or have put into it. */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Bench, BYPASS, bench, MAIN, startProgram } from '../support/exec.ts';

const isRoot = process.getuid?.() === 0;
const OTHER = 1001;
const FLOOD = { toolCalls: [{ name: 'exec_command', arguments: { cmd: 'seq 9000' } }] };

/** Starts it with this umask, and with the compile cache of the home. */
function runWith(umask: string, { cwd, env }: Bench, args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const own = Object.fromEntries(
    Object.entries({ ...env, ...more }).filter(([name]) => name !== 'NODE_COMPILE_CACHE'),
  );
  const script = `umask ${umask}; exec "$@"`;
  return startProgram('/bin/sh', ['-c', script, 'sh', process.execPath, MAIN, ...args], { cwd, env: own })
    .ended;
}

/** What others can reach: entries with rights for them whose folders, up to `top`, all let them in. */
function reachable(top: string): string[] {
  const found: string[] = [];
  const look = (file: string): void => {
    const { mode } = lstatSync(file);
    if ((mode & 0o077) === 0) return;
    found.push(`${path.relative(top, file)} ${(mode & 0o777).toString(8)}`);
    if (statSync(file).isDirectory()) for (const name of readdirSync(file)) look(path.join(file, name));
  };
  look(top);
  return found;
}

/** Files outside the compile cache that would be open in a folder that is. */
function looseFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('cache/compile/') && (lstatSync(path.join(folder, name)).mode & 0o077) !== 0,
  );
}

test.each([
  '000',
  '002',
  '022',
  '077',
])('with umask %s nothing of a new home is open to others', async (umask) => {
  const made = await bench([FLOOD, { content: 'Done.' }, { content: 'Again.' }]);
  const home = path.join(path.dirname(made.cwd), 'new', 'home');
  const where = { OAGENT_HOME: home };
  expect((await runWith(umask, made, ['exec', BYPASS, 'Begin'], where)).code).toBe(0);
  await runWith(umask, made, ['sessions', 'list'], where);
  await runWith(umask, made, ['index', 'build'], where);
  expect([reachable(home), looseFiles(home)]).toEqual([[], []]);
  expect(readdirSync(home)).toEqual(expect.arrayContaining(['cache', 'sessions', 'sessions.sqlite']));
});

test('a home that others can enter is closed before it is used', async () => {
  const made = await bench([{ content: 'Hi.' }]);
  chmodSync(made.home, 0o755);
  writeFileSync(path.join(made.home, 'sessions.sqlite'), '', { mode: 0o644 });
  const { code, stderr } = await runWith('022', made, ['exec', 'Begin']);
  expect([code, reachable(made.home), looseFiles(made.home)]).toEqual([0, [], []]);
  expect(stderr).not.toContain('other users');
});

test.each([
  ['shared', 0o1777],
  ['the home of the user', 0o755],
])('a folder that is not for oagent alone (%s) keeps its rights, which is said', async (what, mode) => {
  const made = await bench([{ content: 'Hi.' }]);
  const folder = what === 'shared' ? path.join(path.dirname(made.cwd), 'shared') : path.dirname(made.cwd);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, mode);
  const { code, stderr } = await runWith('022', made, ['exec', 'Begin'], { OAGENT_HOME: folder });
  expect([code, statSync(folder).mode & 0o7777]).toEqual([0, mode]);
  expect(stderr).toContain(`other users can reach oagent's own folder ${folder}`);
});

test.skipIf(!isRoot)(
  'the home of another user is said, with a cure, and no compiled code is taken from it',
  async () => {
    const made = await bench([{ content: 'Hi.' }]);
    chownSync(made.home, OTHER, OTHER);
    const { code, stderr } = await runWith('022', made, ['exec', 'Begin']);
    expect(code).toBe(0);
    expect(stderr).toContain(`oagent's own folder ${made.home} belongs to another user (uid ${OTHER})`);
    expect(stderr).toContain('Set OAGENT_HOME');
    expect(readdirSync(made.home)).not.toContain('cache');
  },
);

test('compiled code that others could have written is thrown away', async () => {
  const made = await bench(() => ({ content: 'Hi.' }));
  await runWith('022', made, ['exec', 'Begin']);
  const folder = path.join(made.home, 'cache', 'compile');
  const planted = path.join(folder, 'planted');
  writeFileSync(planted, 'x');
  await runWith('022', made, ['exec', 'Begin']);
  expect(readdirSync(folder)).toContain('planted');
  chmodSync(folder, 0o777);
  await runWith('022', made, ['exec', 'Begin']);
  expect(readdirSync(folder)).not.toContain('planted');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('a home that is a link works as before', async () => {
  const made = await bench([{ content: 'Hi.' }]);
  const link = path.join(path.dirname(made.cwd), 'link');
  symlinkSync(made.home, link);
  expect((await runWith('000', made, ['exec', 'Begin'], { OAGENT_HOME: link })).code).toBe(0);
  expect(statSync(made.home).mode & 0o777).toBe(0o700);
});
