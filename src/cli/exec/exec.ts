/**
 * `oagent exec`: one task without a terminal.
 *
 * Invariants: stdout carries only the final message, or with --json only JSON lines; everything else goes to
 * stderr; all input is checked before the first request; the exit code is 0 only for a completed turn, and where there is
 * something to verify only if that succeeded. Nobody can be asked, so the approval policy is always `never`.
 * Does not: show a TUI, or know how a turn works.
 */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../../config/errors.ts';
import { ModelError } from '../../model/errors.ts';
import { MAX_RETRIES } from '../../model/retry.ts';
import type { TurnEnd } from '../../protocol.ts';
import { RulesError } from '../../safety/rules-source.ts';
import type { OpenSession } from '../../session/build-agent.ts';
import type { CodeIndex } from '../../session/code-index.ts';
import { openSession, planSession, SessionError, type SessionPlan } from '../../session/open-session.ts';
import type { ResumedPlan, SessionChoice } from '../../session/stored.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { type ExecFlags, type ExecInput, readInput } from './exec-input.ts';
import { humanSink, jsonSink, type Sink } from './exec-sink.ts';

/** How long the task waits for an index that is not ready: it has one chance to be put behind it. */
const INDEX_PATIENCE_MS = 3_000;

const NOT_VERIFIED = 3;

/** Runs the command. @param choice the session to go on with; absent: a new one. @returns the exit code. */
export async function execCommand(
  promptArgument: string | undefined,
  flags: ExecFlags,
  choice?: SessionChoice,
): Promise<number> {
  const sink = flags.json || flags.experimentalJson ? jsonSink() : await humanSink(flags.color ?? 'auto');
  try {
    return await execute(promptArgument, flags, sink, choice);
  } catch (error) {
    if (!isUserError(error)) throw error;
    sink.failed(error.message);
    return 1;
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
  sink: Sink,
  choice: SessionChoice | undefined,
): Promise<number> {
  const planned = planSession(flags, {
    ignoreUserConfig: flags.ignoreUserConfig ?? false,
    ephemeral: flags.ephemeral ?? false,
  });
  const input = await readInput(promptArgument, flags, planned, choice === undefined);
  const going = choice ? await goOn(planned, choice, flags) : { plan: planned, notes: [] };
  const { notes } = going;
  const index = await existingIndex(going.plan);
  const plan = index === undefined ? going.plan : { ...going.plan, index };
  const interrupt = new AbortController();
  const stopListening = onSignals((signal) => interrupt.abort(signal));
  let opened: OpenSession | undefined;
  try {
    // It is read while the server looks the model up.
    index?.start();
    const onRetry = ({ message: reason }: ModelError, attempt: number): void =>
      sink.handle({ type: 'retry', attempt, max: MAX_RETRIES, reason });
    const session = await openSession(plan, onRetry, interrupt.signal);
    if (input.images.length > 0 && !session.facts.vision)
      throw new SessionError(`${session.model} cannot see images (-i)`);
    opened = session;
    sink.opened(session, plan);
    interrupt.signal.addEventListener('abort', () => session.agent.submit({ type: 'shutdown' }), {
      once: true,
    });
    const end = await runOneTurn(session, sink, input, notes);
    return await finish(end, session, plan, flags, input.prompt);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    sink.interrupted();
    return 1;
  } finally {
    // Nothing that the agent has started outlasts it.
    opened?.agent.submit({ type: 'shutdown' });
    await opened?.agent.settled();
    if (opened !== undefined) await opened.record.close();
    else if (plan.stored?.lock.isHeld === false) plan.stored.lock.release();
    await index?.close();
    stopListening();
  }
}

/** The index of the repository, if there is one; else nothing of it is loaded. */
async function existingIndex(plan: SessionPlan): Promise<CodeIndex | undefined> {
  if (!existsSync(path.join(plan.home, 'index'))) return undefined;
  const { openCodeIndex } = await import('../../session/code-index.ts');
  return openCodeIndex(plan, { purpose: 'use', patienceMs: INDEX_PATIENCE_MS });
}

async function goOn(plan: SessionPlan, choice: SessionChoice, { cd }: ExecFlags): Promise<ResumedPlan> {
  const { resumePlan } = await import('../../session/stored.ts');
  return resumePlan(plan, choice, cd === undefined && !choice.isAll);
}

function runOneTurn(
  { agent, warnings }: OpenSession,
  sink: Sink,
  { prompt: text, images, outputSchema, verify }: ExecInput,
  notes: readonly string[],
): Promise<TurnEnd> {
  return new Promise((resolve) => {
    agent.subscribe((event) => {
      sink.handle(event);
      if (event.type === 'turn_completed' || event.type === 'turn_failed' || event.type === 'turn_aborted')
        resolve(event);
    });
    agent.start();
    for (const message of [...notes, ...warnings]) sink.handle({ type: 'warning', message });
    agent.submit({
      type: 'user_turn',
      text,
      images,
      ...(outputSchema && { outputSchema }),
      ...(verify !== undefined && { verify }),
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
  return end.isVerified === false ? NOT_VERIFIED : 0;
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
