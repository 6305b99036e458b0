/**
 * `oagent exec`: one task without a terminal.
 *
 * Invariants: stdout carries only the final message, or with --json only JSON lines; everything else goes to
 * stderr; all input is checked before the first request; the exit code is 0 only for a completed turn. Nobody can be
 * asked, so the approval policy is always `never`.
 * Does not: show a TUI, or know how a turn works.
 */
import { accessSync, constants, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../config/errors.ts';
import { ModelError } from '../model/errors.ts';
import { MAX_RETRIES } from '../model/retry.ts';
import type { Event, JsonObject } from '../protocol.ts';
import { describeSandbox } from '../safety/policy.ts';
import { sanitizeForTerminal } from '../text/sanitize.ts';
import { errorLine } from './error-line.ts';
import type { HumanEvents } from './exec-human.ts';
import { JsonEvents, jsonLine } from './exec-json.ts';
import { readImage } from './images.ts';
import {
  findUp,
  type OpenSession,
  openSession,
  planSession,
  SessionError,
  type SessionPlan,
} from './open-session.ts';
import type { SessionFlags } from './options.ts';
import { readStdin, resolvePrompt } from './prompt-input.ts';
import { VERSION } from './version.ts';

export interface ExecFlags extends SessionFlags {
  readonly json?: boolean;
  readonly experimentalJson?: boolean;
  readonly outputLastMessage?: string;
  readonly outputSchema?: string;
  readonly skipGitRepoCheck?: boolean;
  readonly ignoreUserConfig?: boolean;
  readonly color?: 'always' | 'never' | 'auto';
}

/** Where a session's events go. */
interface Sink {
  readonly handle: (event: Event) => void;
  readonly opened: (session: OpenSession, plan: SessionPlan) => void;
  /** An error before there was a session. */
  readonly failed: (message: string) => void;
  /** A signal came before there was a session. */
  readonly interrupted: () => void;
  readonly close: () => void;
}

/** Runs the command. @returns the exit code. */
export async function execCommand(promptArgument: string | undefined, flags: ExecFlags): Promise<number> {
  const sink = flags.json || flags.experimentalJson ? jsonSink() : await humanSink(flags.color ?? 'auto');
  try {
    return await execute(promptArgument, flags, sink);
  } catch (error) {
    if (!isUserError(error)) throw error;
    sink.failed(error.message);
    return 1;
  } finally {
    sink.close();
  }
}

function isUserError(error: unknown): error is Error {
  return error instanceof SessionError || error instanceof ConfigError || error instanceof ModelError;
}

async function execute(promptArgument: string | undefined, flags: ExecFlags, sink: Sink): Promise<number> {
  const plan = planSession(flags, { ignoreUserConfig: flags.ignoreUserConfig ?? false });
  const prompt = await readPrompt(promptArgument);
  const markers = plan.loaded.config.project_root_markers;
  if (
    !flags.skipGitRepoCheck &&
    !plan.policy.bypass &&
    findUp(plan.cwd, ['.git', ...markers]) === undefined
  ) {
    throw new SessionError('Not inside a trusted directory and --skip-git-repo-check was not specified.');
  }
  const images = (flags.image ?? []).map((file) => orSessionError(() => readImage(path.resolve(file))));
  const outputSchema = flags.outputSchema === undefined ? undefined : readSchema(flags.outputSchema);
  const { outputLastMessage } = flags;
  if (outputLastMessage !== undefined) orSessionError(() => checkWritable(outputLastMessage));

  const interrupt = new AbortController();
  const stopListening = onSignals((signal) => interrupt.abort(signal));
  try {
    const onRetry = ({ message: reason }: ModelError, attempt: number): void =>
      sink.handle({ type: 'retry', attempt, max: MAX_RETRIES, reason });
    const session = await openSession(plan, onRetry, interrupt.signal);
    if (images.length > 0 && !session.facts.vision)
      throw new SessionError(`${session.model} cannot see images (-i)`);
    sink.opened(session, plan);
    interrupt.signal.addEventListener('abort', () => session.agent.submit({ type: 'shutdown' }), {
      once: true,
    });
    const end = await runOneTurn(session, sink, { text: prompt, images, outputSchema });
    return await finish(end, session, plan, flags, prompt);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    sink.interrupted();
    return 1;
  } finally {
    stopListening();
  }
}

type TurnEnd = Extract<Event, { type: 'turn_completed' | 'turn_failed' | 'turn_aborted' }>;

function runOneTurn(
  { agent, warnings }: OpenSession,
  sink: Sink,
  input: { text: string; images: readonly string[]; outputSchema: JsonObject | undefined },
): Promise<TurnEnd> {
  return new Promise((resolve) => {
    agent.subscribe((event) => {
      sink.handle(event);
      if (event.type === 'turn_completed' || event.type === 'turn_failed' || event.type === 'turn_aborted')
        resolve(event);
    });
    agent.start();
    for (const message of warnings) sink.handle({ type: 'warning', message });
    const { text, images, outputSchema } = input;
    agent.submit({
      type: 'user_turn',
      text,
      images,
      ...(outputSchema === undefined ? {} : { outputSchema }),
    });
  });
}

async function finish(
  end: TurnEnd,
  session: OpenSession,
  plan: SessionPlan,
  flags: ExecFlags,
  prompt: string,
): Promise<number> {
  if (end.type !== 'turn_completed') return 1;
  if (flags.outputLastMessage !== undefined) {
    if (end.lastMessage === null)
      process.stderr.write('warning: no last agent message; wrote an empty file\n');
    writeFileSync(flags.outputLastMessage, end.lastMessage ?? '');
  }
  const isSeenAlready =
    flags.json || flags.experimentalJson || (process.stdout.isTTY && process.stderr.isTTY);
  if (!isSeenAlready && end.lastMessage !== null) {
    process.stdout.write(
      `${process.stdout.isTTY ? sanitizeForTerminal(end.lastMessage) : end.lastMessage}\n`,
    );
  }
  const program = plan.loaded.config.notify;
  if (program !== undefined) {
    const { notify } = await import('./notify.ts');
    const { threadId } = session.agent;
    const { turnId, lastMessage } = end;
    const notice = {
      threadId,
      turnId,
      cwd: plan.cwd,
      inputMessages: [prompt],
      lastAssistantMessage: lastMessage,
    };
    const warning = await notify(program, notice);
    // The turn is over, and with it the stream of its events.
    if (warning !== undefined) process.stderr.write(`warning: ${sanitizeForTerminal(warning)}\n`);
  }
  return 0;
}

async function readPrompt(argument: string | undefined): Promise<string> {
  const resolved = await resolvePrompt({
    ...(argument === undefined ? {} : { argument }),
    stdin: { isTTY: process.stdin.isTTY ?? false, read: () => readStdin(process.stdin) },
    notify: (line) => process.stderr.write(`${line}\n`),
  });
  if (!resolved.ok) throw new SessionError(resolved.message);
  return resolved.prompt;
}

function readSchema(file: string): JsonObject {
  return orSessionError(() => {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw new Error(`cannot read the output schema ${file}: ${(error as Error).message}`);
    }
    try {
      const schema: unknown = JSON.parse(text);
      if (typeof schema === 'object' && schema !== null && !Array.isArray(schema))
        return schema as JsonObject;
    } catch (error) {
      throw new Error(`Output schema file ${file} is not valid JSON: ${(error as Error).message}`);
    }
    throw new Error(`Output schema file ${file} is not a JSON object`);
  });
}

