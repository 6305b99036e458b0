/**
 * `.git` and the like in folders for temporary files: reported, not prevented, and prevented where these folders are taken out. The last two
 * show why: what an empty folder of that name, as the workspace has it, would do in a folder that is shared.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PROTECTED_NAMES } from '../../src/safety/permissions.ts';
import { World } from '../safety/sandbox/world.ts';

describe('protected names in $TMPDIR', () => {
  let world: World;
  beforeEach(() => {
    world = new World({ name: 'this user', uid: undefined });
  });
  afterEach(() => world[Symbol.dispose]());
  const create = PROTECTED_NAMES.map((name) => `mkdir "$T/${name}"`).join(';');

  test('are reported when a command makes them', async ({ skip }) => {
    const { kind, warnings } = await world.run(create, { env: { T: world.tmp } });
    if (kind !== 'bubblewrap') skip('no sandbox here');
    expect(warnings).toEqual(
      PROTECTED_NAMES.map((name) => expect.stringContaining(`${world.tmp}/${name} appeared`)),
    );
  });

  test('cannot be made if the folder is taken out', async ({ skip }) => {
    const { kind, output, warnings } = await world.run(`${create}; mktemp`, {
      policy: { excludeSlashTmp: true, excludeTmpdirEnvVar: true },
      env: { T: world.tmp },
    });
    if (kind !== 'bubblewrap') skip('no sandbox here');
    expect(PROTECTED_NAMES.filter((name) => existsSync(path.join(world.tmp, name)))).toEqual([]);
    expect([output.split('\n')[0], warnings]).toEqual([expect.stringMatching(/^\/dev\/shm\/tmp\./), []]);
  });
});

describe('an empty .git in a shared folder', () => {
  let base = '';
  beforeEach(() => {
    base = realpathSync(mkdtempSync('/var/tmp/oagent-shared-'));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  test('changes what ripgrep finds below it', () => {
    mkdirSync(path.join(base, 'project'));
    for (const name of ['.gitignore', 'ignored', 'other'])
      writeFileSync(path.join(base, 'project', name), 'ignored\n');
    const found = () =>
      execFileSync('rg', ['--files'], { cwd: path.join(base, 'project'), encoding: 'utf8' })
        .split('\n')
        .filter((name) => name !== '')
        .sort();
    expect(found()).toEqual(['ignored', 'other']);
    mkdirSync(path.join(base, '.git'));
    expect(found()).toEqual(['other']);
  });

  test('protects only until somebody removes it, in sandboxes that run too', async ({ skip }) => {
    const file = path.join(base, '.git');
    mkdirSync(file);
    const script = `mkdir '${file}/hooks'; echo $?; read line; mkdir -p '${file}/hooks'; echo $?`;
    const mounts = ['--bind', '/', '/', '--dev', '/dev', '--tmpfs', file, '--remount-ro', file];
    const command = spawn('bwrap', [...mounts, '--', '/bin/bash', '-c', script], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    command.on('error', () => {});
    const lines: string[] = [];
    for await (const line of createInterface({ input: command.stdout })) {
      if (lines.push(line) > 1) break;
      rmdirSync(file);
      command.stdin.end('\n');
    }
    if (lines.length === 0) skip('no bubblewrap here');
    expect([lines, existsSync(path.join(file, 'hooks'))]).toEqual([['1', '0'], true]);
  });
});
