/**
 * A command on a terminal of its own. The one place that knows the native package, which is optional and loaded when the first
 * command asks for a terminal. Output waits while nobody reads it.
 */
import { Readable, Writable } from 'node:stream';
import { prepareWatch } from '../../system/death-watch.ts';
import { type GroupOptions, groupOf, type ProcessGroup } from '../../system/process-group.ts';

/** A process group whose output is read from `outputs`; `input` is null where stdin is closed. */
export interface CommandProcess extends Omit<ProcessGroup, 'stdout' | 'stderr' | 'stdin'> {
  readonly outputs: readonly Readable[];
  readonly input: Writable | null;
}

/** What the native package is used for. */
export type Pty = Pick<typeof import('@lydell/node-pty'), 'spawn'>;

export const TERMINAL_SIZE = { cols: 80, rows: 24 } as const;

/** The native package; undefined where there is none for this system. */
export async function loadPty(): Promise<Pty | undefined> {
  try {
    return await import('@lydell/node-pty');
  } catch {
    return undefined;
  }
}

/** Starts `file` on a terminal. A file that cannot be run is a process that ends with 1 and says why. */
export function startPty(
  { spawn }: Pty,
  file: string,
  args: readonly string[],
  { cwd, env, isWatched }: Required<Pick<GroupOptions, 'cwd' | 'env' | 'isWatched'>>,
): CommandProcess {
  if (isWatched) prepareWatch();
  const terminal = spawn(file, [...args], {
    ...TERMINAL_SIZE,
    name: env.TERM ?? 'dumb',
    cwd,
    env,
    // The package's types know only text; with null it gives the bytes.
    encoding: null,
  });
  const output = new Readable({ read: () => terminal.resume() });
  terminal.onData((data: string | Buffer) => {
    if (!output.push(data)) terminal.pause();
  });
  let hasExited = false;
  const exited: ProcessGroup['exited'] = new Promise((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      hasExited = true;
      output.push(null);
      resolve({ code: signal ? 128 + signal : exitCode, signal: null });
    });
  });
  const input = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!hasExited) terminal.write(chunk.toString());
      done();
    },
  });
  return {
    outputs: [output],
    input,
    exited,
    ...groupOf(terminal.pid, exited, isWatched),
    detach: () => void output.removeAllListeners('data').resume(),
  };
}
