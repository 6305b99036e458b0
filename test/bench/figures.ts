/**
 * From what was measured of one run to its figures, and from the figures of all rounds to one.
 *
 * Invariants: every figure is a median over the rounds; nothing is rounded here. Milliseconds, bytes, tokens.
 * Does not: run anything, judge against a target (report.ts).
 */
import type { Measured } from './measured-process.ts';
import { type Prompt, promptOf, sharedTokens } from './prompt-tokens.ts';
import type { LoggedRequest } from './server.ts';

export interface AgentRun {
  readonly measured: Measured;
  readonly requests: readonly LoggedRequest[];
}

export interface ProcessFigures {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakTreeBytes: number;
  readonly peakMainBytes: number;
}

export interface AgentFigures extends ProcessFigures {
  readonly firstRequestMs: number;
  readonly firstChatMs: number;
  /** One for each step but the answer. */
  readonly gapsMs: readonly number[];
  readonly gapMedianMs: number;
  readonly gapMaxMs: number;
  readonly gapSumMs: number;
  readonly exitMs: number;
  readonly tools: number;
  readonly firstTokens: number;
  readonly lastTokens: number;
  /** Tokens behind what each request shares with the one before / tokens by which it is longer. */
  readonly reuse: number;
  /** The same by the server's account, which has the answers in its cache as well. */
  readonly serverReuse: number;
}

export function processFigures({
  startedAt,
  endedAt,
  cpuMs,
  peakTreeBytes,
  peakMainBytes,
}: Measured): ProcessFigures {
  return { wallMs: endedAt - startedAt, cpuMs, peakTreeBytes, peakMainBytes };
}

/** @throws when the run made no request. */
export function agentFigures({ measured, requests }: AgentRun): AgentFigures {
  const chats = chatsOf(requests);
  const [any, firstChat, lastChat] = [requests[0], chats[0], chats.at(-1)];
  if (any === undefined || firstChat === undefined || lastChat === undefined)
    throw new Error('no request came');
  const gapsMs = pairs(chats).map(([before, after]) => after.receivedAt - before.finishedAt);
  const prompts = chats.map(({ rawBody }) => promptOf(rawBody));
  return {
    ...processFigures(measured),
    firstRequestMs: any.receivedAt - measured.startedAt,
    firstChatMs: firstChat.receivedAt - measured.startedAt,
    gapsMs,
    gapMedianMs: median(gapsMs),
    gapMaxMs: Math.max(...gapsMs),
    gapSumMs: gapsMs.reduce((total, gap) => total + gap, 0),
    exitMs: measured.endedAt - lastChat.finishedAt,
    tools: prompts[0]?.tools ?? 0,
    firstTokens: prompts[0]?.tokens.length ?? 0,
    lastTokens: prompts.at(-1)?.tokens.length ?? 0,
    reuse: reuseOf(prompts),
    serverReuse: sum(chats.slice(1), 'rereadTokens') / sum(chats.slice(1), 'newTokens'),
  };
}

/** Tokens of a session's first request that a server reads again although it has read another session's. */
export function secondSessionTokens(first: AgentRun, second: AgentRun): number {
  const [a, b] = [first, second].map(({ requests }) => promptOf(chatsOf(requests)[0]?.rawBody ?? ''));
  return a === undefined || b === undefined ? Number.NaN : b.tokens.length - sharedTokens(a, b);
}

/** The median of each figure; lists place by place. */
export function medianFigures<Figures extends object>(rounds: readonly Figures[]): Figures {
  const [first] = rounds;
  if (first === undefined) throw new Error('no rounds');
  const entries = Object.entries(first).map(([name, value]) => {
    const values = rounds.map((round) => (round as { [name: string]: unknown })[name]);
    if (!Array.isArray(value)) return [name, median(values as number[])];
    return [
      name,
      value.map((_, place) => median((values as number[][]).map((list) => list[place] ?? Number.NaN))),
    ];
  });
  return Object.fromEntries(entries) as Figures;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

function chatsOf(requests: readonly LoggedRequest[]): LoggedRequest[] {
  return requests.filter(({ kind }) => kind === 'chat');
}

function reuseOf(prompts: readonly Prompt[]): number {
  let read = 0;
  let added = 0;
  for (const [before, after] of pairs(prompts)) {
    read += after.tokens.length - sharedTokens(before, after);
    added += after.tokens.length - before.tokens.length;
  }
  return read / added;
}

function pairs<T>(list: readonly T[]): [T, T][] {
  return list.slice(1).map((after, index) => [list[index] as T, after]);
}

function sum(requests: readonly LoggedRequest[], field: 'newTokens' | 'rereadTokens'): number {
  return requests.reduce((total, request) => total + (request[field] ?? Number.NaN), 0);
}
