/**
 * Answers of real models as test data: what was offered to the model, and the bytes as the server sent them.
 *
 * Owns: the files in test/model/recordings (`MODEL.ndjson`, an answer a line; `offers.json`, what was offered, once
 * each; `MODEL.expected.json`, what must be read from each answer) and the short form of lines.
 * Invariants: `rawOf` gives back every byte that `shortened` was given but the times of plain chunks.
 * Does not: read a model's answer (answer-replay.ts) or collect recordings (test/bench/real/harvest.ts).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ToolSchema } from '../../src/model/chat.ts';
import type { JsonObject } from '../../src/protocol.ts';

export const RECORDINGS = path.resolve(import.meta.dirname, '../model/recordings');

/** Of a plain chunk, its text; any other line as it came; `rest` is what came after the last line break. */
export type ShortLine = string | { readonly line: string } | { readonly rest: string };

export interface RecordedAnswer {
  /** The task and a digest of the rest. */
  readonly id: string;
  readonly model: string;
  /** Its key in `offers.json`. */
  readonly offer: string;
  readonly lines: readonly ShortLine[];
}

export interface Offer {
  readonly tools: readonly ToolSchema[];
  /** The schema that the answer was held to. */
  readonly format?: JsonObject;
}

export interface RecordingFile {
  /** Without its endings. */
  readonly name: string;
  readonly answers: readonly RecordedAnswer[];
  readonly expected: { readonly [id: string]: unknown };
}

/** All recordings; none if the folder is missing. A file without its partner has no answers or expects nothing. */
export function readRecordedAnswers(folder = RECORDINGS): RecordingFile[] {
  const entries = existsSync(folder) ? readdirSync(folder) : [];
  const names = entries.map((entry) => /^(.*)\.(ndjson|expected\.json)$/.exec(entry)?.[1]);
  return [...new Set(names)]
    .filter((name) => name !== undefined)
    .toSorted()
    .map((name) => ({
      name,
      answers: text(folder, `${name}.ndjson`)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
      expected: JSON.parse(text(folder, `${name}.expected.json`) || '{}'),
    }));
}

export function readOffers(folder = RECORDINGS): { readonly [key: string]: Offer } {
  return JSON.parse(text(folder, 'offers.json') || '{}');
}

/** The short form of a body. */
export function shortened(raw: string, model: string): ShortLine[] {
  const lines = raw.split('\n');
  const rest = lines.pop() ?? '';
  const short = lines.map((line) => plainText(line, model) ?? { line });
  return rest === '' ? short : [...short, { rest }];
}

/** The body that a short form is of. */
export function rawOf({ model, lines }: Pick<RecordedAnswer, 'model' | 'lines'>): string {
  return lines
    .map((line) => {
      if (typeof line === 'string') return `${plainLine(line, model, '2026-01-01T00:00:00Z')}\n`;
      return 'line' in line ? `${line.line}\n` : line.rest;
    })
    .join('');
}

/** The text of a line that holds nothing else but model and time. */
function plainText(line: string, model: string): string | undefined {
  const time = /"created_at":"([^"\\]*)"/.exec(line)?.[1] ?? '';
  const quoted = /"content":("(?:[^"\\]|\\.)*")\},"done":false\}$/.exec(line)?.[1];
  if (quoted === undefined) return undefined;
  try {
    const content: string = JSON.parse(quoted);
    return plainLine(content, model, time) === line ? content : undefined;
  } catch {
    return undefined;
  }
}

function plainLine(content: string, model: string, time: string): string {
  return `{"model":${quotedByGo(model)},"created_at":"${time}","message":{"role":"assistant","content":${quotedByGo(content)}},"done":false}`;
}

/** Go escapes more than JavaScript. */
function quotedByGo(value: string): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function text(folder: string, name: string): string {
  const file = path.join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
