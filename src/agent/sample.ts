/**
 * One answer of the model: the request, its events, its repair, and retries where they can help.
 *
 * Invariants: at most two retries, each announced by a `retry` event; on a server that enforces schemas, a useless
 * answer is requested again in a form that cannot be malformed, after the same tools and messages; an opened item is
 * closed, as `failed` if its answer broke off; the history only gains notes here, the answer is recorded by turn.ts.
 */
import type { History } from '../context/history.ts';
import { buildPrompt, type PromptHead, withAnswerBegun } from '../context/prompt.ts';
import type { AnswerDelta } from '../model/answer/reader.ts';
import type { ToolCall, ToolSchema } from '../model/chat.ts';
import { callSchema, readConstrained } from '../model/constrained.ts';
import { cutAnswer, emptyTurn, isFormatRefusal, type ModelError, unreadableCall } from '../model/errors.ts';
import { isCut, type RepairedTurn, repairJoined, repairTurn } from '../model/repair.ts';
import { shownRetries, withRetries } from '../model/retry.ts';
import { RUNAWAY } from '../model/runaway.ts';
import type { ChatListener, ChatRequest, ChatSettings, ModelServer, PhaseFacts } from '../model/server.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { ModelPhase } from '../protocol/requests.ts';
import type { Event } from '../protocol.ts';
import { trace } from '../system/trace.ts';
import { adapting } from './adapting.ts';
import { AnswerItems } from './answer-items.ts';
import { AnswerThinking } from './answer-thinking.ts';
import type { Constraint } from './format-trust.ts';
import { countingSign, heldSign } from './life-sign.ts';
import { limitedChat, type ThoughtTurn } from './limited-chat.ts';
import { notes } from './notes.ts';
import { type PromptMeter, ReadingClock } from './prompt-meter.ts';
import type { Thinking } from './thinking-budget.ts';
import type { UsageMeter } from './usage.ts';

/** An answer after repair. */
export interface Answer {
  readonly content: string;
  /** With the parts before it, if it continues an answer that was cut off. */
  readonly whole: string;
  readonly thinking: string;
  readonly calls: readonly ToolCall[];
  /** No call was made, but the text ends in one, fenced like an example. */
  readonly endsInCall: boolean;
  /** The answer was cut off in a call, which begins here. */
  readonly cutCallAt?: number;
  /** As the server returned it, with counts and the reason for its end. */
  readonly turn: ModelTurn;
}

/** What is left of an answer that was cut off, until another one has continued it. */
export interface CutAnswer {
  /** Its message. */
  items?: AnswerItems | undefined;
  /** The call in which it broke off. */
  call?: string | undefined;
}

export interface SampleDeps {
  readonly client: Pick<ModelServer, 'chat'>;
  readonly settings: ChatSettings;
  readonly constraint: Constraint;
  readonly thinking: Thinking;
  readonly head: PromptHead;
  readonly history: History;
  readonly meter: PromptMeter;
  readonly usage: UsageMeter;
  readonly emit: (event: Event) => void;
  readonly nextItemId: () => string;
  readonly nextCallId: () => string;
}

export interface SampleOptions {
  readonly format?: ChatRequest['format'];
  readonly think?: ChatSettings['think'];
  /** Where the message of an answer that was cut off is kept for the next one. The caller ends what stays. */
  readonly cut?: CutAnswer | undefined;
  /** The answer before was useless, and `askAgain` has added the note. */
  readonly isConstrained?: boolean;
  /** Called with the answer as it arrived, before it is judged. If it throws, the request ends. */
  readonly onTurn?: (turn: ModelTurn) => void;
  /** Shown instead of the answer: its purpose, such as `writing calc.py`. */
  readonly shownAs?: string;
  /** Names of tools that the user asks about; see RawTurn. */
  readonly discussed?: readonly string[];
  /** The answer is shown when it is complete, not as it arrives. */
  readonly isShownWhole?: boolean;
  /** The beginning of the answer, which the model continues. It is part of the returned content. */
  readonly prefill?: string;
}

