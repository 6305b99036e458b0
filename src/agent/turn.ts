/**
 * One turn: the model and the tools alternate until an answer contains no call.
 *
 * Invariants: a plain function of what is injected; the history grows only here and in sample.ts; when it returns or
 * throws, every recorded call has its output.
 */
import type { ToolSchema } from '../model/chat.ts';
import { ModelError } from '../model/errors.ts';
import { isCut } from '../model/repair.ts';
import { RUNAWAY } from '../model/runaway.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { JsonObject } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';
import { type RoundDeps, runCalls } from './call-round.ts';
import { discussedTools } from './discussed.ts';
import { answerAsJson } from './final-json.ts';
import { LoopGuard } from './loop-guard.ts';
import { notes } from './notes.ts';
import {
  type Answer,
  askAgain,
  type CutAnswer,
  type SampleDeps,
  type SampleOptions,
  sample,
} from './sample.ts';
import { type EndDeps, TurnEnd } from './turn-end.ts';
import type { WindowKeeper } from './window-keeper.ts';

export interface TurnDeps extends SampleDeps, RoundDeps, EndDeps {
  /** Absolute. */
  readonly cwd: string;
  readonly window: Pick<
    WindowKeeper,
    'isDue' | 'isDueBefore' | 'compact' | 'note' | 'progress' | 'outputBytes'
  >;
  /** Records what the user said during the turn; called before each request. A promise only where hooks hear it first. @returns the messages. */
  readonly recordSteering: () => readonly string[] | Promise<readonly string[]>;
  /** Appends what a message needs: a skill, code, memories. Absent: there are none. */
  readonly bring?: (message: string, signal: AbortSignal) => Promise<void>;
  /** Called after a request to a model that has answered before, so that it is certainly loaded. */
  readonly onModelAtWork: () => void;
  readonly outputSchema?: JsonObject | undefined;
  /**
   * Called with each answer before it is judged; see SampleOptions. `isFirst`: nothing has been done in the turn yet.
   */
  readonly onTurn?: (turn: ModelTurn, isFirst: boolean) => void;
  /** Whether a command runs in the background. */
  readonly isPolling: () => boolean;
}

/** How often in a row an answer that was cut off is continued if that adds nothing, and if it does. */
const MAX_IDLE = 2;
const MAX_PARTS = 8;

interface Cuts {
  /** In a row. */
  readonly parts: number;
  /** Since something was added. */
  readonly idle: number;
  readonly last: string;
}

const NO_CUTS: Cuts = { parts: 0, idle: 0, last: '' };

/**
 * Runs a turn whose input is already in `history`.
 *
 * @returns the text of the last message.
 * @throws ModelError if the turn cannot continue; the signal's reason on interrupt.
 */
export async function runTurn(deps: TurnDeps, signal: AbortSignal): Promise<string> {
  const cut: CutAnswer = {};
  try {
    return await runRounds(deps, cut, signal);
  } finally {
    cut.items?.end();
  }
}

async function runRounds(deps: TurnDeps, cut: CutAnswer, signal: AbortSignal): Promise<string> {
  const known = deps.tools.map(({ schema }) => schema);
  const guard = new LoopGuard(deps.isPolling);
  let cuts = NO_CUTS;
  const end = new TurnEnd(deps);
  let isConstrained = false;
  let isFirst = true;
  const onTurn = (turn: ModelTurn): void => deps.onTurn?.(turn, isFirst);
  let lastText = '';
  let messages: readonly string[] = [deps.message];
  const note = deps.window.note();
  if (note !== undefined) deps.history.note(note);
  for (;;) {
    const said = await deps.recordSteering();
    end.heard(said);
    messages = [...messages, ...said];
    if (said.length > 0) await bringFor(said, deps, signal);
    const discussed = await discussedTools(messages, known);
    const options = { isConstrained, onTurn, cut, discussed };
    const answer = await askWithSpace(deps, known, guard, options, signal);
    isConstrained = false;
    isFirst = false;
    if (answer.whole.trim() !== '') lastText = answer.whole;
    if (answer.calls.length > 0) {
      cuts = NO_CUTS;
      end.acted();
      await runCalls(deps, answer.calls, guard, signal);
      continue;
    }
    if (isCut(answer.turn)) {
      cuts = afterCut(cuts, answer);
      isConstrained = askAfterCut(deps, answer, cuts);
      continue;
    }
    const added = await deps.recordSteering();
    if (added.length > 0) {
      end.heard(added);
      messages = [...messages, ...added];
      await bringFor(added, deps, signal);
      continue;
    }
    const asked = await end.asks(answer, lastText);
    if (asked !== 'nothing') {
      isConstrained = asked === 'constrained';
      continue;
    }
    const unfinished = await deps.hooks?.stop(lastText);
    if (unfinished !== undefined) {
      deps.history.note(unfinished);
      continue;
    }
    return deps.outputSchema === undefined ? lastText : answerAsJson(deps, deps.outputSchema, signal);
  }
}

