/** A process in the workspace that swaps folders for links while oagent writes: nothing is written outside. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Permissions } from '../../src/safety/permissions.ts';
import { SessionGuard } from '../../src/safety/session-guard.ts';
import { runPatch } from '../../src/tools/apply-patch/run-patch.ts';
import { makeContext, patchOf } from '../tools/apply-patch/support.ts';

const hasCompiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

/** Everything below a folder: names, kinds, inodes, times and contents. */
function stateOf(folder: string): unknown[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const file = path.join(folder, name);
      const info = lstatSync(file);
      return [name, info.mode, info.ino, info.mtimeMs, info.isFile() ? readFileSync(file, 'utf8') : ''];
    });
}

interface Attacked {
  readonly base: string;
  readonly ws: string;
  readonly outside: string;
}

/** @param folder where the patched files are, below the workspace; the same files are at the same place below `outside`. */
function folders(folder: string): Attacked {
  const base = realpathSync(mkdtempSync(path.join('/var/tmp', 'oagent-writes-')));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const [ws, outside] = [path.join(base, 'ws'), path.join(base, 'outside')];
  for (const root of [ws, outside]) {
    mkdirSync(path.join(root, folder, 'sub'), { recursive: true });
    for (const name of ['f', 'g']) writeFileSync(path.join(root, folder, name), 'a\n');
  }
  return { base, ws, outside };
}

/** The attacker, at work until the test ends. */
async function attack(base: string, folder: string, link: string, watched: string): Promise<void> {
  const program = path.join(base, 'swapper');
  const source = path.join(import.meta.dirname, 'swapper.c');
  const built = spawnSync('cc', ['-O1', '-o', program, source], { encoding: 'utf8' });
  expect(built.stderr).toBe('');
  const child = spawn(program, [folder, link, watched], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
}

function permissionsOf({ base, ws }: Attacked): Permissions {
  return {
    mode: 'workspace-write',
    approval: 'never',
    cwd: ws,
    writableRoots: [],
    network: false,
    home: path.join(base, 'home'),
    env: { PATH: process.env.PATH, TMPDIR: tmpdir() },
  };
}

describe.runIf(hasCompiler).each([
  ['the folder of the files', 'd', 'd'],
  ['a folder above it', 'd/e/f', 'd'],
])('500 patches while %s is exchanged for a link', (_name, folder, exchanged) => {
  test('nothing outside is written, made or removed', async () => {
    const place = folders(folder);
    const { base, ws, outside } = place;
    symlinkSync(path.join(outside, exchanged), path.join(ws, 'trap'));
    const guard = new SessionGuard({
      permissions: permissionsOf(place),
      sandbox: () => Promise.reject(new Error('no commands in this test')),
      warn: () => undefined,
    });
    const before = stateOf(outside);
    await attack(base, path.join(ws, exchanged), path.join(ws, 'trap'), path.join(ws, folder));
    const { ctx } = makeContext(ws, guard);
    const patchOwner = { home: path.join(base, 'home'), cwd: ws };
    let applied = 0;
    for (let i = 0; i < 500; i++) {
      const { ok } = await runPatch(patchNumber(i, folder), ws, { ...ctx, patchOwner });
      applied += ok ? 1 : 0;
    }
    expect(stateOf(outside)).toEqual(before);
    // It is an attack on patches that are written, not on patches that are all refused.
    expect(applied).toBeGreaterThan(10);
  }, 120_000);
});

function patchNumber(i: number, folder: string): string {
  const [old, text] = i % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
  const added = [`*** Add File: ${folder}/n${i}`, '+n', `*** Add File: ${folder}/sub/s${i}/x`, '+x'];
  return patchOf(
    ...[`*** Update File: ${folder}/f`, '@@', `-${old}`, `+${text}`],
    ...(i % 3 === 0 ? added : []),
    ...(i % 5 === 0 ? [`*** Delete File: ${folder}/g`] : [`*** Add File: ${folder}/g`, '+a']),
  );
}
