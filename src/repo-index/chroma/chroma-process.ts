/**
 * Starts the process of a Chroma server (chroma-host.cjs) and waits for its report.
 *
 * Invariant: a start that takes too long, or is aborted, leaves no process. The caller that gets `ready` joins the server
 * (chroma-control.ts), then releases the starter's hold.
 */
import { trustedProgram } from '../../system/find-program.ts';
import { launch } from '../../system/launch.ts';
import { within } from '../../system/within.ts';
import { programFile } from '../program-file.ts';

interface HostMessage {
  readonly state: 'ready' | 'locked' | 'port_taken' | 'unloadable' | 'failed';
  readonly reason?: string;
}

export type HostOutcome = HostMessage & { readonly release: () => void };

/** @returns with `release`, which lets go of the process after we have joined it like everybody else. */
export async function startHost(
  dataDir: string,
  addon: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<HostOutcome> {
  const args = [programFile('chroma/chroma-host.cjs', 'chroma-host.cjs'), addon, dataDir, String(port)];
  // A group of its own, so that Ctrl+C in the terminal does not hit it in the middle of a write; and none of the
  // user's variables, which may hold secrets, or switch telemetry on.
  const { file, env } = trustedProgram(process.execPath, dataDir, hostEnvironment());
  const host = launch(file, args, { cwd: dataDir, env, hasChannel: true });
  const { promise: said, resolve: say } = Promise.withResolvers<HostMessage>();
  host.on('message', (message) => say(message as HostMessage));
  host.on('error', (error) => say({ state: 'failed', reason: error.message }));
  host.on('exit', () => say({ state: 'failed', reason: 'the server ended at its start' }));
  const waited = await within(said, Math.max(1, timeoutMs), signal);
  if (waited.kind !== 'done') host.kill('SIGKILL');
  if (waited.kind === 'aborted') throw signal.reason;
  const message: HostMessage =
    waited.kind === 'done'
      ? waited.value
      : { state: 'failed', reason: `it did not answer in ${Math.round(timeoutMs)} ms` };
  const release = (): void => {
    if (host.connected) host.disconnect();
  };
  return { ...message, release };
}

function hostEnvironment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH', 'SystemRoot', 'TEMP', 'USERPROFILE'];
  return {
    ...Object.fromEntries(
      names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
    // A panic of the server would spend a second on printing what nobody reads.
    RUST_BACKTRACE: '0',
  };
}
