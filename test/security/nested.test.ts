/**
 * Repositories below the workspace: what a hostile command tries with those of the user, and what it may do with its own. As the user who
 * runs the tests and, if that is root, as a normal user too.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Permissions } from '../../src/safety/permissions.ts';
import { createPolicy } from '../../src/safety/policy.ts';
import { createSandbox } from '../../src/safety/sandbox/probe.ts';
import type { Sandbox } from '../../src/safety/sandbox/sandbox.ts';
import { SessionGuard } from '../../src/safety/session-guard.ts';
import { startGroup } from '../../src/system/process-group.ts';
import { type User, World } from '../safety/sandbox/world.ts';

const users: readonly User[] =
  process.getuid?.() === 0
    ? [
        { name: 'root', uid: undefined },
        { name: 'a normal user', uid: 61_234 },
      ]
    : [{ name: 'this user', uid: undefined }];

const COMMIT = 'git -c user.name=t -c user.email=t@example.org commit -qm one --allow-empty';

for (const user of users) {
  describe(`as ${user.name}`, () => {
    let world: World;
    let isConfined = false;

    beforeEach(async () => {
      // One sandbox for all commands of a policy: a session.
      world = new World({ ...user, shareLoopback: true });
      isConfined = (await world.run('true', laterSession())).kind === 'bubblewrap';
    });
    afterEach(() => world[Symbol.dispose]());

    let sessions = 0;
    /** A policy that differs from all before: a new sandbox. */
    const laterSession = () => {
      sessions += 1;
      return { policy: { writableRoots: [path.join(world.base, `no-such-${sessions}`)] } };
    };
    const caseOf = (name: string, body: () => Promise<void>): void => {
      test(name, async ({ skip }) => {
        if (!isConfined) skip('no sandbox here');
        await body();
      });
    };
    /** A script that comes to its end, whatever fails in it. */
    const attempt: World['run'] = async (script, options) => {
      const result = await world.run(`${script}\necho; echo ATTEMPTED`, options);
      expect(result.output).toContain('ATTEMPTED');
      return result;
    };
    /** The look at what a command has left behind comes right after its answer, before the next request. */
    const untilSeen = async () => void (await world.run('true', { policy: { mode: 'read-only' } }));
    const state = (folder: string): string => {
      world.shell(
        `cd ${folder} && find . -printf '%y %p %l\\n' | sort > ${world.base}/state && find . -type f -exec cat {} + >> ${world.base}/state`,
      );
      return world.read('state') ?? '';
    };

    const PLACES = [
      'sub',
      'a/b/c/d/e/f',
      'node_modules/@scope/package',
      'with space',
      'quote \' and " $(touch x)',
      'new\nline',
      'ünïcode 🂀',
      '-dash',
    ];
    for (const place of PLACES) {
      caseOf(`nothing in ${JSON.stringify(place)} can be written, replaced or moved away`, async () => {
        world.shell('mkdir -p "$P" && git init -q "$P" && echo "#!/bin/sh" > "$P/.git/hooks/mine"', {
          P: `${world.ws}/${place}`,
        });
        const before = state('ws');
        const env = { P: `${world.ws}/${place}`, TOP: `${world.ws}/${place.split('/')[0]}` };
        const { output } = await attempt(
          `echo evil > "$P/.git/hooks/pre-commit"; echo evil >> "$P/.git/config"; echo evil > "$P/.git/new"
           rm -rf "$P/.git"; mv "$P/.git" "$P/other"; rmdir "$P/.git"; ln -sfn /tmp "$P/.git"
           D="$P"; while [ "$D" != "$WS" ]; do mv "$D" "$WS/away"; D=$(dirname "$D"); done; mv "$TOP" "$TMPDIR/away"; chmod 777 "$P/.git/config"
           git -C "$P" config core.fsmonitor evil
           ${PYTHON_EXCHANGE}`,
          { env },
        );
        expect(state('ws')).toBe(before);
        expect(output).toContain('EXCHANGE REFUSED');
        await attempt('echo fine > "$P/file" && mkdir "$P/folder" && mv "$P/file" "$P/folder/"', { env });
        expect(world.read(path.join('ws', place, 'folder/file'))).toBe('fine\n');
      });
    }

    caseOf('names that are not UTF-8', async () => {
      world.shell(`cd ws && d=$'\\xff\\xfe caf\\xe9/s\\x80b' && mkdir -p "$d" && git init -q "$d"`);
      const before = state('ws');
      await attempt(`for d in */*/; do echo evil > "$d/.git/config"; rm -rf "$d/.git"; mv "$d/.git" "$d/x"; done
        for d in */; do mv "$d" away; done`);
      expect(state('ws')).toBe(before);
      await attempt('for d in */*/; do echo fine > "$d/fine"; done; cat */*/fine');
      expect(state('ws')).toContain('fine');
    });

    caseOf('worktrees, submodules, separate and bare repositories', async () => {
      world.shell(`cd ws && git init -q main && (cd main && ${COMMIT} && git worktree add -q ../tree)
        git init -q --separate-git-dir=store/apart apart
        git init -q --bare lib/project.git; git init -q --bare plain
        git -c protocol.file.allow=always submodule --quiet add "$WS/main" module`);
      const before = state('ws');
      await attempt(`for d in main tree apart module; do
          echo 'gitdir: /tmp/evil' > $d/.git; rm -rf $d/.git; mv $d/.git $d/x; mv $d away; done
        for d in .git main/.git .git/modules/module store/apart lib/project.git plain main/.git/worktrees/tree; do
          echo evil >> $d/config; echo evil > $d/hooks/post-update; echo evil > $d/commondir; echo evil > $d/HEAD; mv $d away
          mkdir $d/evil; rm -rf $d; done
        mv lib away; mv store away; rm -rf away`);
      expect(state('ws')).toBe(before);
    });

    caseOf('a folder that cannot be listed does not hide one', async () => {
      world.shell('cd ws && git init -q closed/sub && chmod 0 closed');
      await attempt('chmod 700 closed; echo evil > closed/sub/.git/config; mv closed away');
      world.shell('chmod 700 ws/closed');
      expect(world.read('ws/closed/sub/.git/config')).not.toContain('evil');
    });

    caseOf('a link of that name: what it leads to is protected, and its replacement is said', async () => {
      world.shell(
        'cd ws && git init -q store && mv store/.git store/sub.git && mkdir sub && ln -s ../store/sub.git sub/.git',
      );
      const { warnings } = await attempt('echo evil > sub/.git/config; echo evil > store/sub.git/HEAD');
      expect(warnings).toEqual([]);
      expect(
        world.read('ws/store/sub.git/config') + String(world.read('ws/store/sub.git/HEAD')),
      ).not.toContain('evil');
      const replaced = await attempt('rm sub/.git; git init -q sub');
      expect(replaced.warnings).toEqual([
        `${world.ws}/sub/.git was a link and has changed while the command ran; git would obey it. Inspect it.`,
      ]);
    });

    caseOf('one that appears between two commands, also where a command had put another', async () => {
      await attempt('mkdir sub; git init -q other; touch -d 2001-01-01 . sub');
      await untilSeen();
      world.shell(
        'cd ws && git init -q sub && git init -q deep/er && rm -rf other/.git && git init -q other',
      );
      const before = state('ws');
      await attempt(
        'for d in sub deep/er other; do echo evil > $d/.git/config; mv $d/.git $d/x; done; mv deep away; touch -d 2001-01-01 .',
      );
      expect(state('ws')).toBe(before);
      await attempt(
        'for d in sub deep/er other; do echo evil > $d/.git/config; mv $d/.git $d/x; done; mv deep away',
      );
      expect(state('ws')).toBe(before);
    });

    caseOf("a command's own works until the session ends; a later session protects it", async () => {
      const session = laterSession();
      const first = await attempt(
        `git init -q own && cd own && ${COMMIT} && git clone -q . ../clone`,
        session,
      );
      expect(first.warnings).toEqual([]);
      const second = await attempt(
        `cd own && ${COMMIT} && git config a.b c && cd ../clone && ${COMMIT} && cd .. && mv own renamed && echo DONE`,
        session,
      );
      expect(second.output).toContain('DONE');
      const third = await attempt(
        `cd renamed && ${COMMIT} && rm -rf .git && git init -q . && ${COMMIT} && echo DONE`,
        session,
      );
      expect(third.output).toContain('DONE');
      const before = state('ws');
      await attempt(
        'for d in renamed clone; do echo evil > $d/.git/hooks/pre-commit; mv $d away; done',
        laterSession(),
      );
      expect(state('ws')).toBe(before);
    });

    caseOf(
      "the user's stay protected in a session in which a command made its own, and when the user moves them",
      async () => {
        world.shell('cd ws && git init -q sub');
        const session = laterSession();
        await attempt('git init -q own', session);
        await attempt('echo evil > sub/.git/config; mv sub away; cp -r sub/.git own/sub', session);
        await untilSeen();
        world.shell('cd ws && mkdir -p new && mv sub new/sub');
        await attempt('echo evil > new/sub/.git/config; mv new away', session);
        expect(world.read('ws/new/sub/.git/config')).not.toContain('evil');
      },
    );

    caseOf('what the user does later, deep in folders that have been searched before', async () => {
      world.shell('cd ws && mkdir -p deep/er closed/x gone/x && git init -q closed/x');
      const session = laterSession();
      for (const _ of 'twice') await attempt('true', session);
      await untilSeen();
      world.shell(
        `cd ws && git init -q deep/er/new && chmod 0 closed && rm -r gone && mkdir -p gone/x && git init -q gone/x
        mkdir -p "$B/far/er" && git init -q "$B/far/er" && mv "$B/far" moved-in`,
        { B: world.base },
      );
      const states = () => ['ws/deep', 'ws/gone', 'ws/moved-in'].map(state);
      const before = states();
      await attempt(
        'chmod 755 closed; for d in deep/er/new closed/x gone/x moved-in/er; do echo evil > $d/.git/config; rm -rf $d/.git; mv $d away; done',
        session,
      );
      expect(states()).toEqual(before);
      world.shell(
        'cd ws && chmod 755 closed && test -f closed/x/.git/HEAD && ! grep evil closed/x/.git/config',
      );
    });

    caseOf('what a `.git` file names in a folder for temporary files', async () => {
      world.shell(`git init -q tmp/main && git -C tmp/main -c user.name=t -c user.email=t@example.org commit -qm one --allow-empty
        git -C tmp/main worktree add -q ../../ws/tree && git init -q --separate-git-dir tmp/apart ws/sub
        mkdir -p ws/gone/deep && echo 'gitdir: ../../../tmp/cleaned/up/.git' > ws/gone/deep/.git
        mkdir ws/common && git init -q ws/common && echo ../../../tmp/apart > ws/common/.git/commondir`);
      const before = ['ws', 'tmp'].map(state);
      const session = laterSession();
      for (const _ of 'twice') {
        const { warnings } = await attempt(
          `cd $TMPDIR; for d in main/.git main/.git/worktrees/tree apart cleaned/up/.git; do
             mkdir -p $d/hooks; echo evil > $d/config; echo evil > $d/hooks/pre-commit; mv $d away; rm -rf $d; done
           mv main apart cleaned away; git init -q cleaned/up; ln -s main cleaned; rm -rf away`,
          session,
        );
        expect(warnings).toEqual([]);
        expect(['ws', 'tmp'].map(state)).toEqual(before);
      }
      // It is named later, in place.
      world.shell('git init -q tmp/other && echo "gitdir: ../../../tmp/other/.git" > ws/gone/deep/.git');
      await attempt('echo evil > $TMPDIR/other/.git/config', session);
      expect(world.read('tmp/other/.git/config')).not.toContain('evil');
    });

    caseOf("no flood of a command's own pushes out those of the user", async () => {
      world.shell('cd ws && mkdir -p a/b/c/user && git init -q a/b/c/user');
      await attempt('mkdir -p r{1..220}/.git', laterSession());
      const before = state('ws/a');
      const { warnings } = await attempt('echo evil > a/b/c/user/.git/config; mv a away', laterSession());
      expect(state('ws/a')).toBe(before);
      expect(warnings).toEqual([expect.stringContaining('there are 21 more repositories')]);
    });

    caseOf('other writable folders are searched too, those for temporary files are not', async () => {
      world.shell('mkdir extra && git init -q extra/sub && git init -q tmp/sub');
      await attempt('echo evil > ../extra/sub/.git/config; echo mine > $TMPDIR/sub/.git/config', {
        policy: { writableRoots: [`${world.base}/extra`] },
      });
      expect(world.read('extra/sub/.git/config')).not.toContain('evil');
      expect(world.read('tmp/sub/.git/config')).toBe('mine\n');
    });

    caseOf('more than can be protected is said once', async () => {
      world.shell(
        'cd ws && git init -q --template= one && for i in $(seq 205); do mkdir r$i && cp -r one/.git r$i/; done',
      );
      const session = laterSession();
      const { warnings, output } = await attempt('echo evil > one/.git/config', session);
      expect(output).toContain('ATTEMPTED');
      expect(warnings).toEqual([
        'there are 6 more repositories in the workspace than can be protected; commands can write the .git of some. Start oagent in a smaller folder.',
      ]);
      expect((await attempt('true', session)).warnings).toEqual([]);
    });
  });
}

