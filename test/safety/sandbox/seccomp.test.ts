import { describe, expect, test } from 'vitest';
import {
  type FilterArchitecture,
  isFilterArchitecture,
  seccompProgram,
} from '../../../src/safety/sandbox/seccomp.ts';

const X64 = 0xc000_003e;
const ARM64 = 0xc000_00b7;
const I386 = 0x4000_0003;
const ARM = 0x4000_0028;

const RESULTS = new Map([
  [0x7fff_0000, 'allow'],
  [0x0005_0001, 'EPERM'],
  [0x0005_0026, 'ENOSYS'],
  [0x8000_0000, 'kill'],
]);

/** Runs a classic BPF program over one system call, as the kernel does. */
function judge(
  program: Buffer,
  audit: number,
  number: number,
  ...args: readonly bigint[]
): string | undefined {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(audit, 4);
  for (const [index, value] of args.entries()) data.writeBigUInt64LE(value, 16 + index * 8);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const code = program.readUInt16LE(at);
    const [whenTrue = 0, whenFalse = 0] = program.subarray(at + 2, at + 4);
    const operand = program.readUInt32LE(at + 4);
    const jump = (holds: boolean): void => {
      at += 8 * (holds ? whenTrue : whenFalse);
    };
    if (code === 0x20) accumulator = data.readUInt32LE(operand);
    else if (code === 0x15) jump(accumulator === operand);
    else if (code === 0x35) jump(accumulator >= operand);
    else if (code === 0x45) jump((accumulator & operand) !== 0);
    else if (code === 0x06) return RESULTS.get(operand) ?? `unknown result ${operand}`;
    else return `unknown instruction ${code}`;
  }
  return undefined;
}

/** Call numbers: x86-64, aarch64. */
const REFUSED: readonly (readonly [name: string, x64: number, arm64: number])[] = [
  ['ptrace', 101, 117],
  ['process_vm_readv', 310, 270],
  ['process_vm_writev', 311, 271],
  ['pidfd_getfd', 438, 438],
  ['setns', 308, 268],
  ['mount', 165, 40],
  ['umount2', 166, 39],
  ['open_tree', 428, 428],
  ['move_mount', 429, 429],
  ['fsopen', 430, 430],
  ['fsconfig', 431, 431],
  ['fsmount', 432, 432],
  ['fspick', 433, 433],
  ['mount_setattr', 442, 442],
  ['open_tree_attr', 467, 467],
  ['pivot_root', 155, 41],
  ['io_uring_setup', 425, 425],
  ['io_uring_enter', 426, 426],
  ['io_uring_register', 427, 427],
  ['keyctl', 250, 219],
  ['add_key', 248, 217],
  ['request_key', 249, 218],
  ['bpf', 321, 280],
  ['perf_event_open', 298, 241],
  ['userfaultfd', 323, 282],
  ['kexec_load', 246, 104],
  ['kexec_file_load', 320, 294],
  ['kcmp', 312, 272],
];

const CREATE = 0o100n;
const TEMPORARY = 0o20_200_000n;

/** Calls with a mode, the number on each machine (0: there is none), and what comes before the mode. */
const MODES: readonly (readonly [name: string, x64: number, arm64: number, before: readonly bigint[]])[] = [
  ['open', 2, 0, [1n, CREATE]],
  ['open, temporary', 2, 0, [1n, TEMPORARY]],
  ['openat', 257, 56, [1n, 1n, CREATE]],
  ['openat, temporary', 257, 56, [1n, 1n, TEMPORARY]],
  ['creat', 85, 0, [1n]],
  ['chmod', 90, 0, [1n]],
  ['fchmod', 91, 52, [1n]],
  ['fchmodat', 268, 53, [1n, 1n]],
  ['fchmodat2', 452, 452, [1n, 1n]],
  ['mknod', 133, 0, [1n]],
  ['mknodat', 259, 33, [1n, 1n]],
];

const machines: readonly (readonly [FilterArchitecture, number, number])[] = [
  ['x64', X64, 0],
  ['arm64', ARM64, 1],
];

