/** What commands in the sandbox have changed is put back: in a real repository, by the program as it is installed. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { type Bench, bench, MAIN } from '../support/exec.ts';
import { sandboxedTest } from '../support/sandbox.ts';
import { patchOf, readTree } from '../tools/apply-patch/support.ts';

const ran = (cmd: string, more = {}): Turn => ({
  toolCalls: [{ name: 'exec_command', arguments: { cmd, yield_time_ms: 30_000, ...more } }],
});
const patched = (...lines: readonly string[]): Turn => ({
  toolCalls: [{ name: 'apply_patch', arguments: { input: patchOf(...lines) } }],
});
const WRITE = ['-s', 'workspace-write'];

const COMMITTED = {
  'src/a.js': 'let a=1\n',
  'src/b.js': 'let b=2\n',
  'src/c.js': 'let c=3\n',
  'd.txt': 'd\n',
};

/** A repository in which `d.txt` is changed and not committed, and `build/` ignored. */
async function repository(answers: readonly Turn[]): Promise<Bench> {
  const place = await bench(answers);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: place.cwd });
  git('init', '-q');
  for (const [name, text] of Object.entries({ ...COMMITTED, '.gitignore': 'build/\n' })) {
    mkdirSync(path.dirname(path.join(place.cwd, name)), { recursive: true });
    writeFileSync(path.join(place.cwd, name), text);
  }
  git('add', '-A');
  git('commit', '-qm', 'first');
  writeFileSync(path.join(place.cwd, 'd.txt'), 'mine\n');
  return place;
}

const files = ({ cwd }: Bench): { readonly [name: string]: string } =>
  Object.fromEntries(Object.entries(readTree(cwd)).filter(([name]) => !name.startsWith('.git')));
const idOf = ({ home }: Bench): string => rolloutFiles(home)[0]?.id ?? '';
const rewind = (place: Bench, ...args: readonly string[]) =>
  place.run(['sessions', 'rewind', idOf(place), ...args]);

const BEFORE = { ...COMMITTED, 'd.txt': 'mine\n' };

sandboxedTest('sed -i, rm, a formatter, a file from git, new files: back, and forth again', async () => {
  const place = await repository([
    ran("sed -i 's/1/10/' src/a.js && rm src/b.js"),
    ran('for f in src/*.js; do sed "s/=/ = /; s/$/;/" $f > tmp && mv tmp $f; done'),
    patched('*** Update File: src/c.js', '@@', '-let c = 3;', '+let c = 4;'),
    ran('git show HEAD:d.txt > d.txt; mkdir -p new/deep build; echo n > new/deep/n; echo built > build/x'),
    ran('cat src/*.js'),
    { content: 'Done.' },
  ]);
  await place.json([...WRITE, 'Work.']);
  const worked = {
    'src/a.js': 'let a = 10;\n',
    'src/c.js': 'let c = 4;\n',
    'd.txt': 'd\n',
    'new/deep/n': 'n\n',
    'build/x': 'built\n',
  };
  expect(files(place)).toEqual(worked);
  expect((await rewind(place)).stdout).toBe('  1  5 files +4 -4         Work.\n');
  expect(await rewind(place, '1', '--files')).toMatchObject({
    code: 0,
    stdout: 'Put back 5 files:\n  M d.txt\n  D new/deep/n\n  M src/a.js\n  A src/b.js\n  M src/c.js\n',
  });
  expect(files(place)).toEqual({ ...BEFORE, 'new/deep/': '', 'build/x': 'built\n' });
  expect((await rewind(place, '--undo')).code).toBe(0);
  expect(files(place)).toEqual(worked);
  // The copies of the workspace have gone with the session.
  expect(readdirSync(path.join(place.home, 'checkpoints', idOf(place))).sort()).toEqual([
    'changes.jsonl',
    'objects',
  ]);
});

sandboxedTest(
  'what the user writes afterwards is left alone, and a session that only reads keeps nothing',
  async () => {
    const place = await repository([
      ran("sed -i 's/1/10/' src/a.js; echo x >> src/b.js"),
      { content: 'Done.' },
    ]);
    await place.json([...WRITE, 'Work.']);
    writeFileSync(path.join(place.cwd, 'src/a.js'), 'let mine\n');
    const { code, stdout } = await rewind(place, '1', '--files');
    expect([code, stdout]).toEqual([
      1,
      'Put back 1 file:\n  M src/b.js\nLeft alone 1 file:\n  src/a.js: somebody else has changed it since\n    @@ -1,1 +1,1 @@\n    -let a=10\n    +let mine\n',
    ]);
    const reading = await repository([ran('cat d.txt; ls'), { content: 'Read.' }]);
    await reading.json([...WRITE, 'Read.']);
    await reading.json(['-s', 'read-only', 'Read.']);
    expect(existsSync(path.join(reading.home, 'checkpoints'))).toBe(false);
  },
);

sandboxedTest('a command that is killed with oagent: what it had done by then is put back', async () => {
  const place = await repository([
    ran('echo 1 > src/a.js; rm src/b.js; sleep 2; touch ready; sleep 600', { yield_time_ms: 30_000 }),
  ]);
  const child = spawn(process.execPath, [MAIN, 'exec', ...WRITE, 'Work.'], {
    cwd: place.cwd,
    env: place.env,
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  while (!existsSync(path.join(place.cwd, 'ready'))) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGKILL');
  await ended;
  const { stdout } = await rewind(place, '1', '--files');
  expect(stdout).toContain('  M src/a.js\n  A src/b.js\n');
  expect(files(place)).toMatchObject(BEFORE);
  expect(readFileSync(path.join(place.cwd, 'src/b.js'), 'utf8')).toBe('let b=2\n');
});
