/**
 * Retries a request where that can help: at most two more tries with growing pauses, only for errors whose remedy
 * says so. The last error says how many tries there were.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { trace } from '../system/trace.ts';
import { ModelError } from './errors.ts';

export const MAX_RETRIES = 2;

const FIRST_BACKOFF_MS = 250;

/**
 * @param run makes one try.
 * @param onRetry is called before each pause; `attempt` counts from 1.
 * @throws ModelError of the last try; at once, anything else that `run` throws; the signal's reason once it is aborted.
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
      // Up to a tenth more or less, so that several clients of one server do not return at the same moment.
      const jitter = 0.9 + Math.random() * 0.2;
      await delay(FIRST_BACKOFF_MS * 4 ** (attempt - 1) * jitter, undefined, { signal });
    }
  }
}

function statusOf(error: ModelError): { status?: number } {
  return error.status === undefined ? {} : { status: error.status };
}