type TryOptions = SampleOptions & { readonly thinking: AnswerThinking };

/**
 * Requests one answer.
 *
 * @param known all tools that a call can mean, including silent ones; empty: the answer is text, whatever it looks
 * like.
 * @throws ModelError if no try gave a usable answer; the signal's reason if it is aborted.
 */
export async function sample(
  deps: SampleDeps,
  known: readonly ToolSchema[],
  signal: AbortSignal,
  options: SampleOptions = {},
): Promise<Answer> {
  const { reconnectMs, maxRetries } = deps.settings;
  let isConstrained = options.isConstrained ?? false;
  const thinking = new AnswerThinking(deps.thinking);
  const onRetry = (error: ModelError, attempt: number): void => {
    const isModelFault = error.remedy === 'retry_with_note';
    const { message: reason } = error;
    const max = shownRetries(attempt, maxRetries);
    deps.emit({ type: 'retry', attempt, max, reason, ...(isModelFault && { isModelFault }) });
    // If a schema did not help, words may.
    const mayConstrain = !isConstrained && options.format === undefined && known.length > 0;
    if (isModelFault) isConstrained = askAgain(deps, noteFor(error), mayConstrain);
  };
  const run = (): Promise<Answer> =>
    isConstrained
      ? tryConstrained(deps, known, signal, { ...options, thinking })
      : tryOnce(deps, known, signal, { ...options, thinking });
  const adapted = (): Promise<Answer> => adapting(deps, run);
  const answer = await withRetries(adapted, onRetry, signal, reconnectMs, maxRetries);
  account(deps, answer);
  return answer;
}

/** Counts an answer, for the session and for the front ends. */
function account(deps: SampleDeps, answer: Answer): void {
  deps.usage.record(answer.turn);
  const { promptTokens, evalTokens, evalMs, promptEvalMs, loadMs } = answer.turn;
  const { total } = deps.usage;
  const estimated = promptTokens === 0;
  const last = estimated ? { ...deps.usage.last, inputTokens: deps.meter.promptTokens } : deps.usage.last;
  const speed = evalMs > 0 ? { tokensPerSecond: (evalTokens / evalMs) * 1_000 } : {};
  const isTimed = promptEvalMs > 0 || evalMs > 0;
  const timing = isTimed ? { timing: { loadMs, readMs: promptEvalMs, writeMs: evalMs } } : {};
  const { numCtx } = deps.settings;
  deps.emit({ type: 'token_count', total, last, numCtx, estimated, ...speed, ...timing });
}

/** Adds a note about what was wrong. @returns whether to constrain the next answer. */
export function askAgain(
  { constraint, history }: Pick<SampleDeps, 'constraint' | 'history'>,
  note: string,
  mayConstrain = true,
): boolean {
  const isConstrained = mayConstrain && constraint.settings !== undefined;
  history.note(isConstrained ? `${note}\n${notes.asJson()}` : note);
  return isConstrained;
}

function noteFor(error: ModelError): string {
  if (error.note === 'thought_only') return notes.thoughtOnly();
  if (error.note === 'cut') return notes.cutShort();
  if (error.note === undefined || error.note === 'empty') return notes.empty();
  return notes.brokenCall(error.note);
}

async function tryOnce(
  deps: SampleDeps,
  known: readonly ToolSchema[],
  signal: AbortSignal,
  options: TryOptions,
): Promise<Answer> {
  const { format, prefill, shownAs, isShownWhole, discussed, onTurn, cut, thinking } = options;
  const items = cut?.items ?? new AnswerItems(deps);
  const wanted = 'think' in options ? { ...deps.settings, think: options.think } : deps.settings;
  if (isShownWhole) items.add({ type: 'text', text: '' });
  try {
    const shown = shownAs === undefined ? { items } : { shownAs };
    const settings = thinking.settings(wanted);
    const sent = { settings, format, prefill, most: thinking.most, ...shown };
    const turn = { ...(await request(deps, signal, sent)), discussed };
    if (thinking.heard(turn) === 'stopped') {
      items.stopThinking();
      const { thinkingStopped } = await import('./thinking-stop.ts');
      thinkingStopped(deps, turn);
      return await tryOnce(deps, known, signal, options);
    }
    onTurn?.(turn);
    return readAnswer(deps, known, turn, items, cut);
  } catch (error) {
    items.fail();
    throw error;
  }
}

