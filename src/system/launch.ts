/** Starts a program that may outlive oagent: a process group of its own, which nothing here waits for or ends. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface LaunchOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Messages go both ways, by `send` and `message`. */
  readonly hasChannel?: boolean;
  /** Its stdin is a pipe. */
  readonly hasInput?: boolean;
}

/**
 * Its output is dropped, and it does not keep oagent from exiting. The events `spawn` and `error` say
 * whether it could be started.
 */
export function launch(
  file: string,
  args: readonly string[],
  { cwd, env, hasChannel = false, hasInput = false }: LaunchOptions,
): ChildProcess {
  const child = spawn(file, args, {
    cwd,
    env,
    stdio: [hasInput ? 'pipe' : 'ignore', 'ignore', 'ignore', ...(hasChannel ? (['ipc'] as const) : [])],
    detached: true,
    windowsHide: true,
  });
  child.unref();
  child.on('error', () => undefined);
  return child;
}
