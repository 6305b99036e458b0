/**
 * The system call filter of sandboxed commands, as a BPF program for `bwrap --seccomp`.
 *
 * A call of another architecture (the 32-bit entry of x86-64) kills the process, since its numbers mean other calls;
 * `clone3` seems not to exist (ENOSYS, so that libc falls back to `clone`, whose flags a filter can read); no new
 * namespaces; no sockets except IPv4, IPv6 and netlink, since a UNIX socket of the host (docker, tmux, ssh-agent, X11)
 * is reachable through the file system; no file with a set-user-ID or set-group-ID bit, which would give another user
 * of the machine the rights of this one (root's, if that is who runs it). `openat2` seems not to exist either: its mode
 * is in memory, where a filter cannot read it. `mkdir` is left alone: the kernel itself takes those bits out of its mode,
 * and `cp -r` passes them. Everything else is allowed: mounts protect paths, a network namespace the network.
 */

/** The architectures that there is a filter for, as `process.arch` names them. */
export type FilterArchitecture = 'x64' | 'arm64';

const EPERM = 1;
const ENOSYS = 38;

const RET_KILL_PROCESS = 0x8000_0000;
const RET_ERRNO = 0x0005_0000;
const RET_ALLOW = 0x7fff_0000;

const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_EQUAL = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

/** Offsets in `struct seccomp_data`. The low half of an argument comes first: both machines are little-endian. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;
const ARGUMENT_BYTES = 8;

/** Calls of an x86-64 process in the x32 numbering have this bit. */
const X32_BIT = 0x4000_0000;

const SOCKET_FAMILIES = { inet: 2, netlink: 16, inet6: 10 };

/** NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NEW_NAMESPACES = 0x7e02_0000;
/** In `clone` this bit belongs to the number of a signal. */
const NEW_TIME_NAMESPACE = 0x80;

/** S_ISUID, S_ISGID. */
const SET_ID = 0o6000;
/** O_CREAT and the bit of O_TMPFILE that is its own: `open` looks at its mode with these only. */
const CREATES = 0o100 | 0o20_000_000;

type CallWithArgument = readonly [call: number, argument: number];

interface Machine {
  /** AUDIT_ARCH_*. */
  readonly audit: number;
  readonly refused: { readonly [call: string]: number };
  /** Calls that give a file a mode, and which of their arguments it is. */
  readonly modes: { readonly [call: string]: CallWithArgument };
  /** Calls that open a file, and which of their arguments are the flags; the next one is the mode. */
  readonly opens: { readonly [call: string]: CallWithArgument };
  readonly clone: number;
  readonly unshare: number;
  readonly socket: number;
}

/** Calls that seem not to exist, so that programs fall back to the older one, whose arguments a filter can read. */
const MISSING = { clone3: 435, openat2: 437 };

const FCHMODAT2: CallWithArgument = [452, 2];

/** Calls that have the same number on every machine. */
const REFUSED_EVERYWHERE = {
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  pidfd_getfd: 438,
  mount_setattr: 442,
  open_tree_attr: 467,
};

const MACHINES: { readonly [architecture in FilterArchitecture]: Machine } = {
  x64: {
    audit: 0xc000_003e,
    clone: 56,
    unshare: 272,
    socket: 41,
    modes: {
      creat: [85, 1],
      chmod: [90, 1],
      fchmod: [91, 1],
      mknod: [133, 1],
      mknodat: [259, 2],
      fchmodat: [268, 2],
      fchmodat2: FCHMODAT2,
    },
    opens: { open: [2, 1], openat: [257, 2] },
    refused: {
      ...REFUSED_EVERYWHERE,
      ptrace: 101,
      pivot_root: 155,
      mount: 165,
      umount2: 166,
      kexec_load: 246,
      add_key: 248,
      request_key: 249,
      keyctl: 250,
      perf_event_open: 298,
      setns: 308,
      process_vm_readv: 310,
      process_vm_writev: 311,
      kcmp: 312,
      kexec_file_load: 320,
      bpf: 321,
      userfaultfd: 323,
    },
  },
  arm64: {
    audit: 0xc000_00b7,
    clone: 220,
    unshare: 97,
    socket: 198,
    modes: { mknodat: [33, 2], fchmod: [52, 1], fchmodat: [53, 2], fchmodat2: FCHMODAT2 },
    opens: { openat: [56, 2] },
    refused: {
      ...REFUSED_EVERYWHERE,
      umount2: 39,
      mount: 40,
      pivot_root: 41,
      kexec_load: 104,
      ptrace: 117,
      add_key: 217,
      request_key: 218,
      keyctl: 219,
      perf_event_open: 241,
      setns: 268,
      process_vm_readv: 270,
      process_vm_writev: 271,
      kcmp: 272,
      bpf: 280,
      userfaultfd: 282,
      kexec_file_load: 294,
    },
  },
};

