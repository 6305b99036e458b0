/**
 * Further tries of a request, where they can help.
 *
 * Invariants: at most two more tries, with growing pauses; only errors whose remedy says so are tried again; the last
 * error says how often it was tried. Does not: show anything (the caller is told before each pause).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { trace } from '../system/trace.ts';
import { ModelError } from './errors.ts';

export const MAX_RETRIES = 2;

const FIRST_BACKOFF_MS = 250;

/**
 * @param run one try.
 * @param onRetry hears of a failure that will be tried again; `attempt` counts from 1.
 * @throws ModelError of the last try; whatever else `run` throws, at once; the signal's reason when it is aborted.
 */
export async function withRetries<T>(
  run: () => Promise<T>,
  onRetry: (error: ModelError, attempt: number) => void,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (signal.aborted || !(error instanceof ModelError)) throw error;
      if (error.remedy !== 'retry' && error.remedy !== 'retry_with_note') throw error;
      if (attempt > MAX_RETRIES) {
        throw new ModelError(`${error.message} (tried ${attempt} times)`, 'fail', statusOf(error));
      }
      const { remedy, message, note } = error;
      trace('retry', () => ({ attempt, max: MAX_RETRIES, remedy, reason: message, note }));
      onRetry(error, attempt);
      // A tenth more or less, so that several clients of one server do not come back at the same moment.
      const jitter = 0.9 + Math.random() * 0.2;
      await delay(FIRST_BACKOFF_MS * 4 ** (attempt - 1) * jitter, undefined, { signal });
    }
  }
}

function statusOf(error: ModelError): { status?: number } {
  return error.status === undefined ? {} : { status: error.status };
}
