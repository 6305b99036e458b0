/**
 * `oagent exec`: one task without a terminal.
 *
 * stdout carries only the final message, or with --json only JSON lines; everything else goes to stderr. All input is
 * checked before the first request. The exit code is 0 only for a completed turn whose --verify, if any, succeeded.
 */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../../config/errors.ts';
import { ModelError } from '../../model/errors.ts';
import { shownRetries } from '../../model/retry.ts';
import type { Evidence } from '../../protocol/evidence.ts';
import type { TurnEnd } from '../../protocol.ts';
import { RulesError } from '../../safety/rules-source.ts';
import type { OpenSession } from '../../session/build-agent.ts';
import type { CodeIndex } from '../../session/code-index.ts';
import { connect, onOneHost } from '../../session/connect.ts';
import { openExtensions } from '../../session/extensions.ts';
import { shownTo } from '../../session/hidden-thinking.ts';
import { limitsOf } from '../../session/limits.ts';
import { openSession } from '../../session/open-session.ts';
import { planSession, releaseStored, type SessionPlan } from '../../session/plan.ts';
import { openMemories } from '../../session/recall.ts';
import { SessionError, UsageError } from '../../session/session-error.ts';
import type { SessionChoice } from '../../session/stored.ts';
import { ENDING_SIGNALS } from '../../system/ending-signals.ts';
import { checkText } from '../../text/evidence-line.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { checkFolder, type ExecFlags, readTask, type Task } from './exec-input.ts';
import { fileSink, humanSink, jsonSink, type Sink, Sinks } from './exec-sink.ts';
import { FAILED, LIMIT_EXITS, NOT_VERIFIED, WRONG_USAGE } from './exit-codes.ts';
import type { keepPlan } from './keep-plan.ts';
import type { OwnCommand } from './own-command.ts';
import type { Queue } from './queue/queue-run.ts';
import type { runQueue } from './queue/run-queue.ts';
import type { Spent } from './spent.ts';
import { ExecTurns } from './turns.ts';
import type { UntilEnd } from './until.ts';

/** How long the task waits for an index that is not ready: its code can only be added to this one message. */
const INDEX_PATIENCE_MS = 3_000;

/** @param choice the session to resume; absent: a new one. @returns the exit code. */
export async function execCommand(
  promptArgument: string | undefined,
  flags: ExecFlags,
  choice?: SessionChoice,
): Promise<number> {
  const shown = flags.json || flags.experimentalJson ? jsonSink() : await humanSink(flags.color ?? 'auto');
  const sink = new Sinks(shown);
  try {
    return await execute(promptArgument, flags, sink, choice);
  } catch (error) {
    if (!isUserError(error)) throw error;
    sink.failed(error.message);
    return error instanceof UsageError ? WRONG_USAGE : FAILED;
  } finally {
    sink.close();
  }
}

function isUserError(error: unknown): error is Error {
  return [SessionError, ConfigError, ModelError, RulesError].some((kind) => error instanceof kind);
}

