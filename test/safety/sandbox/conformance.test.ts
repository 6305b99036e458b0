/**
 * What a hostile command tries, and what must come of it. Ids as in the list of escape cases: F files, G git and
 * oagent's own folders, P privileges, N network, T terminal and processes, S secrets, R read-only, W odd folders.
 *
 * As the user who runs the tests and, if that is root, as a normal user too; with a network for each command and with
 * one for all. Nothing runs without a sandbox.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type ListenOptions, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAlive, until } from '../../tools/tool-context.ts';
import { type User, World } from './world.ts';

const isRoot = process.getuid?.() === 0;
const users: readonly User[] = isRoot
  ? [
      { name: 'root', uid: undefined },
      { name: 'a normal user', uid: 61_234 },
    ]
  : [{ name: 'this user', uid: undefined }];

const PYTHON = '/usr/bin/python3';

/** A file that is outside of what may be written: nothing of it may change. */
const UNTOUCHED = 'original\n';

/** A python program that prints OPEN where the call works, and BLOCKED where it is refused. */
function python(body: string): string {
  const lines = ['import ctypes, os, socket, sys', 'libc = ctypes.CDLL(None, use_errno=True)', 'try:'];
  const tried = body.split('\n').map((line) => `  ${line.trimEnd()}`);
  const ending = [
    '  print("OPEN")',
    'except (OSError, PermissionError) as error:',
    '  print("BLOCKED", error)',
  ];
  return `${PYTHON} - <<'PY'\n${[...lines, ...tried, ...ending].join('\n')}\nPY`;
}

function syscall(number: number | string, ...args: readonly (number | string)[]): string {
  return `if libc.syscall(${[number, ...args].join(', ')}) < 0: raise OSError(ctypes.get_errno(), "refused")`;
}

const sessions: readonly User[] = users.flatMap((user) => [
  user,
  { ...user, name: `${user.name}, in one network`, shareLoopback: true },
]);

