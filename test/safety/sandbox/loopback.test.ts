/**
 * One loopback network for the commands of a session: they reach each other, and nothing else does or is reached.
 *
 * What a command can do to files, processes and privileges in there, the escape cases show (`conformance.test.ts`).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Permissions } from '../../../src/safety/permissions.ts';
import { openLoopback } from '../../../src/safety/sandbox/loopback.ts';
import { createSandbox } from '../../../src/safety/sandbox/probe.ts';
import { until } from '../../tools/tool-context.ts';
import { heldNamespaces } from './held-namespaces.ts';
import { type User, World } from './world.ts';

const isRoot = process.getuid?.() === 0;
const users: readonly User[] = [
  { name: 'this user', uid: undefined, shareLoopback: true },
  ...(isRoot ? [{ name: 'a normal user', uid: 61_234, shareLoopback: true }] : []),
];

const PYTHON = '/usr/bin/python3';
const PORT = 8123;

/** Says SERVING and its network, and answers everybody with `word`. */
const serve = (word: string): string => `exec ${PYTHON} - <<'PY'
import os, socket
server = socket.create_server(("127.0.0.1", ${PORT}))
print("SERVING", os.readlink("/proc/self/ns/net"), flush=True)
while True:
  client = server.accept()[0]
  client.sendall(b"${word}\\n")
  client.close()
PY`;

/** Prints what a server says, or REFUSED. */
const ask = (port: number, host = '127.0.0.1'): string =>
  `(exec 5<>/dev/tcp/${host}/${port} && cat <&5) 2>/dev/null || echo REFUSED`;

const networkOf = (output: string): string => /net:\[\d+\]/.exec(output)?.[0] ?? 'none';

/** The processes of the host that are in a network namespace. */
function processesIn(network: string): string[] {
  return readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && link(`/proc/${name}/ns/net`) === network,
  );
}

function link(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}

for (const user of users) {
  describe(`as ${user.name}`, () => {
    const world = new World(user);
    let lacks = '';
    let host: Server;
    let port = 0;

    beforeAll(async () => {
      const { kind, loopbackProblem } = await world
        .run('true')
        .catch((error) => ({ kind: 'none', loopbackProblem: String(error) }));
      if (kind !== 'bubblewrap' || loopbackProblem !== undefined || !existsSync(PYTHON)) {
        lacks = `${kind}, ${loopbackProblem ?? `perhaps no ${PYTHON}`}`;
        console.warn(`\n*** NO SHARED NETWORK HERE: its cases as ${user.name} are SKIPPED. ${lacks}\n`);
      }
      host = createServer((socket) => socket.on('error', () => {}).end('host\n'));
      await new Promise<void>((resolve) => host.listen({ port: 0, host: '127.0.0.1' }, resolve));
      const address = host.address();
      port = typeof address === 'object' && address !== null ? address.port : 0;
    });
    afterAll(() => {
      host.close();
      world[Symbol.dispose]();
    });
    const caseOf = (name: string, body: () => Promise<void>): void => {
      test(name, async ({ skip }) => {
        if (lacks !== '') skip(lacks);
        await body();
      });
    };

    caseOf('a server is reached by later commands of its session, by nobody else', async () => {
      using other = new World(user);
      const first = await world.run(serve('first'), { leaveOn: 'SERVING' });
      const network = networkOf(first.output);
      expect((await world.run(`${ask(PORT)}; readlink /proc/self/ns/net`)).output).toBe(
        `first\n${network}\n`,
      );
      expect((await other.run(ask(PORT))).output).toBe('REFUSED\n');
      // The same port in the other session.
      const second = await other.run(serve('second'), { leaveOn: 'SERVING' });
      expect(networkOf(second.output)).not.toBe(network);
      expect([(await world.run(ask(PORT))).output, (await other.run(ask(PORT))).output]).toEqual([
        'first\n',
        'second\n',
      ]);
      // Nor does the host see it.
      expect(spawnSync('bash', ['-c', ask(PORT)], { encoding: 'utf8' }).stdout).toBe('REFUSED\n');
      // A command cannot end another's processes, nor see them.
      const attack = `{ pkill -9 python3; kill -9 -1; echo /proc/[0-9]*; } 2>/dev/null; ${ask(PORT)}`;
      expect((await world.run(attack)).output).toMatch(/^(?:\/proc\/\d[ \n]){2,3}first\n$/);
      expect((await world.run(ask(PORT))).output).toBe('first\n');
    });

    caseOf('N01 N02 N04 N09: nothing of the host or beyond is reached, even without the filter', async () => {
      const name = `oagent-loopback-${process.pid}-${user.uid ?? 'own'}`;
      const abstract = createServer((socket) => socket.end('host\n'));
      await new Promise<void>((resolve) => abstract.listen({ path: `\0${name}` }, resolve));
      const connect = `${PYTHON} -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect("\\0${name}"); print(s.recv(9))' 2>&1 | tail -1`;
      const script = [
        ...[ask(port), ask(port, '::1'), ask(port, '192.0.2.1'), ask(53, '127.0.0.53'), connect],
        'tail -n +3 /proc/net/dev | cut -d: -f1; cat /proc/net/route | tail -n +2',
      ].join('\n');
      const { output } = await world.run(script, { remove: [['--seccomp', '3']] });
      expect(output.replace(/^ +/gm, '')).toBe(
        `${'REFUSED\n'.repeat(4)}ConnectionRefusedError: [Errno 111] Connection refused\nlo\n`,
      );
      // It is the network that makes the difference.
      const remove = [['--seccomp', '3'], ['--net=']];
      expect((await world.run(`${ask(port)}; ${connect}`, { remove })).output).toBe("host\nb'host\\n'\n");
      abstract.close();
    });

    caseOf('it can be neither left nor changed, even without the filter', async () => {
      const script = `
        PATH=$PATH:/usr/sbin:/sbin; ip link show lo > /dev/null && echo IP
        for ns in net user mnt; do nsenter --$ns=/proc/1/ns/$ns true && echo GOT-$ns; nsenter -t 1 -U -n true && echo GOT; done
        ip link set lo down && echo GOT; ip link add x type dummy && echo GOT; ip tuntap add t mode tap && echo GOT
        unshare -U true && echo GOT; unshare -n true && echo GOT; echo 1 > /proc/sys/net/ipv4/ip_forward && echo GOT
        ls -l /proc/self/fd | grep -E 'user:|net:' && echo GOT; ls -l /proc/1/fd | grep -E 'user:|net:' && echo GOT
        echo TRIED`;
      const { output } = await world.run(`{ ${script}\n} 2>/dev/null`, { remove: [['--seccomp', '3']] });
      // Where there is an ip, it works.
      expect(output.replace('IP\n', '')).toBe('TRIED\n');
    });

    caseOf('between commands nothing is in it; it ends with oagent, however that ends', async () => {
      const other = new World(user);
      const network = networkOf((await other.run('readlink /proc/self/ns/net')).output);
      await until(() => processesIn(network).length === 0);
      expect([heldNamespaces(other.pid).length, networkOf(heldNamespaces(other.pid).join(' '))]).toEqual([
        2,
        network,
      ]);
      const { output } = await other.run(serve('lost'), { leaveOn: 'SERVING' });
      expect([networkOf(output), processesIn(network).length > 0]).toEqual([network, true]);
      process.kill(other.pid, 'SIGKILL');
      await until(() => processesIn(network).length === 0);
      other[Symbol.dispose]();
    });
  });
}