async function execute(
  promptArgument: string | undefined,
  flags: ExecFlags,
  sink: Sinks,
  choice: SessionChoice | undefined,
): Promise<number> {
  const planned = planSession(flags, {
    ignoreUserConfig: flags.ignoreUserConfig ?? false,
    ephemeral: flags.ephemeral ?? false,
  });
  if (flags.events !== undefined) {
    const { openEvents } = await import('./output-file.ts');
    sink.add(fileSink(openEvents(flags.events, planned)));
  }
  const queue = await queueOf(flags, planned, sink);
  const isNew = choice === undefined;
  const given = queue === undefined ? await readTask(promptArgument, flags, planned, isNew) : undefined;
  let extensions: ReturnType<typeof openExtensions> | undefined;
  const extend = (): ReturnType<typeof openExtensions> => {
    extensions ??= openExtensions(plan, { emit: sink.handle });
    return extensions;
  };
  const write = await outputOf(flags, planned);
  let plan = choice ? await resumed(planned, choice) : planned;
  const entry = await queue?.first(plan.stored?.session.path);
  const read = given ?? entry?.task;
  if (read === undefined) {
    releaseStored(plan);
    return 0;
  }
  // A command in a queue is one for its entry alone.
  const own = await (given && commandIn(given, flags, plan, extend))?.catch(async (error: unknown) => {
    await extensions?.then((opened) => opened.close());
    throw error;
  });
  if (own !== undefined) plan = own.plan;
  const task = own === undefined ? read : { ...read, text: own.text, shownAs: own.shownAs };
  let index: Promise<CodeIndex | undefined> | undefined;
  const openIndex = (): Promise<CodeIndex | undefined> => {
    index = existingIndex(plan, task.text);
    return index;
  };
  let memories: ReturnType<typeof openMemories> | undefined;
  const remember = (): ReturnType<typeof openMemories> => {
    memories = openMemories(plan);
    return memories;
  };
  const interrupt = new AbortController();
  const stopListening = onSignals((signal) => interrupt.abort(signal));
  let opened: OpenSession | undefined;
  /** Of the command that an entry of the queue is. */
  let current: SessionPlan | undefined;
  try {
    const onRetry = ({ message: reason }: ModelError, attempt: number): void => {
      const max = shownRetries(attempt, connect(plan).maxRetries);
      sink.handle({ type: 'retry', attempt, max, reason });
    };
    plan = await onOneHost(plan, interrupt.signal);
    tellHosts(plan, sink);
    const session = await openSession(
      plan,
      { openIndex, openMemories: remember, openExtensions: extend, onRetry, rules: () => current ?? plan },
      interrupt.signal,
    );
    if (task.images !== undefined && !session.facts.vision) {
      const { requireEyes } = await import('./require-eyes.ts');
      await requireEyes(session.model, plan, interrupt.signal);
    }
    opened = session;
    const missing = await (await extensions)?.mcp?.requireAll(interrupt.signal);
    if (missing !== undefined) throw new SessionError(`a required MCP server cannot be used\n${missing}`);
    sink.opened(session, plan);
    interrupt.signal.addEventListener('abort', () => session.agent.submit({ type: 'shutdown' }), {
      once: true,
    });
    const handle = shownTo(sink.handle, plan.loaded.config);
    const turns = new ExecTurns(session.agent, handle, interrupt.signal);
    session.agent.start();
    for (const message of [...(plan.stored?.notes ?? []), ...session.warnings]) turns.warn(message);
    const run = { turns, session, flags };
    const code =
      queue === undefined || entry === undefined
        ? await perform(task, plan, { ...run, write })
        : await inQueue(queue, entry, {
            ...{ session, plan, flags, write, signal: interrupt.signal, openExtensions: extend },
            parts: { index: await index, memories: await memories, extensions: await extensions },
            warn: (message) => turns.warn(message),
            perform: (each, mine, more) => perform(each, mine, { ...run, ...more }),
            planned: (now) => {
              current = now;
            },
          });
    for (const command of turns.running) warn(`this command still ran, and ended with oagent: ${command}`);
    return code;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    sink.interrupted();
    return 1;
  } finally {
    // Nothing that the agent started outlives it.
    opened?.agent.submit({ type: 'shutdown' });
    await opened?.agent.settled();
    await opened?.record.close();
    releaseStored(plan);
    await index?.then((opened) => opened?.close()).catch(() => undefined);
    await memories?.then((opened) => opened?.close()).catch(() => undefined);
    await extensions?.then((opened) => opened.close()).catch(() => undefined);
    stopListening();
  }
}

function tellHosts({ server }: SessionPlan, sink: Sink): void {
  if (server === undefined) return;
  const { hosts } = server;
  const host = hosts.find(({ isUsed }) => isUsed)?.host ?? '';
  sink.handle({ type: 'server_state', state: 'ready', host, hosts });
}

/** The index of the repository if there is one, already searching for the task; otherwise none of its code is loaded. */
async function existingIndex(plan: SessionPlan, task: string): Promise<CodeIndex | undefined> {
  if (!existsSync(path.join(plan.home, 'index'))) return undefined;
  const { openCodeIndex } = await import('../../session/code-index.ts');
  const index = await openCodeIndex(plan, { purpose: 'use', patienceMs: INDEX_PATIENCE_MS });
  index?.start();
  index?.prepare(task);
  return index;
}

/** Loaded only for a task that looks like a command. */
async function commandIn({ text }: Task, ...rest: CommandArguments): Promise<OwnCommand | undefined> {
  if (!text.startsWith('/')) return undefined;
  const { ownCommand } = await import('./own-command.ts');
  return ownCommand(text, ...rest);
}

type CommandArguments = [ExecFlags, SessionPlan, () => ReturnType<typeof openExtensions>];

async function resumed(plan: SessionPlan, choice: SessionChoice): Promise<SessionPlan> {
  const { resumePlan } = await import('../../session/stored.ts');
  return resumePlan(plan, choice);
}

/** Loaded only for a queue. @throws UsageError */
async function queueOf(flags: ExecFlags, plan: SessionPlan, sink: Sink): Promise<Queue | undefined> {
  if (flags.queue === undefined) return undefined;
  checkFolder(flags, plan.cwd);
  const { Queue: Opened } = await import('./queue/queue-run.ts');
  return new Opened(flags.queue, plan, flags, sink);
}

async function inQueue(...work: Parameters<typeof runQueue>): Promise<number> {
  const { runQueue: run } = await import('./queue/run-queue.ts');
  return run(...work);
}

interface Run {
  readonly turns: ExecTurns;
  readonly session: OpenSession;
  readonly flags: ExecFlags;
  /** What it has in common with other tasks; absent: nothing. */
  readonly spent?: Spent;
  readonly write: Output['write'];
}

/** @returns the exit code. */
async function perform(task: Task, plan: SessionPlan, run: Run): Promise<number> {
  const { end, limit } = await runTask(task, plan, run);
  const code = await finish(end, run.session, plan, run, task);
  return limit === undefined ? code : LIMIT_EXITS[limit];
}

