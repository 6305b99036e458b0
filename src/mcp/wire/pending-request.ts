/** A request that waits for its answer. */
import type { JsonObject } from '../../protocol.ts';
import { LONGEST_WAIT_MS } from '../../system/within.ts';
import type { McpError } from './mcp-error.ts';

/** So many times the limit, and not longer, a server may go on by telling of progress. */
const MOST_EXTENSIONS = 30;

export class PendingRequest {
  readonly answer: Promise<JsonObject>;
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #end: number;
  readonly #onProgress: ((text: string) => void) | undefined;
  #told = '';
  #resolve: (result: JsonObject) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(timeoutMs: number, onProgress: ((text: string) => void) | undefined, silence: () => McpError) {
    this.#onProgress = onProgress;
    this.#end = performance.now() + MOST_EXTENSIONS * timeoutMs;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(
      () => {
        this.fail(silence());
        this.#over.abort();
      },
      Math.min(timeoutMs, LONGEST_WAIT_MS),
    );
  }

  /** Aborts if no answer comes in time. */
  get silence(): AbortSignal {
    return this.#over.signal;
  }

  succeed(result: JsonObject): void {
    clearTimeout(this.#timer);
    this.#resolve(result);
  }

  fail(error: unknown): void {
    clearTimeout(this.#timer);
    this.#reject(error);
  }

  /** The server works on it. */
  progress({ message, progress, total }: JsonObject): void {
    if (performance.now() < this.#end) this.#timer.refresh();
    const text = progressText(message, progress, total);
    if (text === '' || text === this.#told) return;
    this.#told = text;
    this.#onProgress?.(text);
  }
}

function progressText(message: unknown, progress: unknown, total: unknown): string {
  if (typeof message === 'string' && message.trim() !== '') return message;
  if (typeof progress !== 'number') return '';
  return typeof total === 'number' && total > 0 ? `${progress} of ${total}` : String(progress);
}
