/**
 * One loopback network for the commands of a session, so that a server started by one command answers the next: a
 * network namespace with only `lo` in it, and the user namespace that it belongs to. It does not confine anything:
 * bubblewrap, started inside it, does.
 *
 * Invariants: both are held only by descriptors of this process. Between commands no process is in them, so there is
 * none to kill, to enter or to leave behind, and the kernel removes them with oagent, however it ends. No program
 * inherits the descriptors: nsenter opens them by their names in /proc, and fails without starting anything if these do
 * not lead to a namespace (any more).
 */
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { startGroup } from '../../system/process-group.ts';
import { within } from '../../system/within.ts';
import { errorMessage } from '../../text/error-message.ts';

export interface Loopback {
  /** What to start instead of `file` to run it in the network; valid until `close`. nsenter becomes `file`. */
  readonly enter: (
    file: string,
    args: readonly string[],
  ) => { readonly file: string; readonly args: readonly string[] };
  /** Releases the network, which is gone when the last command in it has ended. A second call does nothing. */
  readonly close: () => void;
}

const OPENING_TIMEOUT_MS = 5_000;

/**
 * Bubblewrap creates the namespaces, since it brings `lo` up. The process that it starts prints its pid and waits for
 * the end of its stdin: no process namespace, so that the pid is the host's; no `--disable-userns`, since each command
 * gets a user namespace below this one.
 */
const FOUNDER = [
  ...['--die-with-parent', '--new-session', '--unshare-user', '--unshare-net', '--cap-drop', 'ALL'],
  ...['--ro-bind', '/', '/', '--', '/bin/sh', '-c', 'echo $$; read x'],
];

/**
 * Creates the network.
 *
 * @param programs absolute paths
 * @throws Error that says what happened, if this system does not allow it
 */
export async function openLoopback(programs: {
  readonly bwrap: string;
  readonly nsenter: string;
}): Promise<Loopback> {
  const options = { cwd: '/', env: {}, stdin: true };
  const founder = await startGroup(programs.bwrap, FOUNDER, options).catch((error: unknown) => {
    throw new Error(`bubblewrap did not create a network: ${errorMessage(error)}`);
  });
  founder.stderr.resume();
  try {
    const waited = await within(firstLine(founder.stdout), OPENING_TIMEOUT_MS);
    if (waited.kind !== 'done' || !/^\d+$/.test(waited.value))
      throw new Error('bubblewrap did not create a network');
    return held(waited.value, programs.nsenter);
  } finally {
    founder.stdin?.end();
    const ended = await within(founder.exited, OPENING_TIMEOUT_MS);
    if (ended.kind !== 'done') await founder.terminate(0);
  }
}

/** Empty if the stream ends before a line does. */
async function firstLine(stream: Readable): Promise<string> {
  let text = '';
  for await (const part of stream.setEncoding('utf8')) {
    text += part;
    if (text.includes('\n')) break;
  }
  return text.slice(0, Math.max(0, text.indexOf('\n')));
}

/** Opens the namespaces of the process `pid` and keeps them open. */
function held(pid: string, nsenter: string): Loopback {
  const open: number[] = [];
  const close = (): void => {
    for (const fd of open.splice(0)) closeSync(fd);
  };
  try {
    const [user, net] = ['user', 'net'].map((kind) => {
      const fd = openSync(`/proc/${pid}/ns/${kind}`, 'r');
      open.push(fd);
      const name = `/proc/${process.pid}/fd/${fd}`;
      // The /proc of another process namespace would lead elsewhere, at worst to the network of the host.
      const isHeld = isSame(name, fd) && !isSame(`/proc/self/ns/${kind}`, fd);
      if (!isHeld) throw new Error('/proc does not show the namespaces of this process');
      return name;
    });
    const way = ['--preserve-credentials', `--user=${user}`, `--net=${net}`, '--'];
    return { enter: (file, args) => ({ file: nsenter, args: [...way, file, ...args] }), close };
  } catch (error) {
    close();
    throw error;
  }
}

function isSame(file: string, fd: number): boolean {
  const [named, opened] = [statSync(file), fstatSync(fd)];
  return named.ino === opened.ino && named.dev === opened.dev;
}