/** The same within a schema made of the tools; only text for the user is shown. */
async function tryConstrained(
  deps: SampleDeps,
  known: readonly ToolSchema[],
  signal: AbortSignal,
  { cut, thinking }: TryOptions,
): Promise<Answer> {
  const { constraint } = deps;
  const { settings } = constraint;
  if (settings === undefined) return tryOnce(deps, known, signal, { cut, thinking });
  const items = cut?.items ?? new AnswerItems(deps);
  try {
    const turn = await request(deps, signal, { settings, format: callSchema(deps.head.tools) });
    const answer = readConstrained(turn.content, known);
    if (answer === undefined) {
      if (isCut(turn) && turn.content.trimStart().startsWith('{')) throw cutAnswer();
      if (turn.content.trim() !== '' || turn.toolCalls.length > 0) constraint.learned(false);
      items.add({ type: 'thinking', text: turn.thinking });
      items.add({ type: 'text', text: turn.content });
      return readAnswer(deps, known, turn, items, cut);
    }
    constraint.learned(true);
    const content = answer.type === 'answer' ? answer.text : '';
    items.add({ type: 'text', text: content });
    const whole = items.parts + content;
    complete(items, { thinking: '', text: content }, cut);
    const calls =
      answer.type === 'call'
        ? [{ id: deps.nextCallId(), name: answer.name, arguments: answer.arguments }]
        : [];
    // Complete, whatever reason the server gives for its end.
    return {
      content,
      whole,
      thinking: '',
      calls,
      endsInCall: false,
      turn: { ...turn, content, doneReason: 'stop' },
    };
  } catch (error) {
    items.fail();
    if (!isFormatRefusal(error)) throw error;
    constraint.learned(false);
    return tryOnce(deps, known, signal, { cut, thinking });
  }
}

interface RequestOptions {
  readonly settings: ChatSettings;
  readonly format: ChatRequest['format'];
  /** Tokens of thinking; undefined: as many as there is room for. */
  readonly most?: number | undefined;
  readonly prefill?: string | undefined;
  /** Shows the answer as it arrives. */
  readonly items?: AnswerItems;
  readonly shownAs?: string;
}

async function request(
  deps: SampleDeps,
  signal: AbortSignal,
  { settings, format, most, prefill, items, shownAs }: RequestOptions,
): Promise<ThoughtTurn> {
  const prompt = buildPrompt(deps.head, deps.history.items);
  const clock = new ReadingClock(deps.meter.begin(prompt.messages, prompt.tools), performance.now());
  let last: ModelPhase = 'waiting';
  const onPhase = (phase: ModelPhase, pieces?: number, told: PhaseFacts = {}): void => {
    last = phase;
    const { before, progress } = told;
    const detail = shownAs !== undefined && phase !== 'loading' ? { detail: shownAs } : {};
    const facts = {
      ...(pieces !== undefined && { pieces }),
      ...(before !== undefined && { before }),
      ...clock.facts(phase, performance.now(), progress),
    };
    deps.emit({ type: 'model_phase', phase, ...detail, ...facts });
  };
  const held = heldSign((pieces) =>
    deps.emit({ type: 'model_phase', phase: 'writing', detail: 'writing a call', pieces }),
  );
  const onShown = (delta: AnswerDelta): void => {
    items?.add(delta);
    held(delta);
  };
  const onDelta = items === undefined ? countingSign((pieces) => onPhase(last, pieces)) : onShown;
  const sent = { ...(prefill === undefined ? prompt : withAnswerBegun(prompt, prefill)), format };
  const onServerPhase: ChatListener['onPhase'] = (phase, told) => onPhase(phase, undefined, told);
  const onLeftOut = (names: readonly string[]): void =>
    deps.emit({ type: 'warning', message: `The server refuses ${names.join(', ')}: left out from now on` });
  const listener = { onDelta, onPhase: onServerPhase, mostReadingMs: clock.mostMs, onLeftOut };
  const { bytesPerToken } = deps.meter;
  const turn = await limitedChat(deps.client, [settings, sent, listener, signal], { most, bytesPerToken });
  const lost = deps.meter.end(turn);
  if (lost !== undefined) (await import('./lost-prompt.ts')).promptLost(deps, lost, turn);
  return prefill === undefined ? turn : { ...turn, content: continued(prefill, turn.content) };
}

