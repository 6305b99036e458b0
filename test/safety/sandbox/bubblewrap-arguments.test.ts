import { describe, expect, test } from 'vitest';
import { type BubblewrapRun, bubblewrapArguments } from '../../../src/safety/sandbox/bubblewrap-arguments.ts';
import type { MountFacts } from '../../../src/safety/sandbox/mounts.ts';

const nothing: MountFacts = {
  roots: [],
  protectedPaths: [],
  missingPaths: [],
  watchedPaths: [],
  hidden: [],
  hasWritableTmp: false,
};

const run: BubblewrapRun = {
  cwd: '/ws',
  argv: ['bash', '-c', 'echo $X'],
  newNetwork: true,
  pty: false,
  variables: [],
  features: { disableUserns: true, ownProc: true },
};

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

const FULL = `--die-with-parent --new-session --unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-net
  --disable-userns --cap-drop ALL --ro-bind / / --dev /dev --proc /proc --ro-bind /proc/sys /proc/sys`;

/** What stands between the common head and `--chdir`. */
function mountsOf(facts: Partial<MountFacts>): string {
  const args = bubblewrapArguments({ ...nothing, hasWritableTmp: true, ...facts }, run);
  return args.slice(words(FULL).length, args.indexOf('--chdir')).join(' ');
}

describe('bubblewrapArguments', () => {
  test('read-only', () => {
    expect(bubblewrapArguments(nothing, run)).toEqual([
      ...words(FULL),
      ...words('--setenv TMPDIR /dev/shm --chdir /ws --seccomp 3 -- bash -c'),
      'echo $X',
    ]);
  });

  test('workspace-write', () => {
    const facts: MountFacts = {
      roots: ['/tmp', '/home/me/ws'],
      protectedPaths: ['/home/me/ws/.git'],
      missingPaths: ['/home/me/ws/.agents', '/home/me/ws/.codex', '/home/me/ws/.oagent'],
      watchedPaths: ['/tmp/.git'],
      hidden: [{ path: '/home/me/.oagent/auth.json', kind: 'file', except: [] }],
      hasWritableTmp: true,
    };
    expect(bubblewrapArguments(facts, run)).toEqual([
      ...words(`${FULL}
        --bind /tmp /tmp --bind /home/me/ws /home/me/ws --ro-bind /home/me/ws/.git /home/me/ws/.git
        --perms 0555 --tmpfs /home/me/ws/.agents --remount-ro /home/me/ws/.agents
        --perms 0555 --tmpfs /home/me/ws/.codex --remount-ro /home/me/ws/.codex
        --perms 0555 --tmpfs /home/me/ws/.oagent --remount-ro /home/me/ws/.oagent
        --ro-bind /dev/null /home/me/.oagent/auth.json
        --chdir /ws --seccomp 3 -- bash -c`),
      'echo $X',
    ]);
  });

  test('with a terminal, the network, without what the system refuses', () => {
    const weaker: BubblewrapRun = {
      ...run,
      pty: true,
      newNetwork: false,
      variables: [['LD_PRELOAD', 'a b']],
      features: { disableUserns: false, ownProc: false },
    };
    expect(bubblewrapArguments({ ...nothing, hasWritableTmp: true }, weaker)).toEqual([
      ...words('--die-with-parent --unshare-user --unshare-pid --unshare-ipc --unshare-uts'),
      ...words('--cap-drop ALL --ro-bind / / --dev /dev --setenv LD_PRELOAD'),
      'a b',
      ...words('--chdir /ws --seccomp 3 -- bash -c'),
      'echo $X',
    ]);
  });

  test('pins every folder between a root and what is mounted below it, before the roots', () => {
    expect(mountsOf({ roots: ['/t', '/t/a/b/ws'], protectedPaths: ['/t/a/b/ws/.git', '/t/c/d/.git'] })).toBe(
      '--tmpfs /t/c/d --tmpfs /t/a/b --tmpfs /t/c --tmpfs /t/a ' +
        '--bind /t /t --ro-bind /t/c/d/.git /t/c/d/.git --bind /t/a/b/ws /t/a/b/ws ' +
        '--ro-bind /t/a/b/ws/.git /t/a/b/ws/.git',
    );
  });

  test('opens a root inside a protected folder again, and protects inside of it', () => {
    const facts = {
      roots: ['/ws', '/ws/.oagent', '/ws/.git/x'],
      protectedPaths: ['/ws/.git', '/ws/.oagent'],
      missingPaths: ['/ws/.git/x/.git'],
    };
    expect(mountsOf(facts)).toBe(
      '--bind /ws /ws --ro-bind /ws/.git /ws/.git --ro-bind /ws/.oagent /ws/.oagent --bind /ws/.oagent /ws/.oagent ' +
        '--bind /ws/.git/x /ws/.git/x --perms 0555 --tmpfs /ws/.git/x/.git --remount-ro /ws/.git/x/.git',
    );
  });

  test('hides folders, but for what stays readable', () => {
    const hidden = [
      { path: '/h/sessions', kind: 'folder', except: [] },
      { path: '/h/outputs', kind: 'folder', except: ['/h/outputs/own'] },
    ] as const;
    expect(mountsOf({ hidden })).toBe(
      '--perms 0000 --tmpfs /h/sessions --remount-ro /h/sessions ' +
        '--perms 0555 --tmpfs /h/outputs --ro-bind /h/outputs/own /h/outputs/own --remount-ro /h/outputs',
    );
  });
});
