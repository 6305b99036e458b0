import { expect, test } from 'vitest';
import { denialNotes, looksDenied } from '../../src/safety/denial.ts';

test.each([
  [1, 'touch: cannot touch a: Read-only file system'],
  [1, 'bash: /a: Permission denied\n'],
  [1, 'Operation NOT permitted'],
  [126, 'bash: ./x: Permission denied'],
  [127, 'seccomp'],
  [2, 'blocked by the sandbox'],
  [2, 'tar: a/b: Cannot open: Function not implemented'],
  [101, 'landlock'],
  [1, 'error: failed to write file x'],
  [159, ''],
  [null, 'sandbox'],
])('denied: exit %s, %j', (exitCode, output) => {
  expect(looksDenied(exitCode, output)).toBe(true);
});

test.each([
  [0, 'Permission denied'],
  [1, 'assertion failed'],
  [2, 'usage: x'],
  [126, ''],
  [127, 'command not found'],
  [137, ''],
  [null, ''],
])('not denied: exit %s, %j', (exitCode, output) => {
  expect(looksDenied(exitCode, output)).toBe(false);
});

const permissions = {
  mode: 'workspace-write',
  approval: 'never',
  network: false,
  cwd: '/work/a',
  writableRoots: ['/work/b'],
  // oagent itself may lie there.
  excludeSlashTmp: true,
  env: {},
  home: '/home/me/.oagent',
} as const;
const WRITING =
  'The sandbox may be why: only /work/a, /work/b can be written, but no .git. Most tools have a variable for their cache; ' +
  'the user can allow a folder with --add-dir.';
const MODES = 'The sandbox may be why: no set-user-ID or set-group-ID bits can be set.';
const OPENAT2 =
  'The sandbox may be why: it has no openat2, which new versions of tar need; Python can unpack.';
const NETWORK = 'The sandbox may be why: commands have no network.';

test.each([
  [1, 'mkdir: cannot create directory /home/me/.cache: Read-only file system', [WRITING]],
  [1, 'open /home/me/.cache: read-only file system', [WRITING]],
  [243, 'npm error code EROFS', [WRITING]],
  [6, 'curl: (6) Could not resolve host: example.org', [NETWORK]],
  [1, 'getaddrinfo EAI_AGAIN registry.npmjs.org', [NETWORK]],
  [1, 'EROFS and ENOTFOUND', [WRITING, NETWORK]],
  [1, 'go: dial tcp: lookup proxy.golang.org: no such host', [NETWORK]],
  [1, "wget: unable to resolve host address 'example.org'", [NETWORK]],
  [1, 'java.net.UnknownHostException: repo.maven.apache.org', [NETWORK]],
  [101, 'dns error: failed to lookup address information', [NETWORK]],
  [100, "Temporary failure resolving 'deb.debian.org'", [NETWORK]],
  [1, 'sqlite3.OperationalError: attempt to write a readonly database', [WRITING]],
  [1, 'Could not create local repository at /root/.m2/repository', [WRITING]],
  [1, "chmod: changing permissions of 'm': Operation not permitted", [MODES]],
  [1, 'cp: preserving permissions for ‘t’: Operation not permitted', [MODES]],
  [1, "install: cannot change permissions of 'h': Operation not permitted", [MODES]],
  [2, 'tar: t: Cannot change mode to rwsr-xr-x: Operation not permitted', [MODES]],
  [128, 'fatal: Could not make /work/a/r/.git/hooks/ writable by group', [MODES]],
  [1, "Error: EPERM: operation not permitted, chmod 'out'", [MODES]],
  [2, 'tar: a/b: Cannot open: Function not implemented', [OPENAT2]],
  [1, 'Error: ENOSYS: function not implemented', [OPENAT2]],
  [1, "chmod: changing permissions of '/x': Read-only file system", [WRITING]],
  [
    1,
    'cannot open a: Operation not permitted\ncannot change mode of b: Operation not permitted',
    [MODES, WRITING],
  ],
  [0, 'Read-only file system', []],
  [1, 'AssertionError', []],
  [1, 'cat: a: Permission denied', []],
])('what the model is told after %s, %j', (exitCode, output, notes) => {
  expect(denialNotes({ exitCode, output, command: 'x' }, permissions)).toEqual(notes);
});

const EROFS = { exitCode: 1, output: 'EROFS', command: 'x' };

test.each([
  ['npm ci 2>&1 | tail -3', 'npm error code EROFS', [WRITING]],
  ['go build ./... || true', 'open /home/me/.cache: error: read-only file system', [WRITING]],
  ['rg -n EROFS | head', 'src/a.ts:12:  throw new Error("EROFS");', []],
  ['cat a; cat b', 'a file about the read-only file system', []],
  ['npm ci', 'npm warn EROFS error', []],
])('a failure that the command hides: %s', (command, output, notes) => {
  expect(denialNotes({ exitCode: 0, output, command }, permissions)).toEqual(notes);
});

test('a read-only session and one with a network are told so', () => {
  expect(denialNotes(EROFS, { ...permissions, mode: 'read-only' })).toEqual([
    WRITING.replace(/only .*git/, 'nothing can be written'),
  ]);
  expect(denialNotes({ ...EROFS, output: 'ENOTFOUND' }, { ...permissions, network: true })).toEqual([]);
});
