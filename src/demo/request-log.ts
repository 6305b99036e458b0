/**
 * What a scripted server was asked, and when: for whole-value assertions, and to wait without sleeping. Entries are
 * in order of arrival and completed in place.
 */
import type { PromptCost } from './kv-cache.ts';

export type RequestKind = 'chat' | 'load' | 'unload' | 'other';

export interface RequestLogEntry {
  readonly kind: RequestKind;
  readonly method: string;
  readonly path: string;
  /** The body as JSON, of a chat by OpenAI's API as Ollama would have got it; null if there was none or it is not JSON. */
  readonly body: unknown;
  /** The body's text, to compare requests byte for byte. */
  readonly rawBody: string;
  /** Milliseconds of performance.now(). */
  readonly receivedAt: number;
  readonly finishedAt: number | null;
  /** Null until headers were sent. */
  readonly status: number | null;
  /** The client went away before the answer was complete. */
  readonly aborted: boolean;
  /** The model was loaded for this request. */
  readonly reloaded: boolean;
  /** Tokens; null if the request did not reach the model. If `newTokens` equals `rereadTokens`, nothing was read twice. */
  readonly promptTokens: number | null;
  readonly newTokens: number | null;
  readonly rereadTokens: number | null;
}

export type OpenEntry = { -readonly [Key in keyof RequestLogEntry]: RequestLogEntry[Key] };

export class RequestLog {
  readonly entries: OpenEntry[] = [];
  #waiting: (() => boolean)[] = [];

  /** Records a request whose body has arrived. */
  open(method: string, path: string, rawBody: string, receivedAt: number): OpenEntry {
    const entry: OpenEntry = {
      kind: 'other',
      method,
      path,
      body: parsed(rawBody),
      rawBody,
      receivedAt,
      finishedAt: null,
      status: null,
      aborted: false,
      reloaded: false,
      promptTokens: null,
      newTokens: null,
      rereadTokens: null,
    };
    entry.kind = kindOf(entry);
    this.entries.push(entry);
    this.#notify();
    return entry;
  }

  reachedModel(entry: OpenEntry, cost: PromptCost): void {
    Object.assign(entry, cost);
    this.#notify();
  }

  close(entry: OpenEntry, status: number | null, aborted: boolean): void {
    Object.assign(entry, { status, aborted, finishedAt: performance.now() });
    this.#notify();
  }

  /** The nth (from 1) entry that `matches`, as soon as there is one. */
  waitFor(n: number, matches: (entry: RequestLogEntry) => boolean): Promise<RequestLogEntry> {
    return new Promise((resolve) => {
      const look = () => {
        const entry = this.entries.filter(matches)[n - 1];
        if (entry) resolve(entry);
        return entry !== undefined;
      };
      if (!look()) this.#waiting.push(look);
    });
  }

  #notify(): void {
    this.#waiting = this.#waiting.filter((look) => !look());
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function kindOf(entry: RequestLogEntry): RequestKind {
  if (entry.method !== 'POST' || !['/api/chat', '/v1/chat/completions'].includes(entry.path)) return 'other';
  const body = entry.body;
  if (typeof body !== 'object' || body === null) return 'chat';
  const messages = 'messages' in body ? body.messages : undefined;
  if (Array.isArray(messages) && messages.length > 0) return 'chat';
  return 'keep_alive' in body && (body.keep_alive === 0 || body.keep_alive === '0') ? 'unload' : 'load';
}