/** Found out now, not after an hour of work; the file itself is written only at the end. */
function checkWritable(file: string): void {
  const target = path.resolve(file);
  const folder = path.dirname(target);
  const found = statSync(target, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new SessionError(`-o ${file}: it is a folder`);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SessionError(`-o ${file}: its folder does not exist`);
  }
  try {
    accessSync(found ? target : folder, constants.W_OK);
  } catch {
    throw new SessionError(`-o ${file}: it may not be written`);
  }
}

function orSessionError<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new SessionError((error as Error).message);
  }
}

/** The first signal ends the turn in good order; the second ends the process. @returns what stops listening. */
function onSignals(abort: (signal: NodeJS.Signals) => void): () => void {
  let isSeen = false;
  const handler = (signal: NodeJS.Signals): void => {
    if (isSeen) process.exit(1);
    isSeen = true;
    abort(signal);
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, handler);
  return () => {
    for (const name of names) process.off(name, handler);
  };
}

function jsonSink(): Sink {
  const put = (line: string): boolean => process.stdout.write(`${line}\n`);
  const events = new JsonEvents(put);
  return {
    handle: (event) => events.handle(event),
    opened: () => undefined,
    failed: (message) => {
      put(jsonLine({ type: 'error', message }));
      process.stderr.write(errorLine(message));
    },
    interrupted: () => undefined,
    close: () => undefined,
  };
}

async function humanSink(color: 'always' | 'never' | 'auto'): Promise<Sink> {
  const { HumanEvents: Events } = await import('./exec-human.ts');
  const isTerminal = process.stderr.isTTY ?? false;
  const human: HumanEvents = new Events({
    write: (text) => process.stderr.write(text),
    color: color === 'always' || (color === 'auto' && isTerminal && !process.env.NO_COLOR),
    live: isTerminal,
  });
  return {
    handle: (event) => human.handle(event),
    opened: (session, plan) => human.header({ version: VERSION, lines: headerLines(session, plan) }),
    failed: (message) => process.stderr.write(errorLine(message)),
    interrupted: () => process.stderr.write('turn interrupted\n'),
    close: () => human.close(),
  };
}

function headerLines(session: OpenSession, plan: SessionPlan): (readonly [string, string])[] {
  const { config } = plan.loaded;
  return [
    ['workdir', plan.cwd],
    ['model', session.model],
    ['provider', `${config.model_provider} (${session.host})`],
    ['window', `${session.numCtx.toLocaleString('en-US')} tokens (${session.windowSource})`],
    ['approval', 'never'],
    ['sandbox', describeSandbox(plan.policy)],
    ...(session.facts.thinking
      ? [['reasoning effort', config.model_reasoning_effort ?? 'medium'] as const]
      : []),
    ['session id', session.agent.threadId],
  ];
}
