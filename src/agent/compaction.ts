/**
 * The summary that replaces a conversation: requested from the model, or written by the harness if the model fails.
 *
 * The request is the conversation as it was sent plus one message, with the same tools: templates put the tools before
 * everything else, so without them the server would read all of it again. A call in the answer is not run.
 *
 * Invariants: it ends, whatever the model and the server do; the history is only read. Throws nothing but the signal's
 * reason, and the error of a server that is down: then the conversation is worth keeping until it is back.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { HistoryItem } from '../context/history.ts';
import { buildPrompt, type Prompt, type PromptHead, withoutOldest } from '../context/prompt.ts';
import { truncateText } from '../context/truncate.ts';
import { isFormatRefusal, ModelError } from '../model/errors.ts';
import { leastThinking } from '../model/least-thinking.ts';
import { isCut } from '../model/repair.ts';
import { RUNAWAY } from '../model/runaway.ts';
import type { ChatListener, ChatRequest, ChatSettings, ModelServer } from '../model/server.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { ModelPhase } from '../protocol/requests.ts';
import type { Constraint } from './format-trust.ts';
import { limitedChat, type ThinkingLimit } from './limited-chat.ts';
import { notes } from './notes.ts';
import { type Reading, ReadingClock, type ReadingFacts } from './prompt-meter.ts';
import { checkSummary, type KnownFacts } from './summary-check.ts';
import { readSections, summarySchema } from './summary-sections.ts';

interface SummaryDeps {
  readonly client: Pick<ModelServer, 'chat' | 'loaded'>;
  readonly settings: ChatSettings;
  /** The same as in every other request. */
  readonly head: PromptHead;
  /** The request for the summary. */
  readonly prompt: string;
  /** Absent: the user has a prompt of their own, so the sections are unknown. */
  readonly constraint?: Constraint | undefined;
  /** Of the first try; the next one thinks as little as it can. */
  readonly thinking: ThinkingLimit;
  readonly onPhase: (phase: ModelPhase, reading: ReadingFacts) => void;
  /** What the server has to read for a request. */
  readonly readingOf: (prompt: Prompt) => Reading;
  /** Called for each piece of the summary. */
  readonly onProgress: () => void;
  /** Called with each answer, for the session's token count. */
  readonly onAnswer: (turn: ModelTurn) => void;
  readonly tokensOf: (items: readonly HistoryItem[]) => number;
}

export interface Summary {
  readonly text: string;
  /** Why the harness wrote it. */
  readonly problem?: string;
  /** Lines that were removed, because nothing in the session supports them. */
  readonly struck?: readonly string[];
  /** How many items were left out of the request to make it fit. */
  readonly dropped: number;
}

/** One more try after an answer that is useless or broke off: models sample, servers restart. */
const MAX_USELESS = 2;
const RETRY_MS = 250;
/** Each overflow drops at least this share of what is left, so that there are few. */
const DROP_SHARE = 1 / 8;
const MAX_OVERFLOWS = 20;
/** Shorter texts are "OK" and "Done.". */
const MIN_LENGTH = 20;

const STEPS = 12;
const STEP_BYTES = 200;
const WORDS_BYTES = 500;

export async function summarise(
  deps: SummaryDeps,
  items: readonly HistoryItem[],
  signal: AbortSignal,
): Promise<Summary> {
  let kept = items;
  let useless = 0;
  let overflows = 0;
  let problem = 'the model gave no summary';
  while (kept.length > 0 && useless < MAX_USELESS && overflows < MAX_OVERFLOWS) {
    try {
      // The model may have used up its tokens by thinking.
      const think = useless === 0 ? deps.settings.think : leastThinking(deps.settings.think);
      const settings = { ...deps.settings, think };
      const constraint = useless === 0 ? deps.constraint : undefined;
      const most = useless === 0 ? deps.thinking.most : undefined;
      const thinking = { ...deps.thinking, most };
      const text = usable(await ask({ ...deps, settings, constraint, thinking }, kept, signal));
      if (text !== undefined) return { text, dropped: items.length - kept.length };
      useless += 1;
    } catch (error) {
      if (signal.aborted || !(error instanceof ModelError)) throw error;
      if (error.remedy === 'compact') {
        problem = 'the conversation did not fit into a request for its summary';
        overflows += 1;
        kept = withoutOldestPart(kept, deps.tokensOf);
        continue;
      }
      problem = error.message;
      await deps.client.loaded(deps.settings.model, signal).catch(() => {
        signal.throwIfAborted();
        throw error;
      });
      if (error.remedy === 'fail') break;
      useless += 1;
      if (useless < MAX_USELESS) await delay(RETRY_MS, undefined, { signal });
    }
  }
  return { text: ownSummary(items), problem, dropped: 0 };
}

