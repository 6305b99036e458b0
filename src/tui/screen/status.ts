/**
 * The status line: what is happening, since when, and how to stop it.
 *
 * Invariants: the time that the user took to answer does not count; the line is never wider than the terminal. Time is
 * an argument.
 */

import type { ModelPhase } from '../../protocol/requests.ts';
import { cellWidth } from '../../text/cell-width.ts';
import { formatCount, formatElapsed } from '../../text/digits.ts';
import { queueText } from '../../text/queue-text.ts';
import { oneLine } from '../lines/clean.ts';
import { modelName } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';

/** What the agent is doing. `since` is when it began. */
export type Activity =
  | {
      readonly kind: 'model';
      readonly phase: ModelPhase;
      readonly since: number;
      readonly detail?: string;
      /** Tokens that the server has not read before. */
      readonly newTokens?: number;
      readonly readTokens?: number;
      /** How long reading them will take from `since`, in milliseconds, if earlier requests tell. */
      readonly remainingMs?: number;
      /** Requests before this one. */
      readonly before?: number;
    }
  | { readonly kind: 'command'; readonly since: number }
  | { readonly kind: 'tool'; readonly tool: string; readonly since: number }
  | { readonly kind: 'approval'; readonly since: number };

/** Measures a turn without the time it waited for the user. */
export class TurnTimer {
  readonly #startedAt: number;
  #waited = 0;
  #waitingSince: number | undefined;

  constructor(now: number) {
    this.#startedAt = now;
  }

  pause(now: number): void {
    this.#waitingSince ??= now;
  }

  resume(now: number): void {
    if (this.#waitingSince === undefined) return;
    this.#waited += now - this.#waitingSince;
    this.#waitingSince = undefined;
  }

  elapsed(now: number): number {
    return (this.#waitingSince ?? now) - this.#startedAt - this.#waited;
  }
}

/** Tokens per second, from the times at which they came. */
export class TokenRate {
  #first: number | undefined;
  #last = 0;
  #count = 0;

  /** Pieces of text came; Ollama sends about one per token. */
  add(now: number, pieces = 1): void {
    // How long the first ones took is unknown.
    this.#count += this.#first === undefined ? 1 : pieces;
    this.#first ??= now;
    this.#last = now;
  }

  /** Undefined until there is enough to tell. */
  perSecond(): number | undefined {
    const ms = this.#last - (this.#first ?? 0);
    return this.#count < 10 || ms < 500 ? undefined : ((this.#count - 1) / ms) * 1_000;
  }
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Of waiting, its frames are the cost; while text streams it moves with every fourth frame. */
export const SPINNER_MS = 320;

interface StatusFacts {
  readonly activity: Activity;
  /** Of the turn. */
  readonly elapsedMs: number;
  readonly tokensPerSecond: number | undefined;
  /** False: nothing moves (no focus, or the user is waited for). */
  readonly isAnimated: boolean;
  /** As people read it. */
  readonly interruptKey: string | undefined;
}

type ActivityFacts = Omit<StatusFacts, 'isAnimated' | 'interruptKey'>;

export function statusLine(facts: StatusFacts, now: number, ctx: LineContext): string {
  const { activity, elapsedMs, isAnimated, interruptKey } = facts;
  const { bold, dim, cyan } = ctx.style;
  const glyph = isAnimated ? (SPINNER[Math.floor(now / SPINNER_MS) % SPINNER.length] ?? '') : '•';
  const { words, detail = '', left = '' } = describe(facts, now);
  const room = ctx.width - 3;
  const time = formatElapsed(elapsedMs);
  // A question has its own keys, and nothing runs.
  if (activity.kind === 'approval') return `${glyph} ${bold(truncateEnd(words, room))}`;
  const stop = ` (${time} · ${interruptKey} to interrupt)`;
  const head = truncateEnd(words, room);
  // The remaining time is worth more than the key, which is always the same.
  const short = left === '' ? [] : [` (${time})${left}`];
  const tails = [`${stop}${detail}${left}`, `${stop}${left}`, ...short, stop, ` (${time})`, ''];
  const tail = tails.find((text) => cellWidth(head + text) <= room) ?? '';
  return `${cyan(glyph)} ${bold(head)}${dim(tail)}`;
}

/** The same in words, with all that is known. */
export function activityText(facts: ActivityFacts, now: number): string {
  const { words, detail = '', left = '' } = describe(facts, now);
  return `${words} (${formatElapsed(facts.elapsedMs)}${detail}${left})`;
}

/** What follows the time: `detail` is left out first; `left` is the remaining time. */
interface Words {
  readonly words: string;
  readonly detail?: string;
  readonly left?: string;
}

function describe(facts: ActivityFacts, now: number): Words {
  const { activity } = facts;
  switch (activity.kind) {
    case 'approval':
      return { words: 'Waiting for your answer' };
    case 'command':
      // The command is shown above, with its own time; this line's time is the turn's.
      return { words: 'Running a command' };
    case 'tool':
      return {
        words: activity.tool === 'mcp_start' ? 'Starting an MCP server' : `Running ${oneLine(activity.tool)}`,
      };
    case 'model':
      return describeModel(activity, facts.tokensPerSecond, now);
    default:
      return activity satisfies never;
  }
}

function describeModel(
  { phase, detail, newTokens, readTokens, remainingMs, before, since }: Extract<Activity, { kind: 'model' }>,
  rate: number | undefined,
  now: number,
): Words {
  const left = remainingMs === undefined ? 0 : remainingMs - (now - since);
  switch (phase) {
    case 'waiting':
      return { words: sentence(detail) ?? 'Working' };
    case 'loading':
      return { words: `Loading ${modelName(detail ?? 'the model')}` };
    case 'queued':
      // The number is what a narrow terminal must not lose.
      return before === undefined
        ? { words: 'The server is busy' }
        : { words: queueText(before), detail: ' · waiting for the server' };
    case 'reading': {
      const reading = detail === undefined ? '' : 'reading ';
      const tokens = newTokens === undefined ? '' : ` · ${reading}${formatCount(newTokens)} new tokens`;
      const share = shareText(newTokens, readTokens);
      return {
        words: sentence(detail) ?? 'Reading the prompt',
        detail: tokens + share,
        left: leftText(left),
      };
    }
    case 'thinking':
      return { words: sentence(detail) ?? 'Thinking', detail: rateText(rate) };
    case 'writing':
      return { words: sentence(detail) ?? 'Writing', detail: rateText(rate) };
    case 'compacting': {
      const reading =
        newTokens === undefined ? rateText(rate) : ` · reading ${formatCount(newTokens)} new tokens`;
      return { words: 'Summarising the conversation', detail: reading, left: leftText(left) };
    }
    case 'hook':
      return { words: `Running a hook (${oneLine(detail ?? '')})`, detail: '' };
    default:
      return phase satisfies never;
  }
}

/** As the server says it. */
function shareText(newTokens = 0, readTokens: number | undefined): string {
  if (readTokens === undefined || newTokens <= 0) return '';
  return ` · ${Math.min(100, Math.floor((100 * readTokens) / newTokens))} %`;
}

function leftText(ms: number): string | undefined {
  return ms < 1_000 ? undefined : ` · about ${formatElapsed(ms)} left`;
}

function sentence(text: string | undefined): string | undefined {
  return text && oneLine(text.slice(0, 1).toUpperCase() + text.slice(1));
}

function rateText(rate: number | undefined): string {
  return rate === undefined ? '' : ` · ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} tokens/s`;
}
