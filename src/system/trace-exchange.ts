/** One request to the model server in the trace: what was sent, and what came of it, with its times. */
import { threadId } from 'node:worker_threads';
import type { JsonObject } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';
import type { TracedExchange, TracedRequest, TraceSink } from './trace.ts';

/** Each thread numbers its own requests; no two of a process have the same number. */
let sent = threadId * 1_000_000;

export class ExchangeTrace implements TracedExchange {
  readonly #sink: Pick<TraceSink, 'write'>;
  readonly #id: number;
  readonly #sentAt = performance.now();
  readonly #lines: JsonObject[] = [];
  #status: number | undefined;
  #headersMs: number | undefined;
  #error: unknown;

  constructor({ method, url, body }: TracedRequest, sink: Pick<TraceSink, 'write'>) {
    sent += 1;
    this.#id = sent;
    this.#sink = sink;
    const { origin, pathname } = new URL(url);
    const sentBody: unknown = body === undefined ? undefined : JSON.parse(body);
    sink.write('request', { id: this.#id, method, host: origin, path: pathname, body: sentBody });
  }

  answered(status: number): void {
    this.#status = status;
    this.#headersMs = this.#ms();
  }

  line(value: JsonObject): void {
    this.#lines.push(value);
  }

  failed(error: unknown): void {
    this.#error = error;
  }

  end(): void {
    const lines = this.#lines;
    const facts = {
      id: this.#id,
      status: this.#status,
      headersMs: this.#headersMs,
      ms: this.#ms(),
      lines: lines.length,
      body: lines.length === 0 ? undefined : assembled(lines),
    };
    const error = this.#error;
    if (error === undefined) return this.#sink.write('answer', facts);
    const remedy = error instanceof Error && 'remedy' in error ? error.remedy : undefined;
    this.#sink.write('failure', { ...facts, error: errorMessage(error), remedy });
  }

  #ms(): number {
    return Math.round(performance.now() - this.#sentAt);
  }
}

/** The lines of a chat as one answer: texts joined, calls in order, all else as it was last. */
function assembled(lines: readonly JsonObject[]): JsonObject {
  const whole: JsonObject = Object.assign({}, ...lines);
  const messages = lines.map(({ message }) => message as JsonObject | undefined);
  if (whole.message === undefined || lines.length === 1) return whole;
  const texts = (key: string): string =>
    messages.map((message) => (typeof message?.[key] === 'string' ? message[key] : '')).join('');
  const calls = messages.flatMap((message) => (Array.isArray(message?.tool_calls) ? message.tool_calls : []));
  return {
    ...whole,
    message: {
      role: messages[0]?.role,
      thinking: texts('thinking') || undefined,
      content: texts('content'),
      tool_calls: calls.length > 0 ? calls : undefined,
    },
  };
}
