/**
 * Recorded answers as files: one an answer, a line about the request, then the bytes as the server sent them.
 *
 * Does not: decide what becomes test data (harvest.ts).
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isObject } from '../../../src/model/json-object.ts';
import type { JsonObject } from '../../../src/protocol.ts';
import type { Exchange } from './recording-proxy.ts';

export interface RecordingLabels {
  readonly agent: string;
  readonly model: string;
  readonly task: string;
  readonly run: number;
}

export interface Recording extends RecordingLabels {
  /** In its run, from 1. */
  readonly answer: number;
  readonly path: string;
  readonly status: number;
  /** The client went away before the end. */
  readonly isCut: boolean;
  readonly request: JsonObject;
  readonly raw: string;
}

/** Writes the answers of one run. Those of an earlier run with the same labels are replaced one by one. */
export function keepRecordings(
  folder: string,
  labels: RecordingLabels,
  exchanges: readonly Exchange[],
): void {
  mkdirSync(folder, { recursive: true });
  for (const [index, { body, raw, ...about }] of exchanges.entries()) {
    const { agent, model, task, run } = labels;
    const name = [agent, model, task, run, index + 1].join('_').replace(/[^\w.-]/g, '-');
    const head = { ...labels, answer: index + 1, ...about, request: requestOf(body) };
    writeFileSync(path.join(folder, `${name}.ndjson`), `${JSON.stringify(head)}\n${raw.toString('utf8')}`);
  }
}

/** All recordings of a folder, in the order of their names. */
export function readRecordings(folder: string): Recording[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
  return names.toSorted().map((name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    const end = text.indexOf('\n');
    return { ...JSON.parse(text.slice(0, end)), raw: text.slice(end + 1) };
  });
}

function requestOf(body: string): JsonObject {
  try {
    const request: unknown = JSON.parse(body);
    if (isObject(request)) return request;
  } catch {
    // Kept as it is.
  }
  return { body };
}
