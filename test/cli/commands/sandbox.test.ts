import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Permissions } from '../../../src/safety/permissions.ts';
import { createSandbox } from '../../../src/safety/sandbox/probe.ts';

const base = realpathSync(mkdtempSync('/var/tmp/oagent-cli-sandbox-'));
mkdirSync(path.join(base, 'ws'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const policy: Permissions = {
  mode: 'workspace-write',
  approval: 'never',
  cwd: path.join(base, 'ws'),
  writableRoots: [],
  network: false,
  home: path.join(base, 'home'),
  env: { PATH: '/usr/bin:/bin' },
};
const { kind, notes } = await createSandbox(policy);
if (kind === 'none') console.warn(`\n*** NO SANDBOX HERE: its command is not tested. ${notes.join(' ')}\n`);

const script = (argv: readonly string[], changes: Partial<Permissions>): string => `
  import { sandboxCommand } from ${JSON.stringify(path.resolve('src/cli/commands/sandbox.ts'))};
  process.exitCode = await sandboxCommand(${JSON.stringify(argv)}, ${JSON.stringify({ ...policy, ...changes })});`;
const node = (argv: readonly string[], changes: Partial<Permissions> = {}): string[] => [
  ...['--no-warnings', '--input-type=module', '-e'],
  script(argv, changes),
];

/** Runs the command in a process of its own, as `oagent sandbox` does. */
function run(argv: readonly string[], changes: Partial<Permissions> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, node(argv, changes), {
    input: 'typed',
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('oagent sandbox', () => {
  test.skipIf(kind === 'none')('inherits the streams, passes the exit code on, leaves nothing behind', () => {
    const command =
      'cat; echo err >&2; echo 1 > x; { mkdir .git/hooks || echo 1 > ../y; } 2>/dev/null; exit 7';
    expect(run(['sh', '-c', command])).toEqual({
      status: 7,
      stdout: 'typed',
      stderr: 'err\n',
    });
    expect([readdirSync(policy.cwd), readdirSync(base).sort()]).toEqual([['x'], ['home', 'ws']]);
  });

  test.skipIf(kind === 'none')('tells of a signal by the code', () => {
    expect(run(['bash', '-c', 'kill -TERM $$']).status).toBe(143);
    expect(run(['bash', '-c', 'kill -KILL $$']).status).toBe(137);
  });

  test.skipIf(kind === 'none')('tells a program that is not there from one that cannot be run', () => {
    expect(run(['no-such-program'])).toEqual({
      status: 127,
      stdout: '',
      stderr: expect.stringMatching(/no-such-program.*not found\n$/),
    });
    expect(run(['/etc/passwd']).status).toBe(126);
  });

  test.skipIf(kind === 'none' || !existsSync('/usr/bin/script'))(
    'T01 T02: keeps the command from the terminal of the user',
    () => {
      const words = [
        process.execPath,
        ...node(['bash', '-c', '(: < /dev/tty) && echo GOT; cut -d" " -f7 /proc/self/stat; echo END']),
      ];
      const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
      const output = execFileSync('/usr/bin/script', ['-qec', quoted, '/dev/null'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      expect(output).toMatch(/\r\n0\r\nEND\r\n$/);
      expect(output).not.toContain('GOT');
    },
  );

  test('without a sandbox nothing runs, unless full access was asked for', () => {
    const env = { PATH: '' };
    const refused = run(['/bin/echo', 'RAN'], { env });
    expect(refused).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^oagent: no sandbox: /),
    });
    const full = { env, mode: 'danger-full-access' } as const;
    expect(run(['/bin/echo', 'RAN'], full)).toEqual({ status: 0, stdout: 'RAN\n', stderr: '' });
    expect(run(['/no/such'], full).status).toBe(127);
  });

  test.skipIf(kind === 'none')('says why a folder cannot be protected', () => {
    expect(run(['true'], { cwd: path.join(base, 'gone') })).toEqual({
      status: 1,
      stdout: '',
      stderr: `oagent: the folder ${base}/gone does not exist, so no command can run in it.\n`,
    });
  });
});
