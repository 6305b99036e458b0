/** What goes wrong with an MCP server. Messages are for the user: one to three lines, the server is their subject. */
import { sanitizeForTerminal } from '../../text/sanitize.ts';

const QUOTE_LENGTH = 300;

export class McpError extends Error {
  override readonly name: string = 'McpError';
}

/** The server has answered with an error. */
export class McpRefusal extends McpError {
  override readonly name = 'McpRefusal';
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, text: string, data: unknown) {
    super(`The server answered with an error: ${quoted(text) || 'without a reason'} (${code})`);
    this.code = code;
    this.data = data;
  }
}

/** The server does not know the session any more. */
export class SessionLost extends McpError {
  readonly session: string;

  constructor(session: string) {
    super('The server has forgotten the session.');
    this.session = session;
  }
}

/** What a server says, on one line of a message. */
export function quoted(text: string): string {
  const line = sanitizeForTerminal(text.slice(0, 4 * QUOTE_LENGTH))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > QUOTE_LENGTH ? `${line.slice(0, QUOTE_LENGTH).toWellFormed()}…` : line;
}

/** An answer over the limit is not kept. */
export function tooLong(limit: number): McpError {
  return new McpError(
    `The server sent an answer of more than ${limit / 2 ** 20} MB, which was dropped.\nAsk for less, for example for a part of it.`,
  );
}
