/**
 * Replays recorded answers: the bytes come over HTTP, and are read and repaired as those of a server are.
 *
 * Does not: know what should come out.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OllamaClient } from '../../src/model/client.ts';
import { ModelError } from '../../src/model/errors.ts';
import { type RepairedTurn, repairTurn } from '../../src/model/repair.ts';
import { counter } from '../../src/text/uuid.ts';
import { type Offer, type RecordedAnswer, rawOf } from './recorded-answers.ts';

/** What was read from an answer, or why it could not be read. */
type Replayed = (RepairedTurn & { readonly doneReason: string }) | { readonly error: string };

export interface Replay {
  readonly read: (answer: RecordedAnswer, offer: Offer) => Promise<Replayed>;
  readonly close: () => Promise<void>;
}

const SETTINGS = {
  numCtx: 4096,
  numPredict: 512,
  keepAlive: 0,
  think: undefined,
  sampling: {},
  idleTimeoutMs: 60_000,
  reconnectMs: 0,
};
const REQUEST = { messages: [], tools: [] };

export async function startReplay(): Promise<Replay> {
  let raw = '';
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/x-ndjson');
    response.end(raw);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new OllamaClient({ host: `http://127.0.0.1:${port}`, headers: {} });
  const turnOf = async (answer: RecordedAnswer) => {
    raw = rawOf(answer);
    const { signal } = new AbortController();
    const listener = { onDelta: () => undefined, onPhase: () => undefined };
    return await client.chat({ ...SETTINGS, model: answer.model }, REQUEST, listener, signal);
  };
  return {
    read: async (answer, { tools }) => {
      try {
        const turn = await turnOf(answer);
        return { doneReason: turn.doneReason, ...repairTurn(turn, tools, counter('call_', 0)) };
      } catch (error) {
        if (error instanceof ModelError) return { error: error.message };
        throw error;
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
