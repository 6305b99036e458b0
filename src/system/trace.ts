/**
 * `OAGENT_TRACE=FILE`: what oagent asked, got and decided, one JSON object a line (docs/trace.md).
 *
 * Without the variable this file is all there is of it: no facts are collected, and trace-file.ts is not loaded.
 */
import type { Event, JsonObject } from '../protocol.ts';

/** `failure`: a request without a usable answer. */
export type TraceKind = 'start' | 'request' | 'answer' | 'failure' | 'retry' | 'repair' | 'decision' | 'turn';

/** What a line tells beside its time and its kind. */
export type TraceFacts = JsonObject & { readonly time?: never; readonly kind?: never };

export interface TracedRequest {
  readonly method: string;
  readonly url: string;
  /** JSON. */
  readonly body: string | undefined;
  /** Values of its headers. */
  readonly secrets: readonly string[];
}

/** One request and its answer. */
export interface TracedExchange {
  /** The headers have come. */
  answered(status: number): void;
  /** A line of a stream, or the whole of an answer in one piece. */
  line(value: JsonObject): void;
  failed(error: unknown): void;
  /** Called once, when nothing more is read. */
  end(): void;
}

export interface TraceSink {
  /** Never throws. */
  write(kind: TraceKind, facts: TraceFacts): void;
  /** These texts are replaced in every line from now on. */
  hide(secrets: readonly string[]): void;
  exchange(request: TracedRequest): TracedExchange;
  /** Writes down what the events of a session decide. */
  event(thread: string, event: Event): void;
}

/** Under this name a thread finds what the main thread traces into: node:worker_threads, getEnvironmentData. */
export const TRACE_OF_MAIN = 'oagent.trace';

let sink: TraceSink | undefined;

/** From now on lines go there; undefined: nowhere. */
export function traceInto(next: TraceSink | undefined): void {
  sink = next;
}

/** @param facts called only if somebody wants to know. */
export function trace(kind: TraceKind, facts: () => TraceFacts): void {
  sink?.write(kind, facts());
}

/** Follows a request; undefined: nobody wants to know. */
export function traceExchange(request: () => TracedRequest): TracedExchange | undefined {
  return sink?.exchange(request());
}

/** Keeps these texts out of the trace. */
export function hideFromTrace(secrets: () => readonly string[]): void {
  sink?.hide(secrets());
}

/** A listener for the events of a session; undefined: nobody wants to know. */
export function eventTracer(thread: string): ((event: Event) => void) | undefined {
  const to = sink;
  return to && ((event) => to.event(thread, event));
}
