/**
 * The `shell` tool: runs one command and tells the model how it ended.
 *
 * Owns: the result's form (Codex's), the time limit. Invariants: the item is
 * closed on every way out; after a time-out or an interrupt nothing of the command's process group runs;
 * memory is bounded whatever the command prints. stdout and stderr share one pipe, so they are merged in the
 * order in which they were written. The shell is no login shell: that would read the user's profile again for
 * every command, which can take seconds and print, and oagent has inherited its environment anyway.
 * Does not: decide what may run and with which variables (safety), recognise patches (tools/apply-patch), keep a session open.
 */
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import description from '../../prompts/tools/shell.md?raw';
import escalationText from '../../prompts/tools/shell-justification.md?raw';
import { commandShell } from '../context/environment.ts';
import { type CapturedOutput, OutputCapture } from '../context/output-capture.ts';
import type { ToolSchema } from '../model/chat.ts';
import type { JsonObject } from '../protocol.ts';
import type { Escalation } from '../safety/decide.ts';
import { commandEnvironment, DEFAULT_ENVIRONMENT_POLICY } from '../safety/env.ts';
import type { CommandPermit } from '../safety/guard.ts';
import type { Prepared } from '../safety/sandbox/sandbox.ts';
import { positiveArgument, stringArgument } from './arguments.ts';
import { notFoundMessage } from './near-paths.ts';
import { OutputDeltas } from './output-deltas.ts';
import { type ProcessGroup, startGroup, within } from './process-tree.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';
import { errorMessage, failure } from './tool-call-item.ts';

const DEFAULT_TIMEOUT_MS = 120_000;
/** The longest time that a timer can wait. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const TIMEOUT_GRACE_MS = 2_000;
const INTERRUPT_GRACE_MS = 100;
/** How long to read on after the shell has ended: a background process may hold the pipe open for ever. */
const DRAIN_MS = 2_000;
const TIMEOUT_EXIT_CODE = 124;
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

interface Command {
  readonly command: string;
  readonly workdir: string;
  readonly timeoutMs: number;
  readonly env: NodeJS.ProcessEnv;
}

type Ending =
  | { readonly kind: 'exited' | 'timeout'; readonly exitCode: number }
  | { readonly kind: 'aborted' };

/** Runs the command, and again outside of the sandbox if that stopped it and the guard allows it. */
async function runPermitted(command: Command, permit: CommandPermit, ctx: ToolContext): Promise<ToolResult> {
  const { result, exitCode, output } = await runCommand(command, permit, ctx);
  const again = await permit.afterRun?.(exitCode, output);
  return again === undefined || ctx.signal.aborted ? result : (await runCommand(command, again, ctx)).result;
}

interface CommandEnd {
  readonly result: ToolResult;
  /** Null if it did not start or was interrupted. */
  readonly exitCode: number | null;
  /** What was shown of its output. */
  readonly output: string;
}

async function runCommand(
  { command, workdir, timeoutMs, env }: Command,
  permit: CommandPermit,
  ctx: ToolContext,
): Promise<CommandEnd> {
  const shell = commandShell();
  const item = {
    type: 'command_execution',
    id: ctx.nextItemId(),
    command: `${shell} -c ${quote(command)}`,
    cwd: workdir,
  } as const;
  const start = performance.now();
  const close = (output: string, exitCode: number | null): void => {
    const durationMs = Math.round(performance.now() - start);
    const status = exitCode === 0 ? 'completed' : 'failed';
    ctx.emit({ type: 'item_completed', item: { ...item, output, exitCode, durationMs, status } });
  };
  ctx.emit({
    type: 'item_started',
    item: { ...item, output: '', exitCode: null, durationMs: 0, status: 'in_progress' },
  });

  let group: ProcessGroup;
  let prepared: Prepared | undefined;
  try {
    // stderr joins stdout, so that both come through one pipe in order; only what the shell says of a script that it
    // cannot parse still comes through the other.
    const args = ['-c', `exec 2>&1; ${command}`];
    prepared = await permit.prepare?.([shell, ...args], workdir, env);
    group = await (prepared === undefined
      ? startGroup(shell, args, { cwd: workdir, env })
      : startGroup(prepared.file, prepared.args, {
          cwd: workdir,
          env: prepared.env,
          extraFds: prepared.extraFds,
        }));
  } catch (error) {
    await prepared?.finish();
    const text = startProblem(error, command);
    close(text, null);
    return { result: failure(text), exitCode: null, output: '' };
  }
  const deltas = new OutputDeltas((text) => ctx.emit({ type: 'item_delta', itemId: item.id, text }));
  const capture = new OutputCapture({ limitBytes: ctx.outputLimit, spillPath: ctx.spillPath });
  const { ending, leftBehind } = await follow(group, timeoutMs, ctx.signal, (chunk) => {
    deltas.add(chunk);
    return capture.write(chunk);
  });
  deltas.end();
  const seconds = (performance.now() - start) / 1_000;
  const captured = await capture.finish();
  const warnings = (await prepared?.finish()) ?? [];
  const notice = ending.kind === 'timeout' ? `command timed out after ${timeoutMs} milliseconds\n` : '';
  close(notice + captured.displayText, ending.kind === 'aborted' ? null : ending.exitCode);
  const output = captured.displayText;
  if (ending.kind === 'aborted') return { result: failure(abortedText(seconds)), exitCode: null, output };
  const background = leftBehind
    ? ['A background process still runs; its further output is not captured.']
    : [];
  const notes = [...background, ...captured.notes, ...warnings];
  const text = resultText(ending.exitCode, seconds, notice, { ...captured, notes });
  return { result: { ok: ending.exitCode === 0, text, bounded: true }, exitCode: ending.exitCode, output };
}

