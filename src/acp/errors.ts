/** What a client is told when a request cannot be done: what happened, why, and what to do. */
import { RequestError } from '@agentclientprotocol/sdk';
import { errorMessage } from '../text/error-message.ts';

/** As JSON-RPC numbers them, and ACP an unknown session. */
const CODES = { params: -32602, internal: -32603, unknown: -32002 } as const;

/** The error that a client shows. @param kind `params`: what was asked for cannot be; `unknown`: no such session. */
export function refused(kind: keyof typeof CODES, message: string, data?: unknown): RequestError {
  return new RequestError(CODES[kind], message, data);
}

/** @returns what `work` does; what it throws for the user becomes an error of the protocol. */
export async function answered<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw refused('internal', errorMessage(error));
  }
}

export function noSession(sessionId: string): RequestError {
  const what = `session ${sessionId} is not open here. Open it with session/load, or begin one with session/new`;
  return refused('unknown', what, { sessionId });
}
