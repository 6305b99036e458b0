/**
 * What `exec` is given, read and checked before any request.
 *
 * Invariants: each problem is a SessionError of one line that names the file or the flag. Does not: read configuration
 * (open-session.ts).
 */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { findUp } from '../../config/trust.ts';
import type { JsonObject } from '../../protocol.ts';
import { SessionError, type SessionPlan } from '../../session/open-session.ts';
import { readImage } from '../interactive/images.ts';
import type { SessionFlags } from '../options.ts';
import { readStdin, resolvePrompt } from './prompt-input.ts';

export interface ExecFlags extends SessionFlags {
  readonly json?: boolean;
  readonly experimentalJson?: boolean;
  readonly outputLastMessage?: string;
  readonly outputSchema?: string;
  readonly verify?: string;
  readonly skipGitRepoCheck?: boolean;
  readonly ignoreUserConfig?: boolean;
  readonly ephemeral?: boolean;
  readonly color?: 'always' | 'never' | 'auto';
}

export interface ExecInput {
  readonly prompt: string;
  /** Base64. */
  readonly images: readonly string[];
  readonly outputSchema: JsonObject | undefined;
  /** A command to be run at the end. */
  readonly verify: string | undefined;
}

/** @param appendStdin piped text is added behind a prompt of the command line. @throws SessionError */
export async function readInput(
  promptArgument: string | undefined,
  flags: ExecFlags,
  { cwd }: SessionPlan,
  appendStdin = true,
): Promise<ExecInput> {
  const prompt = await readPrompt(promptArgument, appendStdin);
  const isChecked = !flags.skipGitRepoCheck && !flags.dangerouslyBypassApprovalsAndSandbox;
  if (isChecked && findUp(cwd, ['.git']) === undefined) {
    throw new SessionError('Not inside a trusted directory and --skip-git-repo-check was not specified.');
  }
  const { outputLastMessage, outputSchema, verify } = flags;
  return orSessionError(() => {
    const images = (flags.image ?? []).map((file) => readImage(path.resolve(file)));
    const schema = outputSchema === undefined ? undefined : readSchema(outputSchema);
    if (outputLastMessage !== undefined) checkWritable(outputLastMessage);
    return { prompt, images, outputSchema: schema, verify };
  });
}

async function readPrompt(argument: string | undefined, appendStdin: boolean): Promise<string> {
  const resolved = await resolvePrompt({
    appendStdin,
    argument,
    stdin: { isTTY: process.stdin.isTTY ?? false, read: () => readStdin(process.stdin) },
    notify: (line) => process.stderr.write(`${line}\n`),
  });
  if (!resolved.ok) throw new SessionError(resolved.message);
  return resolved.prompt;
}

function readSchema(file: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`cannot read the output schema ${file}: ${(error as Error).message}`);
  }
  try {
    const schema: unknown = JSON.parse(text);
    if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema as JsonObject;
  } catch (error) {
    throw new Error(`Output schema file ${file} is not valid JSON: ${(error as Error).message}`);
  }
  throw new Error(`Output schema file ${file} is not a JSON object`);
}

/** Found out now, not after an hour of work; the file itself is written only at the end. */
function checkWritable(file: string): void {
  const target = path.resolve(file);
  const folder = path.dirname(target);
  const found = statSync(target, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new Error(`-o ${file}: it is a folder`);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`-o ${file}: its folder does not exist`);
  }
  try {
    accessSync(found ? target : folder, constants.W_OK);
  } catch {
    throw new Error(`-o ${file}: it may not be written`);
  }
}

function orSessionError<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new SessionError((error as Error).message);
  }
}