/** True if there is a filter for this kind of processor. */
export function isFilterArchitecture(architecture: string): architecture is FilterArchitecture {
  return Object.hasOwn(MACHINES, architecture);
}

/** The filter: an array of `struct sock_filter` (8 bytes each, little-endian), as `bwrap --seccomp FD` reads it. */
export function seccompProgram(architecture: FilterArchitecture): Buffer {
  const { audit, refused, clone, unshare, socket, modes, opens } = MACHINES[architecture];
  return assemble([
    [LOAD_WORD, ARCHITECTURE],
    [JUMP_EQUAL, audit, 1, 0],
    [RETURN, RET_KILL_PROCESS],
    [LOAD_WORD, NUMBER],
    ...(architecture === 'x64' ? refuseIf(JUMP_GREATER_EQUAL, X32_BIT, EPERM) : []),
    ...Object.values(refused).flatMap((number) => refuseIf(JUMP_EQUAL, number, EPERM)),
    ...Object.values(MISSING).flatMap((number) => refuseIf(JUMP_EQUAL, number, ENOSYS)),
    ...withArgument([clone, 0], refuseIf(JUMP_ANY_BIT, NEW_NAMESPACES, EPERM)),
    ...withArgument([unshare, 0], refuseIf(JUMP_ANY_BIT, NEW_NAMESPACES | NEW_TIME_NAMESPACE, EPERM)),
    ...withArgument(
      [socket, 0],
      [
        [JUMP_EQUAL, SOCKET_FAMILIES.inet, 3, 0],
        [JUMP_EQUAL, SOCKET_FAMILIES.inet6, 2, 0],
        [JUMP_EQUAL, SOCKET_FAMILIES.netlink, 1, 0],
        [RETURN, RET_ERRNO | EPERM],
      ],
    ),
    ...Object.values(modes).flatMap((call) => withArgument(call, refuseIf(JUMP_ANY_BIT, SET_ID, EPERM))),
    ...Object.values(opens).flatMap(([number, flags]) =>
      withArgument(
        [number, flags],
        [
          // Past the rest, to the return that allows.
          [JUMP_ANY_BIT, CREATES, 0, 3],
          loadArgument(flags + 1),
          ...refuseIf(JUMP_ANY_BIT, SET_ID, EPERM),
        ],
      ),
    ),
    [RETURN, RET_ALLOW],
  ]);
}

/** Code, operand, and how many instructions to skip when a test holds and when it does not. */
type Instruction = readonly [code: number, operand: number, whenTrue?: number, whenFalse?: number];

function refuseIf(test: number, operand: number, errno: number): Instruction[] {
  return [
    [test, operand, 0, 1],
    [RETURN, RET_ERRNO | errno],
  ];
}

/** For this call: loads the low half of the argument, applies `test`, otherwise allows. */
function withArgument([number, argument]: CallWithArgument, test: readonly Instruction[]): Instruction[] {
  return [[JUMP_EQUAL, number, 0, test.length + 2], loadArgument(argument), ...test, [RETURN, RET_ALLOW]];
}

function loadArgument(index: number): Instruction {
  return [LOAD_WORD, FIRST_ARGUMENT + index * ARGUMENT_BYTES];
}

function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, operand, whenTrue = 0, whenFalse = 0]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(whenTrue, index * 8 + 2);
    bytes.writeUInt8(whenFalse, index * 8 + 3);
    bytes.writeUInt32LE(operand >>> 0, index * 8 + 4);
  }
  return bytes;
}