describe.each(machines)('the filter for %s', (architecture, audit, column) => {
  const program = seccompProgram(architecture);
  const [clone, unshare, socket, socketpair, getpid] = (
    [
      [56, 220],
      [272, 97],
      [41, 198],
      [53, 199],
      [39, 172],
    ] as const
  ).map((numbers) => numbers[column] ?? -1) as [number, number, number, number, number];

  test('refuses what it must and nothing else', () => {
    const refused = new Set(REFUSED.map((row) => row[column + 1]));
    const special = new Set([clone, unshare, socket, 435, 437]);
    const wrong: unknown[] = [];
    for (let number = 0; number < 600; number++) {
      if (special.has(number)) continue;
      const result = judge(program, audit, number);
      if (result !== (refused.has(number) ? 'EPERM' : 'allow')) wrong.push([number, result]);
    }
    expect(wrong).toEqual([]);
    expect([435, 437].map((number) => judge(program, audit, number))).toEqual(['ENOSYS', 'ENOSYS']);
    expect([judge(program, audit, getpid), judge(program, audit, socketpair, 1n)]).toEqual([
      'allow',
      'allow',
    ]);
  });

  test('refuses modes with a set-user-ID or set-group-ID bit', () => {
    const calls = MODES.filter((row) => row[column + 1] !== 0);
    const raised = [0o4000n, 0o2000n, 0o6755n, 0o7777n, 0o104_755n, 0xffff_ffff_0000_0800n];
    const plain = [0n, 0o777n, 0o1777n, 0o100_644n, 0x0800_0000_0000n];
    const judged = (number: number, before: readonly bigint[], modes: readonly bigint[]) =>
      modes.map((mode) => judge(program, audit, number, ...before, mode));
    for (const [name, x64, arm64, before] of calls) {
      const number = [x64, arm64][column] ?? 0;
      expect([name, judged(number, before, raised)]).toEqual([name, raised.map(() => 'EPERM')]);
      expect([name, judged(number, before, plain)]).toEqual([name, plain.map(() => 'allow')]);
    }
  });

  test('does not look at the mode of an open that creates nothing, nor at that of mkdir', () => {
    const [openat = 0, mkdirat = 0] = [
      [257, 56],
      [258, 34],
    ].map((numbers) => numbers[column]);
    // O_DIRECTORY is part of O_TMPFILE, on each machine another bit.
    const flags = [0n, 0o1n, 0o2_001n, 0o200_000n, 0o40_000n, 0x40_0000_0000n];
    expect(flags.map((flag) => judge(program, audit, openat, 1n, 1n, flag, 0o6755n))).toEqual(
      flags.map(() => 'allow'),
    );
    expect(judge(program, audit, mkdirat, 1n, 1n, 0o7777n)).toBe('allow');
  });

  test('ends calls of another architecture', () => {
    const others = [X64, ARM64, I386, ARM, 0].filter((other) => other !== audit);
    expect(others.map((other) => judge(program, other, getpid))).toEqual(others.map(() => 'kill'));
  });

  test('allows sockets of three families', () => {
    const allowed = Array.from({ length: 64 }, (_, family) => family).filter(
      (family) => judge(program, audit, socket, BigInt(family)) === 'allow',
    );
    expect(allowed).toEqual([2, 10, 16]);
    // The kernel takes an int: the upper half does not count.
    expect(judge(program, audit, socket, 0x1_0000_0001n)).toBe('EPERM');
    expect(judge(program, audit, socket, 0x1_0000_0002n)).toBe('allow');
  });

  test('refuses new namespaces', () => {
    const flags = [
      0x0002_0000n,
      0x0200_0000n,
      0x0400_0000n,
      0x0800_0000n,
      0x1000_0000n,
      0x2000_0000n,
      0x4000_0000n,
    ];
    for (const call of [clone, unshare]) {
      expect(flags.map((flag) => judge(program, audit, call, flag | 0x11n))).toEqual(
        flags.map(() => 'EPERM'),
      );
    }
    // A thread, a fork, and a time namespace, whose bit is part of a signal's number for clone.
    expect(judge(program, audit, clone, 0x003d_0f00n)).toBe('allow');
    expect(judge(program, audit, clone, 17n)).toBe('allow');
    expect([judge(program, audit, unshare, 0x80n), judge(program, audit, unshare, 0x400n)]).toEqual([
      'EPERM',
      'allow',
    ]);
  });
});

test('refuses the x32 numbers', () => {
  const program = seccompProgram('x64');
  expect([0x4000_0000, 0x4000_0027, 0xffff_ffff].map((number) => judge(program, X64, number))).toEqual(
    Array(3).fill('EPERM'),
  );
});

test('knows its architectures', () => {
  expect(['x64', 'arm64', 'ia32', 'riscv64', 'toString'].map(isFilterArchitecture)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
