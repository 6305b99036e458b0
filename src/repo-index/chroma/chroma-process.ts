/**
 * Starts the process of a Chroma server (chroma-host.cjs) and hears how that went.
 *
 * Invariants: a start that takes too long, or is broken off, leaves no process. Does not: hold the server afterwards
 * (chroma-control.ts): who has heard `ready` joins it, then releases the starter's hold.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { programFile } from '../program-file.ts';

interface HostMessage {
  readonly state: 'ready' | 'locked' | 'port_taken' | 'unloadable' | 'failed';
  readonly reason?: string;
}

export type HostOutcome = HostMessage & { readonly release: () => void };

/** Starts the process and waits for its word; `release` lets go of it after we have joined it like everybody else. */
export function startHost(
  dataDir: string,
  addon: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<HostOutcome> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that Ctrl+C in the terminal does not hit it in the middle of a write; and none of the
    // user's variables, which may hold secrets, or switch telemetry on.
    const child = spawn(
      process.execPath,
      [programFile('chroma/chroma-host.cjs', 'chroma-host.cjs'), addon, dataDir, String(port)],
      {
        cwd: dataDir,
        detached: true,
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        env: hostEnvironment(),
        windowsHide: true,
      },
    );
    child.unref();
    const settle = (message: HostMessage): void => {
      stopWaiting();
      resolve({ ...message, release: () => release(child) });
    };
    const timer = setTimeout(
      () => {
        child.kill('SIGKILL');
        settle({ state: 'failed', reason: `it did not answer in ${Math.round(timeoutMs)} ms` });
      },
      Math.max(1, timeoutMs),
    );
    const onAbort = (): void => {
      stopWaiting();
      child.kill('SIGKILL');
      reject(signal.reason);
    };
    const stopWaiting = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      child.removeAllListeners();
      child.on('error', () => undefined);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    child.on('message', (message) => settle(message as HostMessage));
    child.on('error', (error) => settle({ state: 'failed', reason: error.message }));
    child.on('exit', () => settle({ state: 'failed', reason: 'the server ended at its start' }));
  });
}

function release(child: ChildProcess): void {
  if (child.connected) child.disconnect();
}

function hostEnvironment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH', 'SystemRoot', 'TEMP', 'USERPROFILE'];
  return {
    ...Object.fromEntries(
      names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
    // A panic of the server would take a second to print what nobody reads.
    RUST_BACKTRACE: '0',
  };
}
