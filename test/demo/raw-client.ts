/** Talks to the scripted server in bytes, and hides in them what differs from run to run. */

export interface RawAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

export async function post(
  host: string,
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<RawAnswer> {
  const response = await fetch(`${host}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

export const user = (content: string) => ({ role: 'user', content });

export const chat = (host: string, body: object, signal?: AbortSignal) =>
  post(host, '/api/chat', { model: 'base', messages: [user('hi')], ...body }, signal);

/** The lines of a stream with timestamps as `T`, durations as 0 and made-up ids as `call_ID` or `ID`. */
export function lines(text: string): string[] {
  return text
    .replace(/"created_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z"/g, '"created_at":"T"')
    .replace(/("\w+_duration"):\d+/g, '$1:0')
    .replace(/"id":"call_[a-z0-9]{8}"/g, '"id":"call_ID"')
    .replace(/"id":"[A-Za-z0-9]{32}"/g, '"id":"ID"')
    .split('\n')
    .filter((line) => line !== '');
}

/** The last line as an object. */
export function lastLine(text: string): Record<string, unknown> {
  return JSON.parse(text.trim().split('\n').at(-1) ?? '');
}

/** A user message that makes a prompt of exactly `tokens` (8 or more) tokens when it is the only one. */
export const promptOf = (tokens: number) => user(`x${' x'.repeat(tokens - 8)}`);

/** The models that /api/ps or /api/tags lists. */
export async function listed(host: string, path: string): Promise<Record<string, unknown>[]> {
  return JSON.parse(await (await fetch(`${host}${path}`)).text()).models;
}