/** Some servers repeat the beginning, some leave it out, some ignore it and start over. */
function continued(prefill: string, content: string): string {
  const mark = prefill.trimEnd().slice(0, 3);
  return content.startsWith(mark) ? content : prefill + content;
}

/** @throws ModelError for a useless answer. */
function readAnswer(
  deps: SampleDeps,
  known: readonly ToolSchema[],
  turn: ModelTurn,
  items: AnswerItems,
  cut?: CutAnswer,
): Answer {
  const { thinking } = turn;
  const isAfterCall = cut?.call !== undefined;
  const { notes: repairs, ...repaired }: RepairedTurn =
    known.length > 0
      ? repairContinued(turn, known, deps.nextCallId, cut)
      : { content: turn.content, calls: [], notes: [], endsInCall: false };
  for (const message of repairs) deps.emit({ type: 'repaired', message });
  if (repairs.length > 0) {
    const { content, toolCalls } = turn;
    trace('repair', () => ({ written: { thinking, content, toolCalls }, became: repaired }));
  }
  if (repaired.calls.length === 0 && repairs.length > 0) throw unreadableCall();
  const isEmpty = repaired.calls.length === 0 && repaired.content.trim() === '' && !isCut(turn);
  // Nothing may be missing of an answer that was cut off.
  const isEnd = items.parts.trim() !== '' && thinking.trim() === '' && !isAfterCall;
  if (isEmpty && !isEnd) throw emptyTurn(thinking.trim() !== '');
  // Half a call is no part of the message; the model sees what it wrote.
  const text = repaired.content.slice(0, repaired.cutCallAt);
  const whole = items.parts + text;
  const final = { thinking, text };
  const isOpen = isLimited(turn) && repaired.calls.length === 0 && whole.trim() !== '';
  complete(items, final, cut, isOpen);
  return { ...repaired, whole, thinking, turn };
}

/** Repairs an answer that may continue the call in which the one before it broke off. */
function repairContinued(
  turn: ModelTurn,
  known: readonly ToolSchema[],
  makeId: () => string,
  cut: CutAnswer = {},
): RepairedTurn {
  const alone = repairTurn(turn, known, makeId);
  const begun = cut.call;
  cut.call = alone.cutCallAt === undefined ? undefined : turn.content.slice(alone.cutCallAt);
  if (begun === undefined || alone.calls.length > 0 || isCut(turn)) return alone;
  return repairJoined(begun, turn, known, makeId) ?? alone;
}

/** Completes the items of an answer, or keeps its message for the next one. */
function complete(
  items: AnswerItems,
  final: { readonly thinking: string; readonly text: string },
  cut?: CutAnswer,
  isOpen = false,
): void {
  if (cut !== undefined) cut.items = isOpen ? items : undefined;
  if (cut !== undefined && isOpen) items.cut(final);
  else items.complete(final);
}

/** Cut by the token limit, so that another answer can continue it. */
function isLimited(turn: ModelTurn): boolean {
  return isCut(turn) && turn.doneReason !== RUNAWAY;
}
