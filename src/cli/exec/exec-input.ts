/** The input of `exec`, read and checked before any request. Each problem is a SessionError of one line. */
import { findUp } from '../../config/trust.ts';
import type { Op } from '../../protocol.ts';
import { firstMessage } from '../../session/first-message.ts';
import type { SessionFlags } from '../../session/flags.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { SessionError } from '../../session/session-error.ts';
import { readStdin, resolvePrompt } from './prompt-input.ts';

export interface ExecFlags extends SessionFlags {
  readonly json?: boolean;
  readonly experimentalJson?: boolean;
  /** JSON lines of all events go into this file. */
  readonly events?: string;
  readonly outputLastMessage?: string;
  readonly outputSchema?: string;
  readonly verify?: string;
  /** Rounds go on until this command succeeds. */
  readonly until?: string;
  readonly maxRounds?: number;
  /** Prompts, one a line, in the place of one prompt. */
  readonly queue?: string;
  readonly skipGitRepoCheck?: boolean;
  readonly ignoreUserConfig?: boolean;
  readonly ephemeral?: boolean;
  readonly color?: 'always' | 'never' | 'auto';
}

export type Task = Extract<Op, { type: 'user_turn' }>;

/** @param appendStdin adds piped text to a prompt of the command line. @throws SessionError */
export async function readTask(
  promptArgument: string | undefined,
  flags: ExecFlags,
  { cwd }: SessionPlan,
  appendStdin = true,
): Promise<Task> {
  const prompt = await readPrompt(promptArgument, appendStdin);
  checkFolder(flags, cwd);
  return taskOf(prompt, flags);
}

/** @throws SessionError */
export function checkFolder(flags: ExecFlags, cwd: string): void {
  const isChecked = !flags.skipGitRepoCheck && !flags.dangerouslyBypassApprovalsAndSandbox;
  if (isChecked && findUp(cwd, ['.git']) === undefined) {
    throw new SessionError('Not inside a trusted directory and --skip-git-repo-check was not specified.');
  }
}

/** The first task, with the files that the flags name. @throws SessionError */
export async function taskOf(
  prompt: string,
  { image: images, outputSchema, verify }: ExecFlags,
): Promise<Task> {
  return { ...(await firstMessage(prompt, { images, outputSchema }, sayOnStderr)), verify };
}

/** Without the images; no file is read again, since a command may have changed it. */
export async function laterTask(prompt: string, { outputSchema, verify }: Task): Promise<Task> {
  return { ...(await firstMessage(prompt, {}, sayOnStderr)), outputSchema, verify };
}

async function readPrompt(argument: string | undefined, appendStdin: boolean): Promise<string> {
  const resolved = await resolvePrompt({
    appendStdin,
    argument,
    stdin: { isTTY: process.stdin.isTTY ?? false, read: () => readStdin(process.stdin) },
    notify: sayOnStderr,
  });
  if (!resolved.ok) throw new SessionError(resolved.message);
  return resolved.prompt;
}

function sayOnStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
