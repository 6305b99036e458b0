/**
 * No file with a set-user-ID or set-group-ID bit, nor with a capability, comes out of the sandbox: another user of the
 * machine would run it with the rights of the one who runs oagent. By the very system calls, since libc checks first.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type User, World } from '../safety/sandbox/world.ts';

const PYTHON = '/usr/bin/python3';
const WITHOUT_FILTER = { remove: [['--seccomp', '3']] };
const isRoot = process.getuid?.() === 0;
const users: readonly User[] = isRoot
  ? [
      { name: 'root', uid: undefined },
      { name: 'a normal user', uid: 1001 },
    ]
  : [{ name: 'this user', uid: undefined }];

/** Tries each way with each mode; prints what each came to: `fine`, or the number of the error. */
const ATTACK = `
import ctypes, json, os, stat, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
arm = os.uname().machine == "aarch64"
results = {}
os.umask(0)

def call(number, *args):
    # Whole registers: a variadic int would leave the upper half to chance.
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    return -ctypes.get_errno() if libc.syscall(ctypes.c_long(number), *words) < 0 else 0

def opened(number, *args):
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    fd = libc.syscall(ctypes.c_long(number), *words)
    return fd if fd >= 0 else -ctypes.get_errno()

def ready(name):
    with open(name, "w"): pass
    os.chmod(name, 0o755)
    return name.encode()

AT = -100
CREATE = os.O_CREAT | os.O_WRONLY
def with_fd(name, act):
    ready(name)
    fd = os.open(name, os.O_RDWR)
    try: return act(fd)
    finally: os.close(fd)

def temporary(number, mode, name):
    fd = opened(number, AT, b".", os.O_TMPFILE | os.O_RDWR, mode)
    if fd < 0: return fd
    return call(37 if arm else 265, AT, b"/proc/self/fd/%d" % fd, AT, name.encode(), 0x400)

def how(mode, name):
    return ctypes.create_string_buffer(struct.pack("QQQ", CREATE, mode, 0), 24)

both = {
  "fchmod": lambda n, m: with_fd(n, lambda fd: call(52 if arm else 91, fd, m)),
  "fchmodat": lambda n, m: call(53 if arm else 268, AT, ready(n), m),
  "fchmodat2": lambda n, m: call(452, AT, ready(n), m, 0),
  "fchmodat2 of a descriptor": lambda n, m: with_fd(n, lambda fd: call(452, fd, b"", m, 0x1000)),
  "openat": lambda n, m: min(0, opened(56 if arm else 257, AT, n.encode(), CREATE, m)),
  "openat, temporary": lambda n, m: temporary(56 if arm else 257, m, n),
  "openat2": lambda n, m: min(0, opened(437, AT, n.encode(), how(m, n), 24)),
  "mknodat": lambda n, m: call(33 if arm else 259, AT, n.encode(), stat.S_IFREG | m, 0),
}
intel = {
  "chmod": lambda n, m: call(90, ready(n), m),
  "open": lambda n, m: min(0, opened(2, n.encode(), CREATE, m)),
  "creat": lambda n, m: min(0, opened(85, n.encode(), m)),
  "mknod": lambda n, m: call(133, n.encode(), stat.S_IFREG | m, 0),
}
for name, way in {**both, **({} if arm else intel)}.items():
    found = {way("made-%s-%o" % (name.replace(" ", "-"), mode), mode) for mode in (0o4755, 0o2755, 0o6755, 0o2644, 0o7777)}
    results[name] = sorted(found)
print("RESULTS" + json.dumps(results))
`;

/** What every way with its bits came to. */
type Results = Readonly<Record<string, readonly number[]>>;

const EPERM = [-1];
const ENOSYS = [-38];
const DONE = [0];
const INTEL = process.arch === 'x64' ? ['chmod', 'open', 'creat', 'mknod'] : [];
const WAYS = ['fchmod', 'fchmodat', 'openat', 'openat, temporary', 'mknodat', ...INTEL];
/** Kernels before 6.6 have no fchmodat2. */
const NEWER = ['fchmodat2', 'fchmodat2 of a descriptor'];

