/**
 * `oagent sandbox -- CMD…`: runs a command the way the model's commands run, to see what it can do.
 *
 * Without a sandbox nothing runs, unless full access was asked for.
 */

import type { Permissions } from '../../safety/permissions.ts';
import { createSandbox } from '../../safety/sandbox/probe.ts';
import { type Prepared, SandboxError } from '../../safety/sandbox/sandbox.ts';
import { ENDING_SIGNALS } from '../../system/ending-signals.ts';
import { runInTerminal } from '../../system/run.ts';
import { errorMessage } from '../../text/error-message.ts';

/**
 * @param env the variables that it gets.
 * @returns the exit code: the command's own, 128 + n after a signal, 127 if it is not found, 126 if it cannot be run, 1 if it
 * cannot be confined.
 */
export async function sandboxCommand(
  argv: readonly string[],
  permissions: Permissions,
  env: NodeJS.ProcessEnv = permissions.env,
): Promise<number> {
  const sandbox = await createSandbox(permissions);
  for (const note of sandbox.notes) process.stderr.write(`oagent: ${note}\n`);
  if (sandbox.kind === 'none' && permissions.mode !== 'danger-full-access') return 1;
  try {
    // The shell knows 127 (not found) from 126 (cannot be run); the sandbox's program does not.
    const command = ['/bin/sh', '-c', 'exec "$@"', 'oagent', ...argv];
    const prepared = await sandbox.prepare({ argv: command, cwd: permissions.cwd, env });
    const code = await run(prepared, permissions.cwd);
    for (const warning of await prepared.finish()) process.stderr.write(`oagent: ${warning}\n`);
    return code;
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    process.stderr.write(`oagent: ${error.message}\n`);
    return 1;
  }
}

/** The terminal sends Ctrl-C to both; oagent has to outlive the command to clean up after it. */
async function run({ file, args, env, extraFds }: Prepared, cwd: string): Promise<number> {
  try {
    return await runInTerminal(file, args, { cwd, env, extraFds, passedOn: ENDING_SIGNALS });
  } catch (error) {
    process.stderr.write(`oagent: ${errorMessage(error)}\n`);
    return 127;
  }
}
