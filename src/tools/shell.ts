/**
 * The `shell` tool: what the model may say of a command, and what is checked before it runs.
 *
 * Invariants: nothing is started without the guard's permit. Does not: run the command (run-command.ts), decide what may
 * run and with which variables (safety), recognise patches (tools/apply-patch), keep a session open.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import description from '../../prompts/tools/shell.md?raw';
import escalationText from '../../prompts/tools/shell-justification.md?raw';
import type { ToolSchema } from '../model/chat.ts';
import type { JsonObject } from '../protocol.ts';
import type { Escalation } from '../safety/decide.ts';
import { commandEnvironment, DEFAULT_ENVIRONMENT_POLICY } from '../safety/env.ts';
import { positiveArgument, stringArgument } from './arguments.ts';
import { notFoundMessage } from './near-paths.ts';
import { abortedText, runPermitted, tooLong } from './run-command.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';
import { failure } from './tool-call-item.ts';

const DEFAULT_TIMEOUT_MS = 120_000;
/** The longest time that a timer can wait. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const COMMAND_LIMIT = 2 ** 20;

const PROPERTIES = {
  command: { type: 'string' },
  workdir: { type: 'string' },
  timeout_ms: { type: 'integer' },
} as const;

/** Offered only where somebody can be asked: elsewhere the tokens would be paid for a certain refusal. */
const ESCALATION_PROPERTIES = {
  sandbox_permissions: { type: 'string', enum: ['use_default', 'require_escalated'] },
  justification: { type: 'string', description: escalationText.trim() },
  prefix_rule: { type: 'array', items: { type: 'string' } },
} as const;

function schemaOf(canEscalate: boolean): ToolSchema {
  const properties = canEscalate ? { ...PROPERTIES, ...ESCALATION_PROPERTIES } : PROPERTIES;
  return {
    type: 'function',
    function: {
      name: 'shell',
      description: description.trim(),
      parameters: { type: 'object', properties, required: ['command'] },
    },
  };
}

export interface ShellToolOptions {
  /** True if the command only reads: it may run beside others. */
  readonly isKnownSafe: (command: string) => boolean;
  /** Takes a command that is wholly an apply_patch call; undefined if it is not one. `workdir` is absolute. */
  readonly interceptPatch?: (
    command: string,
    workdir: string,
    ctx: ToolContext,
  ) => Promise<ToolResult> | undefined;
  /** The model may ask to run a command outside of the sandbox. */
  readonly canEscalate?: boolean;
  /** The environment of commands, whole; by default the process's own without what looks like a secret. */
  readonly env?: NodeJS.ProcessEnv;
}

export function createShellTool({
  isKnownSafe,
  interceptPatch,
  canEscalate = false,
  env = commandEnvironment(process.env, DEFAULT_ENVIRONMENT_POLICY, { networkAccess: true }),
}: ShellToolOptions): Tool {
  return {
    schema: schemaOf(canEscalate),
    isReadOnly: (args) => isKnownSafe(stringArgument(args, 'command') ?? ''),
    run: async (args, ctx) => {
      const command = stringArgument(args, 'command') ?? '';
      const workdir = path.resolve(ctx.cwd, stringArgument(args, 'workdir') ?? '');
      const problem = commandProblem(command) ?? (await workdirProblem(workdir, ctx.cwd));
      if (problem !== undefined) return failure(problem);
      const patched = interceptPatch?.(command, workdir, ctx);
      if (patched !== undefined) return patched;
      const escalation = escalationOf(args);
      const request = { command, cwd: workdir, ...(escalation === undefined ? {} : { escalation }) };
      const permit = await ctx.guard.command(request, ctx.ask);
      if (!permit.allowed) return failure(permit.message);
      if (ctx.signal.aborted) return failure(abortedText(0));
      const timeoutMs = Math.min(
        positiveArgument(args, 'timeout_ms') ?? DEFAULT_TIMEOUT_MS,
        LONGEST_TIMEOUT_MS,
      );
      return runPermitted({ command, workdir, timeoutMs, env }, permit, ctx);
    },
  };
}

/** What the model asks for with `sandbox_permissions`; the schema offers it only where the user can be asked. */
function escalationOf(args: JsonObject): Escalation | undefined {
  if (args.sandbox_permissions !== 'require_escalated') return undefined;
  const prefixRule = Array.isArray(args.prefix_rule) ? args.prefix_rule.map(String) : undefined;
  const justification = stringArgument(args, 'justification') ?? '';
  return { justification, ...(prefixRule === undefined ? {} : { prefixRule }) };
}

function commandProblem(command: string): string | undefined {
  if (command.trim() === '') return 'command is empty: give the shell command to run';
  if (command.includes('\0')) return 'command contains a NUL byte, which no shell command may';
  return Buffer.byteLength(command) > COMMAND_LIMIT ? tooLong(command) : undefined;
}

async function workdirProblem(workdir: string, cwd: string): Promise<string | undefined> {
  try {
    return statSync(workdir).isDirectory() ? undefined : `workdir is not a directory: ${workdir}`;
  } catch {
    return `workdir: ${await notFoundMessage(workdir, cwd)}`;
  }
}