/** Compacts before a request that would not fit, and after one that did not. */
async function askWithSpace(
  deps: TurnDeps,
  known: readonly ToolSchema[],
  guard: LoopGuard,
  options: SampleOptions,
  signal: AbortSignal,
): Promise<Answer> {
  for (let isDue = await deps.window.isDueBefore(signal); ; isDue = true) {
    if (isDue) {
      await deps.window.compact(signal);
      guard.forget();
    }
    try {
      return await ask(deps, known, options, signal);
    } catch (error) {
      if (!(error instanceof ModelError) || error.remedy !== 'compact') throw error;
    }
  }
}

async function ask(
  deps: TurnDeps,
  known: readonly ToolSchema[],
  options: SampleOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const pending = sample(deps, known, signal, options);
  if (deps.usage.total.inputTokens > 0) deps.onModelAtWork();
  const answer = withFreshIds(await pending, deps);
  if (answer.calls.length > 0 || answer.content.trim() !== '') {
    const { content, thinking, calls } = answer;
    deps.history.record({ type: 'assistant', content, thinking, calls });
  }
  return answer;
}

/** Some servers and templates restart the numbering of calls with each answer. */
function withFreshIds(answer: Answer, deps: TurnDeps): Answer {
  const calls = answer.calls.map((call) =>
    deps.history.hasCall(call.id) ? { ...call, id: deps.nextCallId() } : call,
  );
  return { ...answer, calls };
}

async function bringFor(
  messages: readonly string[],
  deps: Pick<TurnDeps, 'bring'>,
  signal: AbortSignal,
): Promise<void> {
  for (const message of messages) await deps.bring?.(message, signal);
}

/** Why a turn failed, for the user. */
export function failureText(error: unknown): string {
  if (error instanceof ModelError) return error.message;
  return `oagent failed: ${errorMessage(error)}`;
}

function afterCut({ parts, idle, last }: Cuts, { content, cutCallAt, turn }: Answer): Cuts {
  const isOfUse = cutCallAt === undefined && turn.doneReason !== RUNAWAY && content.trim() !== '';
  const adds = isOfUse && content !== last;
  return { parts: parts + 1, idle: adds ? 1 : idle + 1, last: content };
}

/**
 * Adds a note that the answer was cut off. @returns whether to constrain the next one.
 *
 * @throws ModelError if it is pointless to continue.
 */
function askAfterCut(deps: TurnDeps, { turn, cutCallAt }: Answer, { parts, idle }: Cuts): boolean {
  const isRunaway = turn.doneReason === RUNAWAY;
  const reason = isRunaway
    ? 'the model repeated itself and was stopped'
    : `the model's answer was cut off at ${turn.evalTokens} tokens`;
  if (idle > MAX_IDLE || parts > MAX_PARTS) throw new ModelError(`${reason} ${parts} times in a row`, 'fail');
  deps.emit({ type: 'retry', attempt: idle, max: MAX_IDLE, reason, isModelFault: true });
  const note = cutCallAt === undefined ? notes.cutOff(turn.evalTokens) : notes.cutCall(turn.evalTokens);
  return askAgain(deps, isRunaway ? notes.runaway() : note);
}