describe.each(users)('as $name', (user) => {
  const world = new World(user);
  let isConfined = false;

  beforeAll(async () => {
    isConfined = existsSync(PYTHON) && (await world.run('true')).kind === 'bubblewrap';
    if (!isConfined)
      console.warn(`\n*** NO SANDBOX OR NO PYTHON HERE: set-user-ID as ${user.name} is SKIPPED.\n`);
  });
  afterAll(() => world[Symbol.dispose]());

  const caseOf = (name: string, body: () => Promise<void>): void => {
    test(name, async ({ skip }) => {
      if (!isConfined) skip('no sandbox or no python here');
      await body();
    });
  };
  const attack = async (folder: string, options = {}): Promise<Results> => {
    world.shell(`mkdir -p ws/${folder}`);
    const script = `cd ${folder} && ${PYTHON} - <<'PY'\n${ATTACK}PY`;
    const { output } = await world.run(script, options);
    expect(output).toContain('RESULTS');
    return JSON.parse(/RESULTS(.*)/.exec(output)?.[1] ?? '');
  };
  /** What below the workspace has such a bit, as the host sees it. */
  const raised = (folder: string): string[] =>
    readdirSync(path.join(world.ws, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => (statSync(path.join(world.ws, folder, file)).mode & 0o6000) !== 0)
      .sort();
  const expected = (list: readonly string[], value: readonly number[]): Results =>
    Object.fromEntries(list.map((name) => [name, value]));

  caseOf('no system call sets the bits', async () => {
    const results = await attack('closed');
    expect(results).toEqual({ ...expected([...WAYS, ...NEWER], EPERM), openat2: ENOSYS });
    expect(raised('closed')).toEqual([]);
  });

  caseOf('without the filter each of them does', async () => {
    const results = await attack('open', WITHOUT_FILTER);
    expect(results).toMatchObject({ ...expected(WAYS, DONE), openat2: DONE });
    expect(raised('open').length).toBeGreaterThan(WAYS.length * 4);
    rmSync(path.join(world.ws, 'open'), { recursive: true });
  });

  caseOf('a mode that nobody reads is no reason to refuse', async () => {
    const lines = [
      'import os, stat',
      'os.close(os.open("a.txt", os.O_RDONLY, 0o6755))',
      'os.umask(0)',
      'os.close(os.open("sticky", os.O_CREAT | os.O_WRONLY, 0o1777))',
      'os.mkdir("folder", 0o7777)',
      'print("RESULTS", [oct(os.stat(f).st_mode) for f in ("a.txt", "sticky", "folder")])',
    ];
    const { output } = await world.run(`${PYTHON} - <<'PY'\n${lines.join('\n')}\nPY`);
    expect(output).toContain("RESULTS ['0o100644', '0o101777', '0o41777']");
  });

  caseOf('nor do the other tables of system calls, or a ring', async () => {
    if (process.arch !== 'x64') return;
    world.shell('mkdir -p ws/tables; touch ws/tables/f');
    // fchmod(3, 06755) by `int 0x80`; rbx belongs to the caller.
    const code = '53b85e000000bb03000000b9ed0d0000cd805bc3';
    const i386 = `import ctypes, mmap, os
os.dup2(os.open("f", os.O_RDWR), 3)
m = mmap.mmap(-1, 4096, prot=7)
m.write(bytes.fromhex("${code}"))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()`;
    const other = `import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(*args): return -ctypes.get_errno() if libc.syscall(*args) < 0 else 0
print("RESULTS", [call(ctypes.c_long(0x40000000 + 90), b"f", 0o6755), call(425, 1, ctypes.create_string_buffer(512))])`;
    const { output } = await world.run(
      `cd tables; ${PYTHON} - <<'PY'\n${i386}\nPY\necho rc $?; ${PYTHON} - <<'PY'\n${other}\nPY`,
    );
    expect(output).toMatch(/rc 159\nRESULTS \[-1, -1\]/);
    expect(raised('tables')).toEqual([]);
  });

  caseOf('a capability cannot be given to a file', async () => {
    const lines = [
      'import os, struct',
      'open("capable", "w").close()',
      'v2 = struct.pack("<5I", 0x02000001, 0xffffffff, 0xffffffff, 0, 0)',
      'v3 = struct.pack("<6I", 0x03000001, 0xffffffff, 0xffffffff, 0, 0, 0)',
      'for value in (v2, v3):',
      '  try: os.setxattr("capable", "security.capability", value); print("GOT")',
      '  except OSError as error: print("BLOCKED", error.errno)',
    ];
    for (const options of [{}, WITHOUT_FILTER]) {
      const { output } = await world.run(`${PYTHON} - <<'PY'\n${lines.join('\n')}\nPY`, options);
      expect(output.match(/GOT|BLOCKED 1$/gm)).toEqual(['BLOCKED 1', 'BLOCKED 1']);
    }
    const names = execFileSync(
      PYTHON,
      ['-c', 'import os, sys; print(os.listxattr(sys.argv[1]))', 'capable'],
      {
        cwd: world.ws,
        encoding: 'utf8',
      },
    );
    expect(names).not.toContain('security.capability');
  });

  describe('programs that meet such bits', () => {
    beforeAll(() => {
      world.shell(`mkdir given shared; echo one > given/tool; echo two > given/z; chmod 4755 given/tool
        tar cf given.tar given; chmod 2775 shared; mkdir shared/sub; echo three > shared/sub/f
        git init -q shared/repository
        git -C shared/repository -c user.name=t -c user.email=t@example.org commit -q --allow-empty -m one`);
    });
    const read = (file: string): string | undefined => world.read(`ws/${file}`);

    caseOf('leave the bits out and go on', async () => {
      const script = `cp -p ../given/tool copied; echo cp $?
        mkdir there; tar xpf ../given.tar -C there; echo tar $?
        cp -r ../shared plain; echo cp -r $?; cp -a ../shared archive; echo cp -a $?
        git clone -q ../shared/repository cloned; echo git $?
        install -m 755 ../given/tool installed; echo install $?`;
      const { output } = await world.run(script);
      expect(output.match(/^(?:cp|tar|git|install)[ a-z-]* \d+$/gm)).toEqual([
        'cp 1',
        'tar 2',
        'cp -r 0',
        'cp -a 1',
        'git 0',
        'install 0',
      ]);
      const copies = ['copied', 'there/given/tool', 'installed', 'there/given/z'];
      expect(copies.map(read)).toEqual(['one\n', 'one\n', 'one\n', 'two\n']);
      expect(['plain/sub/f', 'archive/sub/f'].map(read)).toEqual(['three\n', 'three\n']);
      expect(readFileSync(path.join(world.ws, 'cloned/.git/HEAD'), 'utf8')).toMatch(/^ref: /);
      expect(raised('.')).toEqual([]);
    });

    caseOf('are told so where the bits are all that is wanted', async () => {
      const { output } = await world.run(
        'touch f; chmod u+s f; echo $?; mkdir -m 2775 g; echo $?; install -m 4755 f h; echo $?; git init -q --shared=group i; echo $?',
      );
      expect(output.match(/^\d+$/gm)).toEqual(['1', '1', '1', '128']);
      expect(output).toContain('Operation not permitted');
      expect(raised('.')).toEqual([]);
    });

    caseOf('in a folder that hands its group on, work as ever', async () => {
      world.shell('mkdir ws/team; chmod 2775 ws/team');
      const { output } = await world.run(
        `mkdir -p a/b && touch a/b/c && chmod 600 a/b/c && cp -r a d && git init -q e && git clone -q ../../shared/repository f && rm -r a && echo FINE`,
        { cwd: path.join(world.ws, 'team') },
      );
      expect(output).toContain('FINE');
    });
  });
});