describe('a session without a driver', () => {
  const base = realpathSync(mkdtempSync('/var/tmp/oagent-loopback-'));
  mkdirSync(path.join(base, 'ws'));
  afterAll(() => rmSync(base, { recursive: true, force: true }));
  const policy = (changes: Partial<Permissions> = {}): Permissions => ({
    ...{
      mode: 'read-only',
      approval: 'never',
      cwd: path.join(base, 'ws'),
      writableRoots: [],
      network: false,
    },
    ...{ home: path.join(base, 'home'), env: { PATH: '/usr/bin:/bin' } },
    ...changes,
  });
  const share = (changes?: Partial<Permissions>) => createSandbox(policy(changes), { shareLoopback: true });
  const command = {
    argv: ['/bin/sh', '-c', 'echo RAN; readlink /proc/self/ns/net'],
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
  };
  type Box = Awaited<ReturnType<typeof share>>;
  /** What the command prints; it is started as it was prepared. */
  const start = async ({ file, args, env, extraFds }: Awaited<ReturnType<Box['prepare']>>) => {
    const { exitCode: code, all: output } = await execa(file, args, {
      ...{ env, extendEnv: false, cwd: '/', reject: false, stripFinalNewline: false, all: true },
      stdio: ['ignore', 'pipe', 'pipe', extraFds[0] as Buffer],
    });
    return { code, output };
  };
  const canShare = async (box: Box): Promise<boolean> =>
    box.kind === 'bubblewrap' && (await box.loopbackProblem?.()) === undefined;
  /** A folder with the real bwrap and an nsenter that is this script. */
  const withNsenter = (folder: string, script: string | undefined): string => {
    const bin = path.join(base, folder);
    mkdirSync(bin, { recursive: true });
    const bwrap = execFileSync('/bin/sh', ['-c', 'command -v bwrap'], { encoding: 'utf8' }).trim();
    writeFileSync(path.join(bin, 'bwrap'), `#!/bin/sh\nexec ${bwrap} "$@"\n`);
    if (script !== undefined) writeFileSync(path.join(bin, 'nsenter'), `#!/bin/sh\n${script}\n`);
    for (const name of readdirSync(bin)) chmodSync(path.join(bin, name), 0o755);
    return bin;
  };

  test('close lets go of it, once; what was prepared fails, what comes later is apart', async ({ skip }) => {
    const box = await share();
    if (!(await canShare(box))) skip('no shared network here');
    // Commands that begin at once share what the first of them opens.
    const [one, two, late] = await Promise.all([1, 2, 3].map(() => box.prepare(command)));
    if (one === undefined || two === undefined || late === undefined) throw new Error('three were prepared');
    const [first, second] = await Promise.all([start(one), start(two)]);
    const network = networkOf(first.output);
    expect([first, second]).toEqual(Array(2).fill({ code: 0, output: `RAN\n${network}\n` }));
    expect(heldNamespaces(process.pid)).toEqual([network, expect.stringMatching(/^user:/)]);
    await Promise.all([box.close?.(), box.close?.()]);
    expect([heldNamespaces(process.pid), processesIn(network)]).toEqual([[], []]);
    expect(await start(late)).toEqual({ code: 1, output: expect.stringMatching(/^nsenter: [^\n]+\n$/) });
    const after = await start(await box.prepare(command));
    expect([after.code, [network, link('/proc/self/ns/net')].includes(networkOf(after.output))]).toEqual([
      0,
      false,
    ]);
    expect(heldNamespaces(process.pid)).toEqual([]);
  });

  test('not wanted, or the network is on: nothing is opened', async ({ skip }) => {
    const own = await createSandbox(policy());
    if (own.kind === 'none') skip('no sandbox here');
    const on = await share({ network: true });
    const [apart, open] = [await own.prepare(command), await on.prepare(command)];
    expect([path.basename(apart.file), apart.args.includes('--unshare-net')]).toEqual(['bwrap', true]);
    expect([path.basename(open.file), open.args.includes('--unshare-net')]).toEqual(['bwrap', false]);
    expect([
      await own.loopbackProblem?.(),
      await on.loopbackProblem?.(),
      heldNamespaces(process.pid),
    ]).toEqual([undefined, undefined, []]);
    await Promise.all([own.close?.(), on.close?.()]);
  });

  const FIX = 'Fix: start the server in the command that uses it.';
  const OUT_OF_REACH = 'a server started by one command cannot be reached by the next';
  const variants: readonly (readonly [string, string | undefined, string])[] = [
    ['missing', undefined, `${OUT_OF_REACH} (nsenter is not installed). Fix: apt install util-linux.`],
    ['refused', 'echo "nsenter: no" >&2; exit 1', `${OUT_OF_REACH} (nsenter: no). ${FIX}`],
  ];
  test.each(
    variants,
  )('where nsenter is %s each command has its own network', async (name, script, problem) => {
    const box = await share({ env: { PATH: withNsenter(name, script) } });
    if (box.kind === 'none') return;
    const outputs = [await start(await box.prepare(command)), await start(await box.prepare(command))];
    expect([await box.loopbackProblem?.(), box.notes]).toEqual([problem, []]);
    expect(outputs.map(({ code, output }) => [code, output.split('\n')[0]])).toEqual([
      [0, 'RAN'],
      [0, 'RAN'],
    ]);
    expect(outputs.map(({ output }) => networkOf(output))).not.toContain(link('/proc/self/ns/net'));
    expect(heldNamespaces(process.pid)).toEqual([]);
  });

  test('an nsenter that a command could have written is not used', async () => {
    const bin = withNsenter('ws/bin', 'exit 0');
    const box = await share({
      mode: 'workspace-write',
      approval: 'never',
      env: { PATH: `${withNsenter('plain', undefined)}:${bin}` },
    });
    if (box.kind === 'none') return;
    expect(await box.loopbackProblem?.()).toContain('nsenter is not installed');
  });

  test('a bwrap that makes nothing is an error, not a network', async () => {
    const silent = path.join(base, 'silent');
    for (const script of ['exit 0', 'echo no number', `echo ${process.pid}; read x`, 'echo 0; read x']) {
      writeFileSync(silent, `#!/bin/sh\n${script}\n`);
      chmodSync(silent, 0o755);
      await expect(openLoopback({ bwrap: silent, nsenter: '/usr/bin/nsenter' })).rejects.toThrow(
        /did not create a network|namespaces of this process|ENOENT/,
      );
    }
    await expect(openLoopback({ bwrap: '/no/such', nsenter: '/usr/bin/nsenter' })).rejects.toThrow(
      'did not create a network',
    );
    expect(heldNamespaces(process.pid)).toEqual([]);
  });
});
