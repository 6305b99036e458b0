/** One question to a server that is no chat: a path, perhaps a body, and a JSON object as the answer. */
import type { JsonObject } from '../../protocol.ts';
import { ModelError, notJson } from '../errors.ts';
import { isObject, parseJson } from '../json-object.ts';
import { idleWatchdog } from '../stream.ts';
import { type Contact, type Endpoint, OllamaRequest } from '../transport.ts';

/** Models and templates are listed in less. */
const MOST_BYTES = 32 * 2 ** 20;

interface Question {
  /** Sent by POST; absent: GET. */
  readonly body?: JsonObject;
  /** Whose model it is about, for the errors. */
  readonly model?: string;
}

/** @throws ModelError; the reason of its signal */
export type Ask = (path: string, question?: Question) => Promise<JsonObject>;

/** @param timeoutMs without an answer. */
export function asking(endpoint: Endpoint, contact: Contact, timeoutMs: number, signal: AbortSignal): Ask {
  return async (path, question = {}) => {
    const { text, shown } = await askText(endpoint, contact, timeoutMs, signal, path, question);
    const value = parseJson(text);
    if (isObject(value)) return value;
    throw notJson(shown, path, undefined, endpoint.words);
  };
}

/** The answer as it came, and as it may be shown. */
export async function askText(
  endpoint: Endpoint,
  contact: Contact,
  timeoutMs: number,
  signal: AbortSignal,
  path: string,
  { body, model = '' }: Question = {},
): Promise<{ readonly text: string; readonly shown: string }> {
  const watchdog = idleWatchdog(signal, timeoutMs, endpoint.words);
  const request = new OllamaRequest(endpoint, { signal: watchdog.signal, model }, contact);
  try {
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of await request.pieces(urlOf(endpoint, path), jsonPost(body))) {
      pieces.push(piece);
      length += piece.length;
      if (length > MOST_BYTES) throw new ModelError(`${path} sent more than any server has to say`, 'fail');
    }
    const text = Buffer.concat(pieces).toString('utf8');
    const value = parseJson(text);
    if (isObject(value)) request.heard(value);
    return { text, shown: request.clean(text) };
  } finally {
    request.close();
    watchdog.stop();
  }
}

/** The address of a path: that of OpenAI's API is below the endpoint's own, whatever else is above it. */
export function urlOf({ host, api, query = {} }: Endpoint, path: string): string {
  const url = new URL(`${host}${path.replace(/^\/v1(?=\/)/, api?.path ?? '/v1')}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** What makes of a body a request. */
export function jsonPost(body: JsonObject | undefined): RequestInit {
  if (body === undefined) return {};
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}

/** Undefined instead of an error: the server does not know this path, or not in this form. */
export async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ModelError && isUnknownPath(error)) return undefined;
    throw error;
  }
}

function isUnknownPath({ status }: ModelError): boolean {
  if (status === undefined) return false;
  // At its root a server may lead to its page for people; one that has moved leads every path elsewhere.
  return [400, 404, 405, 501].includes(status) || (status >= 300 && status < 400);
}
