/**
 * A process that runs commands in the sandbox on request, so that the same cases can run as another user.
 *
 * One JSON request per line of stdin, one JSON answer per line of stdout. `remove` takes arguments out of
 * bubblewrap's, to show what a defence is good for. Requests that share a network and have the same policy are a
 * session: one sandbox, which lives as long as this process.
 */
import { createInterface } from 'node:readline';
import type { Permissions } from '../../../src/safety/permissions.ts';
import { Placeholders } from '../../../src/safety/sandbox/placeholders.ts';
import { createSandbox } from '../../../src/safety/sandbox/probe.ts';
import type { Sandbox } from '../../../src/safety/sandbox/sandbox.ts';
import { startGroup } from '../../../src/system/process-group.ts';
import { within } from '../../../src/system/within.ts';

export interface DriverRequest {
  readonly policy: Permissions;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The network is that of the session. */
  readonly shareLoopback: boolean;
  /** Runs of arguments that are taken out; a word that ends in `=` stands for all that begin with it. */
  readonly remove?: readonly (readonly string[])[];
  /** KILL to the group when this has been printed. */
  readonly killOn?: string;
  /** TERM and KILL through the group's own `terminate` when this has been printed. */
  readonly terminateOn?: string;
  /** Answer when this has been printed, and let the command run on. */
  readonly leaveOn?: string;
}

export interface DriverAnswer {
  readonly kind: string;
  readonly notes: readonly string[];
  /** Why the network is not that of the session. */
  readonly loopbackProblem?: string;
  readonly code: number | null;
  /** stdout, then stderr. */
  readonly output: string;
  readonly warnings: readonly string[];
  /** The message of a refusal. */
  readonly error?: string;
  /** From the start to the end of the output. */
  readonly ms: number;
}

const TIMEOUT_MS = 8_000;

/** Without the pause, so that a case sees at once what its command leaves behind. */
const { release } = Placeholders.prototype;
Placeholders.prototype.release = function releaseAtOnce(this: Placeholders, files) {
  const filled = release.call(this, files);
  this.removeUnused();
  return filled;
};

const sessions = new Map<string, Promise<Sandbox>>();

function sandboxFor({ policy, shareLoopback }: DriverRequest): Promise<Sandbox> {
  if (!shareLoopback) return createSandbox(policy);
  const key = JSON.stringify(policy);
  const session = sessions.get(key) ?? createSandbox(policy, { shareLoopback });
  sessions.set(key, session);
  return session;
}

async function answer(request: DriverRequest): Promise<DriverAnswer> {
  const { policy, argv, cwd, env, remove = [], killOn, terminateOn, leaveOn } = request;
  const sandbox = await sandboxFor(request);
  const { kind, notes } = sandbox;
  const loopbackProblem = request.shareLoopback ? await sandbox.loopbackProblem?.() : undefined;
  if (kind === 'none' && policy.mode !== 'danger-full-access') {
    return { kind, notes, code: null, output: '', warnings: [], ms: 0 };
  }
  let prepared: Awaited<ReturnType<typeof sandbox.prepare>>;
  try {
    prepared = await sandbox.prepare({ argv, cwd, env });
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { kind, notes, code: null, output: '', warnings: [], error: message, ms: 0 };
  }
  const begin = performance.now();
  const { file, args, extraFds } = prepared;
  const group = await startGroup(file, remove.reduce(without, args), {
    cwd: '/',
    env: prepared.env,
    extraFds,
  });
  let stdout = '';
  let stderr = '';
  let leave = (): void => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const read = (text: string): void => {
    stdout += text;
    if (leaveOn !== undefined && stdout.includes(leaveOn)) leave();
    if (killOn !== undefined && stdout.includes(killOn)) process.kill(-group.pid, 'SIGKILL');
    if (terminateOn !== undefined && stdout.includes(terminateOn)) void group.terminate(100);
  };
  group.stdout.setEncoding('utf8').on('data', read);
  group.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = Promise.all(
    [group.stdout, group.stderr].map((pipe) => new Promise((end) => pipe.once('close', end))),
  );
  const end = await within(Promise.race([closed, left.then(() => 'left' as const)]), TIMEOUT_MS);
  if (end.kind !== 'done') await group.terminate(0);
  else if (end.value === 'left') {
    return { kind, notes, code: null, output: stdout, warnings: [], ms: performance.now() - begin };
  }
  const { code } = await group.exited;
  const ms = performance.now() - begin;
  const answered = { kind, notes, code, output: stdout + stderr, warnings: await prepared.finish(), ms };
  return loopbackProblem === undefined ? answered : { ...answered, loopbackProblem };
}

function without(args: readonly string[], run: readonly string[]): readonly string[] {
  const at = args.findIndex((_, index) => run.every((word, offset) => matches(args[index + offset], word)));
  if (at < 0) throw new Error(`no such arguments: ${run.join(' ')}`);
  return [...args.slice(0, at), ...args.slice(at + run.length)];
}

function matches(argument: string | undefined, word: string): boolean {
  return argument === word || (word.endsWith('=') && argument?.startsWith(word) === true);
}

for await (const line of createInterface({ input: process.stdin })) {
  const request: DriverRequest = JSON.parse(line);
  const result = await answer(request).catch((error: unknown) => ({ kind: 'failed', error: String(error) }));
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
// Ends what still runs.
process.exit();