for (const user of sessions) {
  describe(`as ${user.name}`, () => {
    const world = new World(user);
    const own = user.uid === undefined ? {} : { uid: user.uid };
    let isConfined = false;
    const servers: Server[] = [];
    let port = 0;

    beforeAll(async () => {
      const { kind, notes, loopbackProblem } = await world.run('true').catch((error) => ({
        kind: 'none',
        notes: [`this user cannot run node: ${error}`],
        loopbackProblem: undefined,
      }));
      isConfined = kind === 'bubblewrap' && loopbackProblem === undefined;
      if (!isConfined)
        console.warn(
          `\n*** NO SANDBOX HERE: the escape cases as ${user.name} are SKIPPED. ${[...notes, loopbackProblem ?? ''].join(' ')}\n`,
        );
      const listen = async (where: string | ListenOptions): Promise<Server> => {
        const server = createServer((socket) => socket.on('error', () => {}).end('host'));
        servers.push(server);
        await new Promise<void>((resolve) =>
          server.listen(typeof where === 'string' ? { path: where } : where, resolve),
        );
        return server;
      };
      port = portOf((await listen({ port: 0, host: '127.0.0.1' })).address());
      // Not every machine has IPv6.
      if (existsSync('/proc/net/if_inet6')) await listen({ port, host: '::1' });
      for (const file of [`${world.outside}/s`, `${world.tmp}/s`]) {
        await listen(file);
        chmodSync(file, 0o777);
      }
      await listen(`\0oagent-${process.pid}-${user.name}`);
    });

    afterAll(() => {
      for (const server of servers) server.close();
      world[Symbol.dispose]();
    });

    /** A case; skipped, and counted so, where nothing confines. */
    const caseOf = (name: string, body: (skip: (why: string) => never) => Promise<void>): void => {
      test(name, async ({ skip }) => {
        if (!isConfined) skip('no sandbox here');
        await body(skip);
      });
    };
    const pythonCase: typeof caseOf = (name, body) =>
      caseOf(name, async (skip) => {
        if (!existsSync(PYTHON)) skip(`${PYTHON} is missing`);
        await body(skip);
      });
    /** Runs a script that must come to its end: what it tries may fail, but it must have been tried. */
    const attempt: World['run'] = async (script, options) => {
      const result = await world.run(`${script}\necho; echo ATTEMPTED`, options);
      expect(result.output).toContain('ATTEMPTED');
      return result;
    };

    describe('files', () => {
      caseOf('F01-F03 W03: cwd, its subfolders, $TMPDIR and /tmp are writable', async () => {
        const name = `/tmp/oagent-f03-${process.pid}`;
        const result = await attempt(
          `echo 1 > new.txt; echo 2 > $TMPDIR/t; echo 3 > ${name}; mktemp >/dev/null || echo NO`,
        );
        expect([world.read('ws/new.txt'), world.read('tmp/t'), world.read(name)]).toEqual([
          '1\n',
          '2\n',
          '3\n',
        ]);
        rmSync(name);
        expect([result.code, result.warnings, result.output.includes('NO')]).toEqual([0, [], false]);
        world.shell('mkdir -p ws/sub');
        await attempt('echo 1 > here; echo 1 > ../there', { cwd: `${world.ws}/sub` });
        expect([world.has('ws/sub/here'), world.has('ws/there')]).toEqual([true, true]);
      });

      caseOf('F04-F07: nothing can be created outside', async () => {
        await attempt(`echo 1 > ../outside/x; echo 1 > ~/.x; echo 1 > /etc/oagent-x; echo 1 > link-out/x
          mkdir /oagent-x /var/tmp/oagent-x; echo 1 > /var/tmp/oagent-y`);
        const files = [
          'outside/x',
          'user/.x',
          '/etc/oagent-x',
          '/oagent-x',
          '/var/tmp/oagent-x',
          '/var/tmp/oagent-y',
        ];
        expect(files.filter((file) => world.has(file))).toEqual([]);
      });

      caseOf('F08 F09 F14 F16-F18: an outside file cannot be changed, moved or removed', async () => {
        const before = world.read('outside/f');
        const { output } = await attempt(`ln -s ../outside/f l; echo hacked > l
          ln ../outside/f hl && echo LINKED; echo hacked > hl
          exec 5<$OUT/f; echo hacked > /dev/fd/5
          chmod 777 $OUT/f && echo CHMOD; touch -d 2001-01-01 $OUT/f && echo TOUCHED
          mv $OUT/f $OUT/f2 && echo MOVED; rm -f $OUT/f && echo REMOVED
          truncate -s 0 $OUT/f && echo TRUNCATED`);
        expect([before, world.read('outside/f')]).toEqual([UNTOUCHED, UNTOUCHED]);
        expect(output).not.toMatch(/LINKED|CHMOD|TOUCHED|MOVED|REMOVED|TRUNCATED/);
      });

      caseOf(
        'F10: a hard link made before is a way out (accepted; the tools check the number of links)',
        async () => {
          await attempt('echo through > hl-before');
          expect(world.read('outside/g')).toBe('through\n');
        },
      );

      caseOf('F11-F13: no way around by /proc', async () => {
        await attempt(`echo 1 > /proc/self/root$OUT/x1; echo 1 > /proc/1/root$OUT/x2
          exec 7<$OUT; echo 1 > /proc/self/fd/7/x3`);
        expect(readdirSync(world.outside).sort()).toEqual(['f', 'g', 'leak', 's']);
      });

      caseOf('F15: a descriptor that oagent was started with does not get in', async () => {
        const { output } = await attempt('ls -l /proc/self/fd; echo hacked >&3; echo hacked >&9');
        const open = [...output.matchAll(/ (\d+) -> (.*)/g)].map(([, fd, target]) => `${fd} ${target}`);
        // A program that starts the tests may leave high ones open, which Node passes on.
        expect(open.filter((line) => /^(?:[3-9]|1\d) /.test(line) && !/\/proc\/\d+\/fd$/.test(line))).toEqual(
          [],
        );
        expect(world.read('outside/leak')).toBe(UNTOUCHED);
      });

      caseOf(
        'F19 F20: the workspace cannot be moved, nor its git configuration linked elsewhere',
        async () => {
          await attempt(`cd /; mv $WS ${'$'}{WS}2; ln $WS/.git/config $TMPDIR/c && echo hacked >> $TMPDIR/c`);
          expect([world.has('ws/a.txt'), world.has('ws2'), world.has('tmp/c')]).toEqual([true, false, false]);
        },
      );

      caseOf('F21: /dev/shm is private', async () => {
        const name = `oagent-shm-${process.pid}`;
        const { output } = await attempt(`echo 1 > /dev/shm/${name} && cat /dev/shm/${name} && echo WRITTEN`);
        expect([output.includes('WRITTEN'), world.has(`/dev/shm/${name}`)]).toEqual([true, false]);
      });
    });

    describe('git and configuration', () => {
      caseOf('G01-G05: .git is read-only and stays in its place', async () => {
        const config = world.read('ws/.git/config');
        const head = world.read('ws/.git/refs/heads/master') ?? world.read('ws/.git/refs/heads/main');
        const { output } =
          await attempt(`echo '[core] fsmonitor=x' >> .git/config; echo x > .git/hooks/pre-commit
          mv .git .git2 && echo MOVED; rm -rf .git && echo REMOVED
          echo b >> a.txt; git -c user.name=t -c user.email=t@t commit -qam two && echo COMMITTED; git checkout -q a.txt`);
        expect(output).not.toMatch(/MOVED|REMOVED|COMMITTED/);
        const after = world.read('ws/.git/refs/heads/master') ?? world.read('ws/.git/refs/heads/main');
        expect([
          world.read('ws/.git/config'),
          after,
          world.has('ws/.git/hooks/pre-commit'),
          world.has('ws/.git2'),
        ]).toEqual([config, head, false, false]);
      });

      caseOf('G06: git reads', async () => {
        const { output } = await attempt(
          'git status --short >/dev/null && git log --oneline | cat && git diff >/dev/null && echo FINE',
        );
        expect(output).toMatch(/ one\n[\s\S]*FINE/);
      });

      caseOf('G07 G08 G10 G11: missing ones cannot be created, and nothing is left behind', async () => {
        world.shell('mkdir -p bare');
        const { output, warnings } = await attempt(
          `git init -q . && echo INIT; mkdir -p .git/hooks && echo x > .git/hooks/pre-commit
          for d in .oagent .codex .agents .claude; do mkdir $d; echo x > $d/config.toml; mv $d x; rmdir $d && mkdir $d && echo SWAPPED; done; ls -A > seen`,
          { policy: { cwd: `${world.base}/bare` } },
        );
        expect([output.includes('INIT'), output.includes('SWAPPED'), warnings]).toEqual([false, false, []]);
        expect(readdirSync(`${world.base}/bare`)).toEqual(['seen']);
        expect(world.read('bare/seen')?.split('\n').sort().join(' ').trim()).toBe(
          '.agents .claude .codex .git .oagent seen',
        );
        expect(readdirSync(`${world.home}/placeholders`)).toEqual([]);
      });

      caseOf('G08: a missing one is protected in an extra root too, and what appears is told', async () => {
        world.shell('mkdir -p extra');
        const policy = { writableRoots: [`${world.base}/extra`] };
        await attempt(`mkdir -p ${world.base}/extra/.git/hooks; echo 1 > ${world.base}/extra/ok`, { policy });
        expect(readdirSync(`${world.base}/extra`)).toEqual(['ok']);
        const { warnings } = await attempt('mkdir $TMPDIR/.git; echo 1 > $TMPDIR/.git/config');
        expect(warnings.map((line) => line.split(' appeared')[0])).toEqual([`${world.tmp}/.git`]);
        world.shell('rm -r tmp/.git');
      });

      caseOf('G09: .oagent cannot be edited, removed or moved', async () => {
        await attempt('echo x >> .oagent/config.toml; rm -rf .oagent; mv .oagent x; echo 1 > .oagent/new');
        expect([world.read('ws/.oagent/config.toml'), readdirSync(`${world.ws}/.oagent`)]).toEqual([
          'key = 1\n',
          ['config.toml', 'scratch'],
        ]);
      });

      caseOf('G01 G09 G10: it is the mounts that protect', async () => {
        world.shell('mkdir -p off/.git');
        const [root, git, oagent] = [
          `${world.base}/off`,
          `${world.base}/off/.git`,
          `${world.base}/off/.oagent`,
        ] as const;
        const script = 'echo 1 > .git/config && echo GOT1; mkdir -p .oagent/x && echo GOT2';
        const policy = { cwd: root };
        expect((await attempt(script, { policy })).output).not.toMatch(/GOT/);
        const remove = [
          ['--ro-bind', git, git],
          ['--perms', '0555', '--tmpfs', oagent, '--remount-ro', oagent],
        ];
        const open = await attempt(script, { policy, remove });
        expect(open.output).toMatch(/GOT1\nGOT2/);
        // What has filled the placeholder is not removed, and told.
        expect(open.warnings.map((line) => line.split(' appeared')[0])).toEqual([oagent]);
        expect(world.has('off/.oagent/x')).toBe(true);
      });

      caseOf('G12: repositories further down', async () => {
        world.shell('git init -q ws/sub');
        const { output } = await attempt('echo evil > sub/.git/hooks/pre-commit && echo WROTE');
        expect([output.includes('WROTE'), world.has('ws/sub/.git/hooks/pre-commit')]).toEqual([false, false]);
        const mount = ['--ro-bind', `${world.ws}/sub/.git`, `${world.ws}/sub/.git`];
        const open = await attempt('echo evil > sub/.git/hooks/pre-commit && echo WROTE', {
          remove: [mount],
        });
        expect(open.output).toContain('WROTE');
        world.shell('rm -r ws/sub');
      });

      caseOf('G13: a protected name that is a link is refused', async () => {
        world.shell('mkdir -p linked real.git; ln -s ../real.git linked/.git');
        const { error, output } = await world.run('echo RAN', { policy: { cwd: `${world.base}/linked` } });
        expect([output, error]).toEqual([
          '',
          expect.stringContaining(
            `SandboxError: cannot protect ${world.base}/linked/.git: it is a symbolic link`,
          ),
        ]);
      });

      caseOf('G14: a worktree: neither its .git file nor the repository behind it', async () => {
        world.shell('git -C ws worktree add -q ../tree 2>/dev/null');
        const before = world.read('tree/.git');
        const config = world.read('ws/.git/config');
        const { output } = await attempt(
          `echo 'gitdir: /x' > .git; rm -f .git && echo REMOVED; mv .git g && echo MOVED
          echo x >> ../ws/.git/config; mv ../ws/.git ../ws/g && echo MOVED; mv ../ws ../w && echo MOVED; git log --oneline | cat`,
          { policy: { cwd: `${world.base}/tree`, writableRoots: [world.base] } },
        );
        expect([world.read('tree/.git'), world.read('ws/.git/config')]).toEqual([before, config]);
        expect(output).toContain(' one\n');
        expect(output).not.toMatch(/REMOVED|MOVED/);
        world.shell('git -C ws worktree remove --force ../tree');
      });

      caseOf('G15 G18 G19: parents of protected paths cannot be moved, all else can', async () => {
        world.shell('mkdir -p tmp/a/b/ws/.git; echo 1 > tmp/a/file');
        const cwd = `${world.tmp}/a/b/ws`;
        const script = `cd $TMPDIR; mv a a2 && mkdir -p a/b/ws/.git/hooks && echo MOVED
          mv a/b a/b2 && echo MOVED; mv a/file a/b/file && ln a/b/file a/b/ws/link && echo RENAMED; ls a/b/ws`;
        const { output } = await attempt(script, { policy: { cwd } });
        expect([output.includes('MOVED'), world.has('tmp/a/b/ws/.git'), world.has('tmp/a/b/file')]).toEqual([
          false,
          true,
          true,
        ]);
        const pins = [`${world.tmp}/a`, `${world.tmp}/a/b`].map((folder) => ['--tmpfs', folder]);
        const open = await attempt(script, { policy: { cwd }, remove: pins });
        expect(open.output).toContain('MOVED');
      });

      caseOf('G16: a root inside a protected folder is open', async () => {
        await attempt('echo 1 > .oagent/scratch/x; echo 1 > .oagent/x', {
          policy: { writableRoots: [`${world.ws}/.oagent/scratch`] },
        });
        expect([world.has('ws/.oagent/scratch/x'), world.has('ws/.oagent/x')]).toEqual([true, false]);
      });

      caseOf('G17: files of a bare repository can be made (accepted)', async () => {
        await attempt(
          'mkdir g17 && cd g17 && mkdir objects refs && echo "ref: refs/heads/main" > HEAD && echo x > config',
        );
        expect(readdirSync(`${world.ws}/g17`).sort()).toEqual(['HEAD', 'config', 'objects', 'refs']);
      });

      caseOf("oagent's own folder is never writable, also below a root or as one", async () => {
        const script = `echo x > ${world.home}/rules.toml; echo x >> ${world.home}/config.toml; mv ${world.home} ${world.home}2; mv ~ ~2`;
        await attempt(script, { policy: { writableRoots: [`${world.base}/user`, world.home] } });
        expect([
          world.read('user/.oagent/config.toml'),
          world.has('user/.oagent/rules.toml'),
          world.has('user2'),
        ]).toEqual(['model = "x"\n', false, false]);
      });
    });

    describe('privileges', () => {
      caseOf('P01-P04: no mounting, unmounting or new namespaces', async () => {
        const { output } =
          await attempt(`mount -o remount,rw,bind / && echo GOT1; umount .git && echo GOT2; umount -l .git && echo GOT3
          unshare -Urm sh -c 'umount .git; mount --bind /tmp .git' && echo GOT4; unshare -U true && echo GOT5
          mount -o remount,rw,bind .git && echo GOT6; echo x > /proc/sys/user/max_user_namespaces && echo GOT7`);
        expect(output).not.toMatch(/GOT\d/);
      });

      caseOf('P04: the filter refuses namespaces even without --disable-userns', async () => {
        const remove = [['--disable-userns']];
        expect((await attempt('unshare -U true && echo GOT', { remove })).output).not.toContain('GOT');
        const open = await attempt('unshare -U true && echo GOT', {
          remove: [...remove, ['--seccomp', '3']],
        });
        expect(open.output).toContain('GOT');
      });

      caseOf('P05 P06: no new privileges, no capabilities', async () => {
        const { output } = await attempt(
          'grep -E "^(Cap(Eff|Prm|Inh|Amb)|NoNewPrivs|Seccomp):" /proc/self/status',
        );
        const zero = '0000000000000000';
        expect(
          Object.fromEntries(
            [...output.matchAll(/^(\w+):\s+(\w+)$/gm)].map(([, name, value]) => [name, value]),
          ),
        ).toEqual({
          ...{ CapEff: zero, CapPrm: zero, CapInh: zero, CapAmb: zero },
          ...{ NoNewPrivs: '1', Seccomp: '2' },
        });
      });

      caseOf('every namespace is its own', async () => {
        const names = ['ipc', 'mnt', 'net', 'pid', 'user', 'uts'];
        const { output } = await attempt(`for n in ${names.join(' ')}; do readlink /proc/self/ns/$n; done`);
        const inside: readonly string[] = output.match(/^\w+:\[\d+\]$/gm) ?? [];
        const host = names.map((name) => readlinkSync(`/proc/self/ns/${name}`));
        expect([inside.length, host.filter((name) => inside.includes(name))]).toEqual([names.length, []]);
      });

      caseOf('P07-P09 P18: no devices, no kernel settings', async () => {
        const { output } = await attempt(`mknod b b 7 0 && echo GOT1; ls /dev
          for f in /sys/kernel/mm/ksm/run /proc/sys/kernel/core_pattern; do cat $f > same 2>/dev/null && cat same > $f && echo GOT2; done; rm -f same`);
        expect(output).not.toMatch(/GOT|^(?:sd|vd|nvme|mem$|kvm$|kmsg$)/m);
      });

      caseOf('P10 P11: processes of the host are neither seen nor ended', async () => {
        const victim = spawn('sleep', ['60'], { stdio: 'ignore', ...own });
        try {
          const kill = `kill -TERM ${victim.pid} && echo KILLED; ls -d /proc/[0-9]* | wc -l`;
          const { output } = await attempt(kill);
          expect([output.includes('KILLED'), isAlive(victim.pid ?? 0)]).toEqual([false, true]);
          expect(Number(/^\d+$/m.exec(output)?.[0])).toBeLessThan(10);
        } finally {
          victim.kill('SIGKILL');
        }
      });

      pythonCase('P12-P14: ptrace, io_uring, keyctl and others are refused, by the filter', async () => {
        const script = [
          syscall('101 if os.uname().machine == "x86_64" else 117', 0, 0, 0, 0),
          syscall('250 if os.uname().machine == "x86_64" else 219', 0, -3, 0),
          syscall(425, 1, 'ctypes.create_string_buffer(512)'),
        ].map(python);
        const closed = await attempt(script.join('\n'));
        expect(closed.output.match(/OPEN|BLOCKED \[Errno 1\]/g)).toEqual(Array(3).fill('BLOCKED [Errno 1]'));
        const open = await attempt(script.slice(0, 2).join('\n'), { remove: [['--seccomp', '3']] });
        expect(open.output.match(/OPEN|BLOCKED \[Errno 1\]/g)).toEqual(['OPEN', 'OPEN']);
      });

      pythonCase('P15 P16: other system call tables end the process or are refused', async () => {
        if (process.arch !== 'x64') return;
        // getpid by `int 0x80`, and by its x32 number.
        const code = (bytes: string): string => `import mmap
m = mmap.mmap(-1, 4096, prot=7)
m.write(bytes.fromhex("${bytes}"))
r = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()
if r < 0: raise OSError(-r, "refused")`;
        const i386 = await attempt(`${python(code('b814000000cd80c3'))}\necho rc $?`);
        expect(i386.output).toMatch(/rc 159/);
        const x32 = await attempt(python(code('b8270000400f05c3')));
        expect(x32.output).toContain('BLOCKED [Errno 1]');
        const open = await attempt(`${python(code('b814000000cd80c3'))}\necho rc $?`, {
          remove: [['--seccomp', '3']],
        });
        expect(open.output).toMatch(/OPEN|rc 139/);
      });

      caseOf('P17: a set-uid program gains nothing', async (skip) => {
        if (!isRoot) skip('only root can make one that would');
        const folder = mkdtempSync('/var/tmp/oagent-suid-');
        try {
          chmodSync(folder, 0o755);
          writeFileSync(`${folder}/id`, readFileSync('/usr/bin/id'));
          if (user.uid === undefined) chownSync(`${folder}/id`, 61_234, 61_234);
          chmodSync(`${folder}/id`, 0o4755);
          expect((await attempt(`${folder}/id -u`)).output).toMatch(new RegExp(`^${user.uid ?? 0}\n`));
        } finally {
          rmSync(folder, { recursive: true });
        }
      });

      caseOf('a library that LD_PRELOAD names is the command’s affair, not bubblewrap’s', async () => {
        const { output } = await attempt('echo "[$LD_PRELOAD]"', { env: { LD_PRELOAD: '/no/such.so' } });
        expect(output).toContain('[/no/such.so]');
        // The loader complains once for each program that starts with it.
        expect(output.match(/object '\/no\/such.so'/g)).toHaveLength(1);
      });
    });

    describe('network', () => {
      const tcp = (host: string): string =>
        python(`s = socket.create_connection(("${host}", ${port}), 1)\ns.close()`);
      const unix = (address: string): string =>
        python(`s = socket.socket(socket.AF_UNIX)\ns.connect(${address})`);

      pythonCase('N01-N09: nothing of the host or beyond is reached', async () => {
        const tries = [
          tcp('127.0.0.1'),
          python(`s = socket.create_connection(("::1", ${port}), 1)`),
          tcp('192.0.2.1'),
          unix(`"\\0oagent-${process.pid}-${user.name}"`),
          unix(`"${world.outside}/s"`),
          unix(`"${world.tmp}/s"`),
          python('socket.socket(40, socket.SOCK_STREAM)'),
          python('socket.socket(17, socket.SOCK_RAW)'),
          python('socket.socket(38, socket.SOCK_SEQPACKET)'),
        ];
        const { output } = await attempt(tries.join('\n'));
        expect(output.match(/OPEN|BLOCKED/g)).toEqual(tries.map(() => 'BLOCKED'));
      });

      pythonCase('N01 N06: it is the namespace and the filter that close them', async () => {
        const network = await attempt(tcp('127.0.0.1'), {
          remove: [[user.shareLoopback ? '--net=' : '--unshare-net']],
        });
        expect(network.output).toContain('OPEN');
        const filter = await attempt(unix(`"${world.tmp}/s"`), { remove: [['--seccomp', '3']] });
        expect(filter.output).toContain('OPEN');
      });

      caseOf('N03: datagrams do not reach the host', async () => {
        const { output } = await attempt(
          'ls /sys/class/net 2>/dev/null >/dev/null; cat /proc/net/dev | tail -n +3 | cut -d: -f1',
        );
        expect(output.replace(/ATTEMPTED/, '').trim()).toBe('lo');
      });

      pythonCase('N03: nor with the number of one that waits there', async () => {
        const received: string[] = [];
        const socket = createSocket('udp4').on('message', (bytes) => received.push(String(bytes)));
        try {
          socket.bind(0, '127.0.0.1');
          await once(socket, 'listening');
          const send = (text: string): string =>
            python(
              `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"${text}", ("127.0.0.1", ${socket.address().port}))`,
            );
          await attempt(send('confined'));
          await attempt(send('open'), { policy: { network: true } });
          await until(() => received.length > 0);
          expect(received).toEqual(['open']);
        } finally {
          socket.close();
        }
      });

      pythonCase('N10 N11: a server of its own, socket pairs', async () => {
        const { output } = await attempt(
          python(`l = socket.create_server(("127.0.0.1", 0))
c = socket.create_connection(l.getsockname(), 1)
a, b = socket.socketpair()
a.send(b"x")
b.recv(1)`),
        );
        expect(output).toContain('OPEN');
      });

      pythonCase('N11: forks of node that talk to each other, and a pool of python', async () => {
        const node = `if (process.send) process.send("from the child"); else require("node:child_process").fork("fork.cjs").on("message", (text) => console.log(text))`;
        const { output } = await attempt(
          `echo '${node}' > fork.cjs; '${process.execPath}' fork.cjs
          ${python('import multiprocessing\nwith multiprocessing.Pool(2) as pool: print("SUM", sum(pool.map(abs, [-1, -2])))')}`,
        );
        expect(output).toMatch(/from the child\n[\s\S]*SUM 3\nOPEN/);
      });

      pythonCase('N12-N14: with the network on, still no file outside and no UNIX socket', async () => {
        const { output } = await attempt(
          [tcp('127.0.0.1'), unix(`"${world.tmp}/s"`), 'echo 1 > ../outside/x'].join('\n'),
          {
            policy: { network: true },
          },
        );
        expect([output.match(/OPEN|BLOCKED/g), world.has('outside/x')]).toEqual([['OPEN', 'BLOCKED'], false]);
      });
    });

    describe('terminal and processes', () => {
      pythonCase('T01 T02: there is no terminal to type into', async () => {
        const { output } =
          await attempt(`(: < /dev/tty) && echo GOT; ps -o sid= -p $$ >/dev/null; cut -d' ' -f7 /proc/self/stat
          ${python('import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSTI, b"x")')}`);
        expect(output).not.toMatch(/GOT|OPEN/);
        expect(output).toMatch(/^0$/m);
      });

      caseOf('T03-T05: daemons end with the command, which they cannot delay', async () => {
        const mark = `60.${process.pid}1`;
        const { output, ms } = await attempt(
          `setsid nohup sleep ${mark} & (setsid sleep ${mark} &) ; sleep ${mark} & echo done`,
        );
        expect(output).toContain('done');
        expect(ms).toBeLessThan(20_000);
        await until(() => processesWith(mark).length === 0);
      });

      caseOf('T06: what ignores TERM and what left the group is ended by KILL and by terminate', async () => {
        const mark = `60.${process.pid}2`;
        // Bubblewrap starts the command before the first process of its namespace asks to die with it: that one waits afterwards.
        const bound = `until grep -q '^State:.S' /proc/1/status; do :; done`;
        const script = `trap '' TERM INT; setsid sh -c 'trap "" TERM INT; sleep ${mark}' & ${bound}; echo READY; sleep ${mark}; sleep ${mark}`;
        for (const how of [{ killOn: 'READY' }, { terminateOn: 'READY' }]) {
          const { code, ms } = await world.run(script, how);
          expect([code, ms < 30_000]).toEqual([null, true]);
          await until(() => processesWith(mark).length === 0);
        }
      });

      caseOf('T07: SIGKILL of oagent ends the command, and the next one cleans up', async () => {
        using other = new World(user);
        other.shell('rm -rf ws/.git');
        const mark = `60.${process.pid}3`;
        const lost = other.run(`sleep ${mark}`);
        lost.catch(() => {});
        await until(() => processesWith(mark).length > 0 && other.has('ws/.git'));
        process.kill(other.pid, 'SIGKILL');
        await until(() => processesWith(mark).length === 0);
        const left = ['.git', '.codex', '.claude', '.agents'].filter((name) => other.has(`ws/${name}`));
        expect(left).toEqual(['.git', '.codex', '.claude', '.agents']);
        await world.run('true', { policy: { home: other.home } });
        expect(readdirSync(other.ws).sort()).toEqual(['.oagent', 'a.txt', 'hl-before', 'link-out']);
      });
    });

    describe('secrets', () => {
      caseOf('S01: the environment of a host process cannot be read', async () => {
        const holder = spawn('sleep', ['60'], {
          stdio: 'ignore',
          env: { ...world.env, CANARY: 'bird' },
          ...own,
        });
        try {
          await until(() => readFileSync(`/proc/${holder.pid}/environ`, 'utf8').includes('bird'));
          const { output } = await attempt(
            `cat /proc/${holder.pid}/environ; cat /proc/*/environ | tr '\\0' '\\n'`,
          );
          expect([output.includes('bird'), output.includes(`WS=${world.ws}`)]).toEqual([false, true]);
        } finally {
          holder.kill('SIGKILL');
        }
      });

      caseOf('S03: other files of the user can be read (accepted)', async () => {
        expect((await attempt('cat ../outside/f')).output).toContain(UNTOUCHED);
      });

      caseOf('S04: what is private in oagent’s folder is hidden, its own outputs are not', async () => {
        const { output } = await attempt(
          `cd ${world.home}; cat auth.json sessions/log outputs/other/1 /proc/self/root${world.home}/auth.json; ls sessions
          chmod 777 sessions; cat outputs/own/1; rm -rf outputs; cat config.toml`,
          { policy: { ownOutputs: `${world.home}/outputs/own` } },
        );
        expect(output).not.toContain('secret');
        expect(output).toMatch(/mine\n[\s\S]*model = "x"/);
        const bare = await attempt(`cat ${world.home}/outputs/own/1`);
        expect(bare.output).not.toContain('mine');
      });
    });

    describe('read-only', () => {
      pythonCase('R01-R03 R06 R07: nothing is written or reached', async () => {
        const name = `/tmp/oagent-r02-${process.pid}`;
        const script = `echo 1 > r01; echo 1 > ${name}; echo 1 > ${world.tmp}/r03; echo 1 > ${world.home}/r; rm -f a.txt
          ${python(`socket.create_connection(("127.0.0.1", ${port}), 1)`)}
          ${'\n'}${python(`socket.socket(socket.AF_UNIX).connect("${world.tmp}/s")`)}`;
        const { output } = await attempt(script, { policy: { mode: 'read-only' } });
        expect(['ws/r01', name, 'tmp/r03', 'user/.oagent/r'].filter((file) => world.has(file))).toEqual([]);
        expect([output.match(/OPEN|BLOCKED/g), world.has('ws/a.txt')]).toEqual([
          ['BLOCKED', 'BLOCKED'],
          true,
        ]);
      });

      caseOf('R04 R05: reading works, and so do temporary files', async () => {
        const { output } = await attempt(
          `cat a.txt && grep -q a a.txt && git status --short >/dev/null && echo x > /dev/null && echo READ
          f=$(mktemp) && echo $f && head -c 100000 /dev/zero > $f && cat <<< "$(head -c 100000 /dev/zero | tr '\\0' x)" | wc -c`,
          { policy: { mode: 'read-only' } },
        );
        expect(output).toMatch(/READ\n\/dev\/shm\/tmp\.\w+\n100001\n/);
      });
    });

    describe('odd folders', () => {
      caseOf('W01: any name', async () => {
        const folder = `${world.base}/a b'c"d$(x)\n*[é]`;
        world.shell('mkdir "$NAME"', { NAME: folder });
        const { error } = await attempt('echo 1 > x; mkdir .git/hooks', { policy: { cwd: folder } });
        expect([error, readdirSync(folder)]).toEqual([undefined, ['x']]);
      });

      caseOf('W02: cwd is a link', async () => {
        world.shell('ln -sfn ws ws-link');
        await attempt('echo 1 > w02; echo x >> .git/config', { policy: { cwd: `${world.base}/ws-link` } });
        expect([world.has('ws/w02'), world.read('ws/.git/config')?.includes('x\n')]).toEqual([true, false]);
      });

      caseOf('a folder that is gone, a root that is the system: refused', async () => {
        const gone = await world.run('echo RAN', { cwd: `${world.base}/gone` });
        const system = await world.run('echo RAN', { policy: { cwd: '/' } });
        expect([gone.error, system.error, gone.output + system.output]).toEqual([
          `SandboxError: the folder ${world.base}/gone does not exist, so no command can run in it.`,
          'SandboxError: / cannot be writable in a sandbox. Use a project folder, or run with -s read-only.',
          '',
        ]);
      });

      caseOf('a project of somebody else', async () => {
        if (!isRoot || user.uid !== undefined) return;
        const folder = mkdtempSync('/var/tmp/oagent-theirs-');
        try {
          chmodSync(folder, 0o755);
          chownSync(folder, 61_234, 61_234);
          const { code, output } = await world.run(`mkdir .git; echo RAN $(ls -A | wc -l)`, {
            policy: { cwd: folder },
          });
          expect([code, output.includes('RAN 0'), readdirSync(folder)]).toEqual([0, true, []]);
        } finally {
          rmSync(folder, { recursive: true });
        }
      });
    });
  });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Host processes that have `mark`, a number made up for one test, among their arguments. */
function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(mark);
      } catch {
        return false;
      }
    });
}
