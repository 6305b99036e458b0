/**
 * Retries a request where that can help: a few more tries with growing pauses, only for errors whose remedy
 * says so; a server that is away is waited for. The last error says how many tries there were, or how long it took.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { trace } from '../system/trace.ts';
import { ModelError } from './errors.ts';
import { OLLAMA_WORDS } from './server-words.ts';

/** Unless the user has set `request_max_retries`. */
const MAX_RETRIES = 2;

/** The most retries, as they are shown with the number of this one: a server that is away is asked more often. */
export function shownRetries(attempt: number, maxRetries = MAX_RETRIES): number {
  return Math.max(attempt, maxRetries);
}

const FIRST_BACKOFF_MS = 250;

/** The longest pause between two looks at a server that is away, if it does not ask for another. */
const LONGEST_PAUSE_MS = 5_000;
/** The longest pause that a server may ask for. */
const LONGEST_ASKED_MS = 600_000;

/**
 * @param run makes one try.
 * @param onRetry is called before a pause; `attempt` counts from 1.
 * @param reconnectMs how long a server that is away or busy is waited for; 0: two more tries, as with other failures.
 * @throws ModelError of the last try; at once, anything else that `run` throws; the signal's reason once it is aborted.
 */
export async function withRetries<T>(
  run: () => Promise<T>,
  onRetry: (error: ModelError, attempt: number) => void,
  signal: AbortSignal,
  reconnectMs = 0,
  maxRetries = MAX_RETRIES,
): Promise<T> {
  let attempt = 0;
  let waits = 0;
  let waitingSince: number | undefined;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (signal.aborted || !(error instanceof ModelError)) throw error;
      const isWait = error.remedy === 'wait' && reconnectMs > 0;
      if (!isWait && !['retry', 'retry_with_note', 'wait'].includes(error.remedy)) throw error;
      const now = performance.now();
      waitingSince = isWait ? (waitingSince ?? now) : undefined;
      if (isWait) waits += 1;
      else attempt += 1;
      const waited = now - (waitingSince ?? now);
      const pauseMs = isWait ? pauseOf(error, waits, reconnectMs - waited) : backoff(attempt);
      if (pauseMs === undefined || attempt > maxRetries) {
        const tries = isWait ? waitedText(error, waited) : `tried ${attempt} times`;
        throw new ModelError(`${error.message} (${tries})${nextStep(error)}`, 'fail', statusOf(error));
      }
      const { remedy, message, note } = error;
      trace('retry', () => ({
        attempt: isWait ? waits : attempt,
        max: maxRetries,
        remedy,
        reason: message,
        note,
      }));
      // A long waiting is told ever more rarely.
      if (!isWait || (waits & (waits - 1)) === 0) onRetry(error, isWait ? waits : attempt);
      await delay(pauseMs, undefined, { signal });
    }
  }
}

/** Undefined: there is no time for it. The last look at the server is at the end of the time. */
function pauseOf(error: ModelError, waits: number, leftMs: number): number | undefined {
  const asked = askedMs(error);
  if (leftMs <= 0 || (asked !== undefined && asked > leftMs)) return undefined;
  return asked ?? Math.min(leftMs, LONGEST_PAUSE_MS, backoff(Math.min(waits, 4)));
}

/** What the server asks for; undefined: nothing, or so little that it would be asked without end. */
function askedMs({ retryAfterMs = 0 }: ModelError): number | undefined {
  return retryAfterMs < FIRST_BACKOFF_MS ? undefined : Math.min(retryAfterMs, LONGEST_ASKED_MS);
}

function waitedText({ retryAfterMs = 0 }: ModelError, waitedMs: number): string {
  const asked = retryAfterMs < 1_000 ? '' : `; it asks for ${Math.round(retryAfterMs / 1_000)} s more`;
  return `waited ${Math.round(waitedMs / 1_000)} s${asked}`;
}

/** Up to a tenth more or less, so that several clients of one server do not return at the same moment. */
function backoff(attempt: number): number {
  return FIRST_BACKOFF_MS * 4 ** (attempt - 1) * (0.9 + Math.random() * 0.2);
}

/** After a failure inside the server, which only its log explains. */
function nextStep({ status = 0, remedy, words = OLLAMA_WORDS }: ModelError): string {
  if (status < 500 || remedy !== 'retry') return '';
  return `\nThe server's log says more (${words.log}). Try again, restart ${words.name}, or use another model.`;
}

function statusOf(error: ModelError): { status?: number } {
  return error.status === undefined ? {} : { status: error.status };
}