/** Exchanges the folder with another one in one step. */
const PYTHON_EXCHANGE = `mkdir -p "$TMPDIR/e/.git" "$WS/.x/.git"
           /usr/bin/python3 - "$P/.git" "$WS/.x/.git" "$TOP" "$WS/.x" <<'PY'
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
pairs = zip(sys.argv[1::2], sys.argv[2::2])
done = [libc.renameat2(-100, os.fsencode(a), -100, os.fsencode(b), 2) == 0 for a, b in pairs]
print('EXCHANGE DONE' if any(done) else 'EXCHANGE REFUSED')
PY
           rm -rf "$WS/.x"`;

describe('a rule for git', () => {
  let base = '';
  let box: Sandbox;
  const sub = (...names: string[]): string => path.join(base, 'ws/sub', ...names);
  const permissions = (): Permissions => ({
    ...{
      mode: 'workspace-write',
      approval: 'never',
      cwd: path.join(base, 'ws'),
      writableRoots: [],
      network: false,
    },
    ...{ home: path.join(base, 'home'), env: { PATH: '/usr/local/bin:/usr/bin:/bin' } },
  });
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: sub(), stdio: 'pipe', encoding: 'utf8' });
  const identity = ['user.name', 'user.email'] as const;

  beforeEach(async () => {
    base = realpathSync(mkdtempSync('/var/tmp/oagent-nested-'));
    mkdirSync(sub('folder'), { recursive: true });
    mkdirSync(path.join(base, 'home'));
    git('init', '-q');
    for (const name of identity) git('config', name, 't@example.org');
    box = await createSandbox(permissions());
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  /** The exit code of the command in the sandbox; 'outside' if it would leave that. */
  const run = async (
    command: string,
    rules: readonly (readonly string[])[] = [['git', 'commit']],
    cwd = sub(),
  ) => {
    const text = rules.map((words) => `[[rule]]\nprefix = ${JSON.stringify(words)}\ndecision = "allow"\n`);
    writeFileSync(path.join(base, 'home/rules.toml'), text.join(''));
    const guard = new SessionGuard({ permissions: permissions(), sandbox: async () => box, warn: () => {} });
    const permit = await guard.command({ command, cwd }, async () => ({ type: 'no' }));
    if (!permit.allowed) return 'refused';
    if (permit.prepare === undefined) return 'outside';
    const prepared = await permit.prepare(['/bin/bash', '-c', command], cwd, permissions().env);
    const group = await startGroup(prepared.file, prepared.args, {
      ...{ cwd: '/', env: prepared.env, extraFds: prepared.extraFds },
    });
    group.stdout.resume();
    group.stderr.resume();
    const { code } = await group.exited;
    await prepared.finish();
    return code;
  };
  const commits = () => git('rev-list', '--count', '--all').trim();

  test('lets `git commit` write the repository that it is called in, and stays in the sandbox', async ({
    skip,
  }) => {
    if (box.kind !== 'bubblewrap') skip('no sandbox here');
    expect(await run('git commit -q --allow-empty -m one')).toBe(0);
    expect(await run('git commit -q --allow-empty -m two', undefined, sub('folder'))).toBe(0);
    expect(commits()).toBe('2');
    expect(await run('git commit -q --allow-empty -m three', [])).not.toBe(0);
    expect(commits()).toBe('2');
    // The next command cannot.
    expect(await run('echo evil > .git/config')).not.toBe(0);
    expect(readFileSync(sub('.git/config'), 'utf8')).not.toContain('evil');
  });

  test('opens nothing for anything that could run another program', async ({ skip }) => {
    if (box.kind !== 'bubblewrap') skip('no sandbox here');
    const evil = 'echo evil >> .git/config';
    const rules = [['git'], ['bash'], ['make']];
    for (const command of [
      `git commit --allow-empty -m a; ${evil}`,
      `bash -c '${evil}'`,
      `git -c core.fsmonitor='${evil};' commit --allow-empty -m a`,
      `git -c alias.x='!${evil}' x`,
      `git commit --allow-empty -m "$(${evil})"`,
      `git rebase -x '${evil}' --root`,
      'git config a.evil b',
      `GIT_EDITOR='${evil};' git commit --allow-empty`,
    ]) {
      await run(command, rules);
      expect([command, readFileSync(sub('.git/config'), 'utf8')]).not.toEqual([
        command,
        expect.stringContaining('evil'),
      ]);
    }
    writeFileSync(sub('.git/hooks/pre-commit'), `#!/bin/sh\n${evil}\n`, { mode: 0o755 });
    expect(await run('git commit -q --allow-empty -m one')).not.toBe(0);
    rmSync(sub('.git/hooks/pre-commit'));
    git('config', 'core.hooksPath', '../hooks');
    expect(await run('git commit -q --allow-empty -m one')).not.toBe(0);
    git('config', '--unset', 'core.hooksPath');
    git('config', 'core.fsmonitor', evil);
    expect(await run('git commit -q --allow-empty -m one')).not.toBe(0);
    git('config', '--unset', 'core.fsmonitor');
    expect(await run('git commit -q --allow-empty -m one')).toBe(0);
  });
});

