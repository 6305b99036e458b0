/**
 * What the model does before it answers, as one tool call: it is loaded, it reads the prompt, with share and seconds.
 *
 * Invariants: a wait that is over soon is not shown; one wait is one call, whose title changes; it is closed when the
 * model answers, and when the turn ends. No timer runs between.
 */
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import type { Event } from '../protocol.ts';
import { formatElapsed, groupDigits } from '../text/digits.ts';
import { queueText } from '../text/queue-text.ts';
import { titleOf } from './tool-calls.ts';

type PhaseEvent = Extract<Event, { type: 'model_phase' }>;
type SlowPhase = Extract<PhaseEvent['phase'], 'loading' | 'queued' | 'reading' | 'compacting'>;

/** A shorter wait is not shown. */
const SHOW_AFTER_MS = 2_000;
const TICK_MS = 2_000;

interface Wait {
  readonly id: string;
  phase: SlowPhase;
  since: number;
  event: PhaseEvent;
  /** When `event` came. */
  at: number;
  /** What is over, in words. */
  readonly done: string[];
  title: string | undefined;
  readonly timer: NodeJS.Timeout;
}

export class ModelStatus {
  readonly #send: (update: SessionUpdate) => void;
  readonly #now: () => number;
  #wait: Wait | undefined;
  #count = 0;

  constructor(send: (update: SessionUpdate) => void, now: () => number = () => performance.now()) {
    this.#send = send;
    this.#now = now;
  }

  handle(event: PhaseEvent): void {
    const { phase } = event;
    if (phase === 'waiting') return;
    if (!isSlow(phase)) return this.end();
    const now = this.#now();
    const wait = this.#wait ?? this.#begin(event, phase, now);
    if (wait.phase !== phase) {
      wait.done.push(doneWords(wait, now));
      Object.assign(wait, { phase, since: now });
    }
    Object.assign(wait, { event, at: now });
  }

  /** The model answers, or the turn is over. */
  end(): void {
    const wait = this.#wait;
    if (wait === undefined) return;
    this.#wait = undefined;
    clearInterval(wait.timer);
    if (wait.title === undefined) return;
    const title = sentence([...wait.done, doneWords(wait, this.#now())]);
    this.#send({ sessionUpdate: 'tool_call_update', toolCallId: wait.id, title, status: 'completed' });
  }

  #begin(event: PhaseEvent, phase: SlowPhase, now: number): Wait {
    this.#count += 1;
    const timer = setInterval(() => this.#tick(), Math.min(SHOW_AFTER_MS, TICK_MS));
    const since = now;
    const wait = {
      id: `model-${this.#count}`,
      phase,
      since,
      event,
      at: now,
      done: [],
      title: undefined,
      timer,
    };
    this.#wait = wait;
    return wait;
  }

  #tick(): void {
    const wait = this.#wait;
    if (wait === undefined) return;
    const title = sentence([...wait.done, nowWords(wait, this.#now())]);
    if (title === wait.title) return;
    const isFirst = wait.title === undefined;
    wait.title = title;
    const call = { toolCallId: wait.id, title, kind: 'think', status: 'in_progress' } as const;
    this.#send({ sessionUpdate: isFirst ? 'tool_call' : 'tool_call_update', ...call });
  }
}

function isSlow(phase: PhaseEvent['phase']): phase is SlowPhase {
  return phase === 'loading' || phase === 'queued' || phase === 'reading' || phase === 'compacting';
}

function sentence(parts: readonly string[]): string {
  const text = titleOf(parts.join(', '));
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function nowWords({ phase, event, since, at }: Wait, now: number): string {
  switch (phase) {
    case 'loading':
      return `loading ${event.detail ?? 'the model'} (${formatElapsed(now - since)})`;
    case 'queued':
      return `waiting for the server: ${queueText(event.before)} (${formatElapsed(now - since)})`;
    case 'compacting':
      return `summarising the conversation (${formatElapsed(now - since)})`;
    case 'reading':
      return `reading ${tokens(event)}: ${progress(event.remainingMs, { since, at, now })}`;
    default:
      return phase satisfies never;
  }
}

/** `45 %, 20s left` */
function progress(
  remainingMs: number | undefined,
  { since, at, now }: { readonly since: number; readonly at: number; readonly now: number },
): string {
  if (remainingMs === undefined) return formatElapsed(now - since);
  const left = Math.max(0, remainingMs - (now - at));
  const share = Math.min(99, Math.floor((100 * (now - since)) / Math.max(1, now - since + left)));
  return `${share} %, ${formatElapsed(left)} left`;
}

function doneWords({ phase, event, since }: Wait, now: number): string {
  const time = formatElapsed(now - since);
  if (phase === 'loading') return `loaded ${event.detail ?? 'the model'} in ${time}`;
  if (phase === 'queued') return `waited ${time} for the server`;
  if (phase === 'compacting') return `summarised the conversation in ${time}`;
  return `read ${tokens(event)} in ${time}`;
}

function tokens({ newTokens }: PhaseEvent): string {
  return newTokens === undefined ? 'the prompt' : `${groupDigits(newTokens)} tokens`;
}