/** What the model asks for with `sandbox_permissions`; the schema offers it only where the user can be asked. */
function escalationOf(args: JsonObject): Escalation | undefined {
  if (args.sandbox_permissions !== 'require_escalated') return undefined;
  const prefixRule = Array.isArray(args.prefix_rule) ? args.prefix_rule.map(String) : undefined;
  const justification = stringArgument(args, 'justification') ?? '';
  return { justification, ...(prefixRule === undefined ? {} : { prefixRule }) };
}

/** Hands every chunk of the group's output to `take` until it has ended, is out of time or is interrupted. */
async function follow(
  group: ProcessGroup,
  timeoutMs: number,
  signal: AbortSignal,
  take: (chunk: Buffer) => void | Promise<void>,
): Promise<{ ending: Ending; leftBehind: boolean }> {
  let taken: Promise<void> | undefined;
  const pipes = [group.stdout, group.stderr];
  for (const pipe of pipes) {
    pipe.on('data', (chunk: Buffer) => {
      const taking = take(chunk);
      if (taking === undefined) return;
      pipe.pause();
      taken = taking.then(() => void pipe.resume());
    });
  }
  const closed = Promise.all(
    pipes.map((pipe) => new Promise<void>((resolve) => pipe.once('close', resolve))),
  );

  let waited = await within(group.exited, timeoutMs, signal);
  if (waited.kind === 'timeout') await group.terminate(TIMEOUT_GRACE_MS);
  const drained = await within(closed, DRAIN_MS, signal);
  if (drained.kind === 'aborted') {
    waited = drained;
    await group.terminate(INTERRUPT_GRACE_MS);
    await within(closed, INTERRUPT_GRACE_MS);
  }
  const leftBehind = waited.kind === 'done' && drained.kind === 'timeout';
  if (leftBehind) group.detach();
  else for (const pipe of pipes) pipe.destroy();
  await taken;
  switch (waited.kind) {
    case 'done':
      return { ending: { kind: 'exited', exitCode: exitCodeOf(waited.value) }, leftBehind };
    case 'timeout':
      return { ending: { kind: 'timeout', exitCode: TIMEOUT_EXIT_CODE }, leftBehind };
    case 'aborted':
      return { ending: { kind: 'aborted' }, leftBehind };
  }
}

/** The exit code, or 128 and the number of the signal, as shells count. */
function exitCodeOf({ code, signal }: { code: number | null; signal: NodeJS.Signals | null }): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

function resultText(exitCode: number, seconds: number, notice: string, output: CapturedOutput): string {
  const lines = output.truncated ? `Total output lines: ${output.totalLines}\n` : '';
  const text = notice + output.modelText;
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  const notes =
    output.notes.length === 0 ? '' : separator + output.notes.map((note) => `[${note}]`).join('\n');
  return `Exit code: ${exitCode}\nWall time: ${seconds.toFixed(1)} seconds\n${lines}Output:\n${text}${notes}`;
}

function abortedText(seconds: number): string {
  return `Wall time: ${seconds.toFixed(1)} seconds\naborted by user`;
}

function commandProblem(command: string): string | undefined {
  if (command.trim() === '') return 'command is empty: give the shell command to run';
  if (command.includes('\0')) return 'command contains a NUL byte, which no shell command may';
  return Buffer.byteLength(command) > COMMAND_LIMIT ? tooLong(command) : undefined;
}

function tooLong(command: string): string {
  return `command is too long (${Buffer.byteLength(command)} bytes): write long text to a file with apply_patch first`;
}

async function workdirProblem(workdir: string, cwd: string): Promise<string | undefined> {
  try {
    return statSync(workdir).isDirectory() ? undefined : `workdir is not a directory: ${workdir}`;
  } catch {
    return `workdir: ${await notFoundMessage(workdir, cwd)}`;
  }
}

function startProblem(error: unknown, command: string): string {
  // Linux takes no single argument of more than 128 KiB.
  if (error instanceof Error && 'code' in error && error.code === 'E2BIG') return tooLong(command);
  return `the command could not be started: ${errorMessage(error)}`;
}

/** One word of a POSIX command line. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
