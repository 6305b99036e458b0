/** The arguments of all tools that run a command, and what is checked first: nothing starts without the guard's permit. */
import { statSync } from 'node:fs';
import path from 'node:path';
import escalationText from '../../../prompts/tools/command-justification.md?raw';
import type { ToolSchema } from '../../model/chat.ts';
import type { JsonObject } from '../../protocol.ts';
import type { Escalation } from '../../safety/decide.ts';
import { commandEnvironment, DEFAULT_ENVIRONMENT_POLICY } from '../../safety/env.ts';
import type { CommandPermit } from '../../safety/guard.ts';
import { stringArgument } from '../arguments.ts';
import { notFoundMessage } from '../near-paths.ts';
import type { ToolContext, ToolResult } from '../tool.ts';
import { failure, refusal } from '../tool-call-item.ts';
import { abortedText, tooLong } from './command-item.ts';

const COMMAND_LIMIT = 2 ** 20;

/** Offered only where somebody can be asked: elsewhere the tokens would buy a certain refusal. */
const ESCALATION_PROPERTIES = {
  sandbox_permissions: { type: 'string', enum: ['use_default', 'require_escalated'] },
  justification: { type: 'string', description: escalationText.trim() },
  prefix_rule: { type: 'array', items: { type: 'string' } },
} as const;

/** What the model sees of a tool that runs commands. */
interface ShownTool extends Omit<ToolSchema['function']['parameters'], 'type'> {
  readonly name: string;
  readonly description: string;
}

/** @param canEscalate the model may ask to run a command outside of the sandbox. */
export function commandSchema(
  { name, description, properties, required }: ShownTool,
  canEscalate: boolean,
): ToolSchema {
  const all = canEscalate ? { ...properties, ...ESCALATION_PROPERTIES } : properties;
  return {
    type: 'function',
    function: {
      name,
      description: description.trim(),
      parameters: { type: 'object', properties: all, required },
    },
  };
}

/** Options of the tools that run commands. */
export interface CommandToolOptions {
  /** True if the command only reads: it may run beside others. */
  readonly isKnownSafe: (command: string) => boolean;
  /** The model may ask to run a command outside of the sandbox. */
  readonly canEscalate?: boolean;
  /** The environment of commands, whole; by default the process's own without what looks like a secret. */
  readonly env?: () => NodeJS.ProcessEnv;
  /** Bytes of output in files after which a command is stopped; 1 GiB by default. */
  readonly maxSpillBytes?: number;
}

/** The environment of commands where none is given. */
export function defaultEnvironment(): NodeJS.ProcessEnv {
  return commandEnvironment(process.env, DEFAULT_ENVIRONMENT_POLICY, { networkAccess: true });
}

export type Admission =
  | { readonly permit: CommandPermit; readonly workdir: string }
  /** The call is answered already: it may not run. */
  | { readonly result: ToolResult };

/** Checks a call that is to run `command`; asks the user where that is needed. */
export async function admit(command: string, args: JsonObject, ctx: ToolContext): Promise<Admission> {
  const workdir = path.resolve(ctx.cwd, stringArgument(args, 'workdir') ?? '');
  const problem = commandProblem(command) ?? (await workdirProblem(workdir, ctx.cwd));
  if (problem !== undefined) return { result: failure(problem) };
  const escalation = escalationOf(args);
  const request = { command, cwd: workdir, escalation, terminal: args.tty === true || undefined };
  const permit = await ctx.guard.command(request, ctx.ask);
  if (!permit.allowed) return { result: refusal(permit.message) };
  return ctx.signal.aborted ? { result: refusal(abortedText(0)) } : { permit, workdir };
}

/** What the model asks for with `sandbox_permissions`; the schema offers it only where the user can be asked. */
function escalationOf(args: JsonObject): Escalation | undefined {
  if (args.sandbox_permissions !== 'require_escalated') return undefined;
  const prefixRule = Array.isArray(args.prefix_rule) ? args.prefix_rule.map(String) : undefined;
  const justification = stringArgument(args, 'justification') ?? '';
  return { justification, prefixRule };
}

function commandProblem(command: string): string | undefined {
  if (command.trim() === '') return 'command is empty: give the shell command to run';
  if (command.includes('\0')) return 'command contains a NUL byte, which a shell command cannot hold';
  return Buffer.byteLength(command) > COMMAND_LIMIT ? tooLong(command) : undefined;
}

async function workdirProblem(workdir: string, cwd: string): Promise<string | undefined> {
  try {
    return statSync(workdir).isDirectory() ? undefined : `workdir is not a directory: ${workdir}`;
  } catch {
    return `workdir: ${await notFoundMessage(workdir, cwd)}`;
  }
}
