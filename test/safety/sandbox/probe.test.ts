import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Permissions } from '../../../src/safety/permissions.ts';
import { createSandbox } from '../../../src/safety/sandbox/probe.ts';

describe.skipIf(process.platform !== 'linux')('createSandbox', () => {
  const base = realpathSync(mkdtempSync('/var/tmp/oagent-probe-'));
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  const policy = (PATH: string, changes: Partial<Permissions> = {}): Permissions => ({
    mode: 'workspace-write',
    approval: 'never',
    cwd: path.join(base, 'ws'),
    writableRoots: [],
    network: false,
    home: path.join(base, 'home'),
    env: { PATH },
    ...changes,
  });

  /** A folder with a bwrap that is this script. */
  const fake = (folder: string, script: string): string => {
    const bin = path.join(base, folder);
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, 'bwrap'), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(bin, 'bwrap'), 0o755);
    return bin;
  };
  const facts = async (PATH: string, changes?: Partial<Permissions>) => {
    const { kind, notes } = await createSandbox(policy(PATH, changes));
    return { kind, notes };
  };

  test('full access is nothing to speak of', async () => {
    const sandbox = await createSandbox(policy('', { mode: 'danger-full-access' }));
    expect([sandbox.kind, sandbox.notes]).toEqual(['none', []]);
    const { finish, ...prepared } = await sandbox.prepare({ argv: ['a', 'b c'], cwd: '/', env: { X: '1' } });
    expect([prepared, await finish()]).toEqual([
      { file: 'a', args: ['b c'], env: { X: '1' }, extraFds: [] },
      [],
    ]);
  });

  test('without bubblewrap: none, with the cure', async () => {
    expect(await facts('/no/such:')).toEqual({
      kind: 'none',
      notes: [
        'no sandbox: bubblewrap (bwrap) is not installed. Fix: apt install bubblewrap (or dnf, pacman, apk).',
      ],
    });
  });

  test('one that a command could have written is not used', async () => {
    const planted = fake('ws/bin', 'exit 0');
    const extra = fake('extra', 'exit 0');
    const changes = { writableRoots: [extra] };
    expect((await facts(`${planted}:${extra}:.:ws/bin`, changes)).kind).toBe('none');
    expect((await facts(planted, { cwd: '/' })).kind).toBe('bubblewrap');
  });

  test('goes down the ladder, and says what is lost', async () => {
    const noUserns = fake(
      'bin1',
      'case " $* " in *" --disable-userns "*) exit 1;; esac; cat <&3 | wc -c >&2',
    );
    expect(await facts(noUserns)).toEqual({ kind: 'bubblewrap', notes: [] });
    const noProc = fake('bin2', 'case " $* " in *" --proc "*) echo "no proc" >&2; exit 1;; esac');
    expect(await facts(noProc)).toEqual({
      kind: 'bubblewrap',
      notes: [expect.stringMatching(/^sandbox: \/proc cannot be mounted here, [\s\S]* Fix: /)],
    });
    const { args } = await (await createSandbox(policy(noProc))).prepare({ argv: ['x'], cwd: '/', env: {} });
    expect(args.filter((word) => ['--disable-userns', '--proc', '/proc/sys'].includes(word))).toEqual([]);
  });

  test('refused: none, with what it said; tried once', async () => {
    const count = path.join(base, 'count');
    const refused = fake(
      'bin3',
      `echo x >> ${count}; echo "bwrap: No permissions" >&2; echo more >&2; exit 1`,
    );
    const first = await facts(refused);
    expect(first).toEqual({
      kind: 'none',
      notes: [
        expect.stringMatching(
          /^no sandbox: bubblewrap does not work here \(bwrap: No permissions\)\. Fix: .+/,
        ),
      ],
    });
    rmSync(count);
    expect(await facts(refused)).toEqual(first);
    expect(() => rmSync(count)).toThrow('ENOENT');
  });
});