/** Requests the sections as JSON if the server enforces schemas, and returns them as text. */
async function ask(
  deps: SummaryDeps,
  items: readonly HistoryItem[],
  signal: AbortSignal,
): Promise<ModelTurn> {
  const { constraint, settings } = deps;
  // Switching off thinking can change the head of the prompt: all of a full window would be read again.
  if (constraint?.settings === undefined || constraint.settings.think !== settings.think) {
    return send(deps, items, {}, signal);
  }
  try {
    const turn = await send(deps, items, { format: summarySchema(deps.tokensOf(items)) }, signal);
    const text = readSections(turn.content);
    if (text !== undefined || !isCut(turn)) constraint.learned(text !== undefined);
    return text === undefined ? turn : { ...turn, content: text, doneReason: 'stop' };
  } catch (error) {
    if (!isFormatRefusal(error)) throw error;
    constraint.learned(false);
    return send(deps, items, {}, signal);
  }
}

async function send(
  { client, settings, head, prompt, thinking, onPhase, readingOf, onProgress, onAnswer }: SummaryDeps,
  items: readonly HistoryItem[],
  format: Pick<ChatRequest, 'format'>,
  signal: AbortSignal,
): Promise<ModelTurn> {
  const request = { ...buildPrompt(head, items, prompt), ...format };
  const reading = readingOf(request);
  // Too much is cut without a word there.
  if (settings.lowerGuess !== undefined && reading.promptTokens > settings.numCtx - settings.numPredict)
    throw new ModelError('the conversation does not fit into the window', 'compact');
  const clock = new ReadingClock(reading, performance.now());
  const told: ChatListener['onPhase'] = (phase, facts): void =>
    onPhase(phase, clock.facts(phase, performance.now(), facts?.progress));
  const listener = { onDelta: onProgress, onPhase: told };
  const turn = await limitedChat(client, [settings, request, listener, signal], thinking);
  onAnswer(turn);
  return turn;
}

function withoutOldestPart(
  items: readonly HistoryItem[],
  tokensOf: (items: readonly HistoryItem[]) => number,
): readonly HistoryItem[] {
  const most = tokensOf(items) * (1 - DROP_SHARE);
  let kept = withoutOldest(items);
  while (kept.length > 0 && tokensOf(kept) > most) kept = withoutOldest(kept);
  return kept;
}

/** The summary in an answer; undefined if it is empty, a single word, or a repetition without end. */
function usable({ content, doneReason }: ModelTurn): string | undefined {
  const text = content.trim();
  return text.length < MIN_LENGTH || doneReason === RUNAWAY ? undefined : text;
}

/** The summary without the lines that nothing in the session supports. */
export function held(summary: Summary, items: readonly HistoryItem[], record: KnownFacts): Summary {
  if (summary.problem !== undefined) return summary;
  const { text, struck } = checkSummary(summary.text, record);
  if (struck.length === 0) return summary;
  if (text.replace(/^#.*$/gm, '').trim().length >= MIN_LENGTH) return { ...summary, text, struck };
  return { text: ownSummary(items), problem: 'nothing in the summary matched the session', dropped: 0 };
}

/** A summary without the model: the one before it, the model's last words, and its last calls. */
export function ownSummary(items: readonly HistoryItem[]): string {
  const marker = notes.summary('').trim();
  const earlier = items.flatMap((item) =>
    item.type === 'user' && item.kind === 'note' && item.content.startsWith(marker)
      ? [item.content.slice(marker.length).trim()]
      : [],
  );
  const outputs = new Map(
    items.flatMap((item) => (item.type === 'tool' ? [[item.callId, item.content]] : [])),
  );
  const steps = items.flatMap((item) => {
    if (item.type !== 'assistant') return [];
    const words = item.content.trim() === '' ? [] : [`- said: ${short(item.content, WORDS_BYTES)}`];
    return [
      ...words,
      ...item.calls.map(({ id, name, arguments: args }) => {
        const first = (outputs.get(id) ?? '').trimStart().split('\n')[0] ?? '';
        return `- ${name} ${short(JSON.stringify(args), STEP_BYTES)} -> ${short(first, STEP_BYTES)}`;
      }),
    ];
  });
  const last = steps.length === 0 ? '- none' : steps.slice(-STEPS).join('\n');
  return [...earlier.slice(-1), notes.noSummary(last)].join('\n\n');
}

function short(text: string, limitBytes: number): string {
  return truncateText(text.replace(/\s+/g, ' ').trim(), { limitBytes }).text;
}