/** One turn, or with `--until` as many as it takes. */
async function runTask(task: Task, plan: SessionPlan, { turns, flags, spent }: Run): Promise<UntilEnd> {
  if (flags.until === undefined)
    return {
      end: await turns.run(spent === undefined ? task : { ...task, limits: spent.left }, spent?.hear),
    };
  const { untilSuccess, USUAL_ROUNDS } = await import('./until.ts');
  return untilSuccess(task, {
    command: flags.until,
    rounds: flags.maxRounds ?? USUAL_ROUNDS,
    limits: limitsOf(plan.loaded.config),
    spent,
    turns,
  });
}

async function finish(
  end: TurnEnd,
  session: OpenSession,
  plan: SessionPlan,
  output: Output,
  task: Task,
): Promise<number> {
  if (end.type === 'turn_failed' && end.limit !== undefined) {
    giveAnswer(end.limit.lastMessage, output);
    return LIMIT_EXITS[end.limit.code];
  }
  if (end.type !== 'turn_completed') return 1;
  giveAnswer(end.lastMessage, output);
  const isUnplanned = plan.permissions.isPlan && !(await hasPlan(end.lastMessage ?? '', plan, output.flags));
  const program = plan.loaded.config.notify;
  if (program !== undefined) {
    const { notify } = await import('./notify.ts');
    const { threadId } = session.agent;
    const { turnId, lastMessage } = end;
    const notice = {
      threadId,
      turnId,
      cwd: plan.cwd,
      inputMessages: [task.text],
      lastAssistantMessage: lastMessage,
    };
    const warning = await notify(program, notice);
    if (warning !== undefined) warn(warning);
  }
  if (isUnplanned) return 1;
  if (end.isVerified !== undefined) return end.isVerified ? 0 : NOT_VERIFIED;
  const isOpen =
    (await isUndone(end.evidence, task, plan)) || (await hasFailedTests(end.evidence, task, plan));
  return isOpen ? NOT_VERIFIED : 0;
}

/** Says so. Of a turn that changed a file nothing has to be loaded. */
async function isUndone({ files, ...seen }: Evidence, task: Task, plan: SessionPlan): Promise<boolean> {
  if (files.length > 0 || task.isTask || plan.permissions.isPlan) return false;
  const { isLeftUndone } = await import('../../agent/open-work.ts');
  if (!isLeftUndone(task.text, { files, ...seen })) return false;
  process.stderr.write('error: nothing was changed, though the task asks for a change\n');
  return true;
}

/** Says so. Nothing has to be loaded where every check passed. */
async function hasFailedTests(evidence: Evidence, task: Task, plan: SessionPlan): Promise<boolean> {
  if (task.isTask || plan.permissions.isPlan || evidence.checks.every(({ passed }) => passed)) return false;
  const { failedTests } = await import('../../agent/open-work.ts');
  const failed = failedTests(task.text, evidence);
  if (failed === undefined) return false;
  process.stderr.write(`error: tests fail: ${sanitizeForTerminal(checkText(failed))}\n`);
  return true;
}

/** The turn is over, and with it the stream of events. */
function warn(message: string): void {
  process.stderr.write(`warning: ${sanitizeForTerminal(message)}\n`);
}

async function hasPlan(...answer: Parameters<typeof keepPlan>): Promise<boolean> {
  const { keepPlan: keep } = await import('./keep-plan.ts');
  return keep(...answer);
}

interface Output {
  readonly flags: ExecFlags;
  /** Writes the file of `-o`. */
  readonly write: ((text: string) => void) | undefined;
}

/** @throws SessionError */
async function outputOf(flags: ExecFlags, plan: SessionPlan): Promise<Output['write']> {
  if (flags.outputLastMessage === undefined) return undefined;
  const { outputFile } = await import('./output-file.ts');
  return outputFile(flags.outputLastMessage, plan);
}

function giveAnswer(answer: string | null, { flags, write }: Output): void {
  const isSeenAlready =
    flags.json || flags.experimentalJson || (process.stdout.isTTY && process.stderr.isTTY);
  if (!isSeenAlready && answer !== null)
    process.stdout.write(`${process.stdout.isTTY ? sanitizeForTerminal(answer) : answer}\n`);
  if (write === undefined) return;
  if (answer === null) process.stderr.write('warning: no last agent message; wrote an empty file\n');
  write(answer ?? '');
}

/** The first signal ends the turn cleanly; the second ends the process. @returns a function that stops listening. */
function onSignals(abort: (signal: NodeJS.Signals) => void): () => void {
  let isSeen = false;
  const handler = (signal: NodeJS.Signals): void => {
    if (isSeen) process.exit(1);
    isSeen = true;
    abort(signal);
  };
  for (const name of ENDING_SIGNALS) process.on(name, handler);
  return () => {
    for (const name of ENDING_SIGNALS) process.off(name, handler);
  };
}
