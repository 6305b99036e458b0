/**
 * Sends one turn of the script, streamed or whole, with its faults and pauses in their places.
 *
 * Calls are sent whole: on the rendered path each in a chunk of its own before the done chunk, on the native path
 * all in the done chunk.
 */

import type { JsonObject } from '../protocol.ts';
import type { ChatRequest } from './chat-request.ts';
import type { Exchange } from './exchange.ts';
import type { Generation, Piece } from './generation.ts';
import type { Fault, Turn } from './script.ts';
import {
  callId,
  chunk,
  doneChunk,
  type Metrics,
  type ModelPath,
  type WireCall,
  type WireMessage,
  wireMessage,
} from './wire.ts';

/** The objects of a stream. */
export interface StreamForm {
  readonly piece: (model: string, message: WireMessage) => readonly JsonObject[];
  readonly last: (
    model: string,
    message: WireMessage,
    reason: string,
    metrics: Metrics,
  ) => readonly JsonObject[];
  /** What follows them, as it is sent. */
  readonly end: string | undefined;
}

const OLLAMA_FORM: StreamForm = {
  piece: (model, message) => [chunk(model, message)],
  last: (model, message, reason, metrics) => [doneChunk(model, message, reason, metrics)],
  end: undefined,
};

interface ScriptedAnswer {
  readonly request: ChatRequest;
  readonly path: ModelPath;
  readonly turn: Turn;
  readonly generation: Generation;
  readonly metrics: Metrics;
  /** The server dropped `num_predict: 0` and never stops. */
  readonly endless: boolean;
  /** Milliseconds between two chunks. */
  readonly chunkDelayMs: number;
  /** Absent: Ollama's. */
  readonly form?: StreamForm | undefined;
}

type Position = 'start' | 'end';
const FAULT_POSITION: Readonly<Record<Fault['kind'], Position>> = {
  status: 'start',
  destroy: 'start',
  stall: 'start',
  error_line: 'end',
  no_done: 'end',
  garbage: 'end',
  endless: 'end',
};

function wireCalls(answer: ScriptedAnswer): WireCall[] {
  return answer.generation.pieces
    .flatMap((piece) => (piece.kind === 'call' ? [piece.call] : []))
    .map((call, index) => ({
      id: call.id ?? callId(answer.path, answer.request.raw, index),
      function: { index, name: call.name, arguments: call.arguments },
    }));
}

function textMessage(piece: Exclude<Piece, { kind: 'call' }>): WireMessage {
  return piece.kind === 'thinking' ? wireMessage('', piece.text) : wireMessage(piece.text);
}

/** The messages of the chunks, and that of the done chunk. */
function layOut(answer: ScriptedAnswer): { chunks: WireMessage[]; last: WireMessage } {
  const calls = wireCalls(answer);
  const texts = answer.generation.pieces.flatMap((piece) =>
    piece.kind === 'call' ? [] : [textMessage(piece)],
  );
  if (answer.path === 'native') return { chunks: texts, last: wireMessage('', '', calls) };
  return { chunks: [...texts, ...calls.map((call) => wireMessage('', '', [call]))], last: wireMessage('') };
}

/** All chunks as one message, for an answer that is not streamed. */
function whole(messages: readonly WireMessage[]): WireMessage {
  return wireMessage(
    messages.map((message) => message.content).join(''),
    messages.map((message) => message.thinking ?? '').join(''),
    messages.flatMap((message) => message.tool_calls ?? []),
  );
}

/** Words that never repeat, so that the server's repeat guard does not stop them. */
async function endlessWords(exchange: Exchange, answer: ScriptedAnswer): Promise<never> {
  if (!answer.request.stream) return exchange.stall();
  for (let word = 1; ; word += 1) {
    await sendAll(exchange, formOf(answer).piece(answer.request.model, wireMessage(`${word} `)));
    // Even if the socket never blocks, the loop must let the server notice that the client has gone.
    await new Promise(setImmediate);
  }
}

const formOf = ({ form = OLLAMA_FORM }: ScriptedAnswer): StreamForm => form;

async function sendAll(exchange: Exchange, objects: readonly JsonObject[]): Promise<void> {
  for (const object of objects) await exchange.line(object);
}

/** Returns when the answer is complete, or broken as the turn wants it. Throws if the client goes away. */
export async function sendTurn(exchange: Exchange, answer: ScriptedAnswer): Promise<void> {
  const { turn, generation, request } = answer;
  const form = formOf(answer);
  const { chunks, last } = layOut(answer);
  const at = (position: number) => Math.min(position, chunks.length);
  const fault = turn.fault;
  const faultAt = fault && at(fault.after ?? (FAULT_POSITION[fault.kind] === 'start' ? 0 : chunks.length));
  const waitAt = at(turn.waitAfter ?? 0);
  const body: WireMessage[] = [];
  const startedAt = performance.now();
  // Counted from the start, so that a timer that comes late does not make the model slower.
  const delay = (sent: number): number =>
    turn.chunksPerSecond === undefined
      ? answer.chunkDelayMs
      : Math.max(0, startedAt + (sent * 1_000) / turn.chunksPerSecond - performance.now());

  for (let sent = 0; ; sent += 1) {
    if (turn.waitFor && sent === waitAt) await exchange.until(turn.waitFor);
    if (fault && sent === faultAt) {
      if (fault.kind === 'error_line') return exchange.error(500, fault.error);
      if (fault.kind === 'endless') return endlessWords(exchange, answer);
      if (fault.kind === 'no_done') break;
      if (fault.kind !== 'garbage') return exchange.fail(fault);
      await exchange.rawLine(fault.line);
    }
    const message = chunks[sent];
    if (!message) break;
    body.push(message);
    if (request.stream) await sendAll(exchange, form.piece(request.model, message));
    await exchange.pause(delay(sent + 1));
  }
  if (answer.endless) return endlessWords(exchange, answer);
  const reason = fault?.kind === 'no_done' ? undefined : generation.doneReason;
  if (request.stream) {
    if (reason !== undefined) await sendAll(exchange, form.last(request.model, last, reason, answer.metrics));
    if (reason !== undefined && form.end !== undefined) await exchange.rawLine(form.end);
    return exchange.end();
  }
  const message = whole([...body, last]);
  exchange.json(
    reason === undefined
      ? chunk(request.model, message)
      : doneChunk(request.model, message, reason, answer.metrics),
  );
}