describe('patches', () => {
  let base = '';
  beforeEach(() => {
    base = realpathSync(mkdtempSync('/var/tmp/oagent-nested-'));
    chmodSync(base, 0o700);
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  test('into a nested repository are refused, whatever its name is', () => {
    const folders = [
      'sub/.git/hooks',
      'lib/project.git/hooks',
      'lib/project.git/objects',
      'lib/project.git/refs',
      'lib/project.git/main',
      'lib/project.git/main',
      'lib/objects',
      'lib/tree/x',
    ];
    for (const folder of folders) mkdirSync(path.join(base, folder), { recursive: true });
    writeFileSync(path.join(base, 'lib/project.git/HEAD'), 'ref: refs/heads/main\n');
    const { checkWrite } = createPolicy({
      ...{
        mode: 'workspace-write',
        approval: 'never',
        cwd: base,
        writableRoots: [path.join(base, 'lib/project.git/main')],
        network: false,
      },
      ...{ home: '/nonexistent/.oagent', env: {} },
    });
    const isAllowed = (file: string) => checkWrite([path.join(base, file)]).allowed;
    const refused = [
      'sub/.git',
      'sub/.git/hooks/pre-commit',
      'lib/project.git/config',
      'lib/project.git/HEAD',
      'lib/project.git/hooks/post-update',
      'lib/project.git/new/folder/file',
      'lib/project.git/main/.git',
    ];
    expect(refused.filter(isAllowed)).toEqual([]);
    const allowed = [
      'sub/file',
      'lib/HEAD',
      'lib/objects/a',
      'lib/project.git/main/file',
      'lib/project.git/main/new/file',
    ];
    expect(allowed.filter((file) => !isAllowed(file))).toEqual([]);
  });
});
