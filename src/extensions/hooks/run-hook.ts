/**
 * Runs the program of one hook: in the sandbox of the session, or outside it if the user wants that and no command can have changed
 * what runs there. Its time is limited; when it has ended, nothing of its process group is left.
 */
import { userHome } from '../../config/home.ts';
import { commandShell } from '../../context/environment.ts';
import type { Permissions } from '../../safety/permissions.ts';
import type { Sandbox } from '../../safety/sandbox/sandbox.ts';
import { trustedProgram } from '../../system/find-program.ts';
import { type ProcessGroup, startGroup } from '../../system/process-group.ts';
import { within } from '../../system/within.ts';
import type { HookEnd } from './answer.ts';
import type { Hook } from './hook.ts';
import { collect } from './hook-output.ts';
import { mayLeave } from './leaving.ts';

/** Where the hooks of a session run, as it is by now. */
export interface HookPlace {
  readonly cwd: string;
  /** The project's root. */
  readonly project: string;
  readonly permissions: Permissions;
  /** That of commands. */
  readonly env: NodeJS.ProcessEnv;
}

/** How long a program that is to end may take to do so. */
const GRACE_MS = 100;
/** How long output may still come when the program has ended: what it has left running may hold the pipe. */
const DRAIN_MS = 500;

/**
 * @throws Error with a line for the user if it cannot be started or takes too long; the signal's reason.
 */
export async function runHook(
  hook: Hook,
  input: string,
  place: HookPlace,
  { sandbox, signal }: { readonly sandbox: () => Promise<Sandbox>; readonly signal: AbortSignal },
): Promise<HookEnd> {
  signal.throwIfAborted();
  if (!hook.isSandboxed && mayLeave(hook.command, place)) return runOutside(hook, input, place, signal);
  const box = await sandbox();
  if (box.kind === 'none' && place.permissions.mode !== 'danger-full-access')
    throw new Error('it was not run, because there is no sandbox here (see `oagent doctor`)');
  // A file that was to be mounted may vanish meanwhile.
  return (
    (await runConfined(hook, input, place, { box, signal })) ??
    (await runConfined(hook, input, place, { box, signal })) ??
    neverStarted()
  );
}

/** Undefined: the sandbox could not start it. */
async function runConfined(
  hook: Hook,
  input: string,
  place: HookPlace,
  { box, signal }: { readonly box: Sandbox; readonly signal: AbortSignal },
): Promise<HookEnd | undefined> {
  const { cwd } = place;
  const prepared = await box.prepare({ argv: argvOf(hook.command), cwd, env: envOf(place) });
  try {
    const { file, args, env, extraFds, setupProblem } = prepared;
    const group = await startGroup(file, args, { cwd, env, extraFds, stdin: true, isWatched: true });
    const end = await follow(group, hook, input, signal);
    const isUnstarted =
      end.code !== 0 && end.stdout.length === 0 && setupProblem?.(end.stderr.toString()) !== undefined;
    return isUnstarted ? undefined : end;
  } finally {
    await prepared.finish();
  }
}

function neverStarted(): never {
  throw new Error('the sandbox could not start it');
}

async function runOutside(
  { command, timeoutMs }: Hook,
  input: string,
  place: HookPlace,
  signal: AbortSignal,
): Promise<HookEnd> {
  const [shell = '', ...args] = argvOf(command);
  const { file, env } = trustedProgram(shell, place.cwd, envOf(place));
  // Not the project: many programs do what files in the folder say in which they begin.
  const cwd = userHome(place.env) ?? '/';
  const group = await startGroup(file, args, { cwd, env, stdin: true, isWatched: true });
  return follow(group, { timeoutMs }, input, signal);
}

async function follow(
  group: ProcessGroup,
  { timeoutMs }: Pick<Hook, 'timeoutMs'>,
  input: string,
  signal: AbortSignal,
): Promise<HookEnd> {
  const [stdout, stderr] = [collect(group.stdout), collect(group.stderr)];
  const closed = Promise.all(
    [group.stdout, group.stderr].map(
      (stream) => new Promise<void>((resolve) => stream.once('close', resolve)),
    ),
  );
  group.stdin?.end(input);
  try {
    const waited = await within(group.exited, timeoutMs, signal);
    signal.throwIfAborted();
    if (waited.kind !== 'done') throw new Error(`it has not ended in ${timeoutMs / 1_000} s`);
    await within(closed, DRAIN_MS, signal);
    const { code } = waited.value;
    if (code === null) throw new Error(`it was ended by ${waited.value.signal}`);
    return { code, stdout: stdout(), stderr: stderr() };
  } finally {
    await group.terminate(GRACE_MS);
    group.stdout.destroy();
    group.stderr.destroy();
  }
}

/** No start-up file is read, as for commands. */
function argvOf(command: string): readonly string[] {
  const shell = commandShell();
  return shell.endsWith('/bash') ? [shell, '--noprofile', '--norc', '-c', command] : [shell, '-c', command];
}

/** Under the names that public examples use. */
function envOf({ project, env }: HookPlace): NodeJS.ProcessEnv {
  return {
    ...env,
    OAGENT_PROJECT_DIR: project,
    CODEX_PROJECT_DIR: project,
    CLAUDE_PROJECT_DIR: project,
  };
}
