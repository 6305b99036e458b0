/**
 * What a model says is wrong with a piece, in a form that can be checked: the schema of its answer, and what of it can be true.
 *
 * Invariant: a finding is about a line that the change has touched, and the model has quoted that line, or one that the change has too.
 */
import { closedObject } from '../model/constrained.ts';
import { isObject } from '../model/json-object.ts';
import type { JsonObject } from '../protocol.ts';
import type { DiffLine } from './changed-files.ts';
import type { Piece } from './pieces.ts';

/** As Codex counts: P0 is the worst. */
export type Severity = 0 | 1 | 2 | 3;

export interface Finding {
  /** Relative to the repository. */
  readonly path: string;
  /** In the file as it is after the change, both included. */
  readonly start: number;
  readonly end: number;
  readonly severity: Severity;
  readonly title: string;
  readonly why: string;
  /** May be empty. */
  readonly fix: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** The lines from `start` to `end`. */
  readonly code: readonly string[];
}

/** Of one piece; a model that finds more repeats itself. */
const MOST_FINDINGS = 4;
/** A grammar with more or longer lines costs the server time. */
const MOST_LINES = 200;
const MOST_LINE_TEXT = 80;
const FIRST_CONFIDENCE = 0.5;

const text = (maxLength: number): JsonObject => ({ type: 'string', maxLength });

/** A line is named by its number and its text, so none can be meant that is not there. Names sort in the order of thought, because Ollama sorts them. */
export function findingsSchema(piece: Piece): JsonObject {
  const lines = [...new Set(touchedLines(piece).map(lineName))];
  const finding = closedObject({
    line: lines.length > MOST_LINES ? text(MOST_LINE_TEXT) : { enum: lines },
    problem: text(240),
    remedy: text(160),
    severity: { enum: ['P0', 'P1', 'P2', 'P3'] },
    title: text(60),
  });
  return closedObject({
    analysis: text(300),
    findings: { type: 'array', maxItems: MOST_FINDINGS, items: finding },
  });
}

function lineName({ line, text: own }: DiffLine): string {
  const printable = own.trim().replaceAll(/[^\P{C}\t]/gu, '');
  return `${line} ${[...printable].slice(0, MOST_LINE_TEXT).join('')}`;
}

/** What a model said of a piece: findings, and how many were dropped because their lines are not in the change. */
export interface ReadFindings {
  readonly findings: readonly Finding[];
  readonly outside: number;
}

/** Undefined: the value does not have the form. */
export function readFindings(value: unknown, piece: Piece): ReadFindings | undefined {
  const list = isObject(value) ? value.findings : undefined;
  if (!Array.isArray(list)) return undefined;
  const read = list.map((one) => readFinding(one, piece));
  if (read.includes('broken')) return undefined;
  const findings = read.filter((one) => typeof one === 'object');
  return { findings, outside: read.length - findings.length };
}

function readFinding(value: unknown, piece: Piece): Finding | 'broken' | 'outside' {
  if (!isObject(value)) return 'broken';
  const { line, problem, remedy, severity, title } = value;
  const texts = [line, problem, title].every((one) => typeof one === 'string');
  if (!texts || (typeof remedy !== 'string' && remedy !== undefined)) return 'broken';
  const why = String(problem).trim();
  const place = placeOf(piece, String(line));
  if (place === undefined || why === '') return 'outside';
  return {
    path: piece.path,
    start: place.line,
    end: place.line,
    severity: severityOf(severity),
    title: oneLine(String(title)) || oneLine(why).slice(0, 80),
    why,
    fix: (remedy ?? '').trim(),
    confidence: FIRST_CONFIDENCE,
    code: [place.text],
  };
}

function severityOf(value: unknown): Severity {
  const [, digit] = /^P?([0-3])$/i.exec(String(value)) ?? [];
  return digit === undefined ? 2 : (Number(digit) as Severity);
}

function oneLine(words: string): string {
  return words.replaceAll(/\s+/g, ' ').trim();
}

/** The line that is meant: the quoted one that is nearest to the number. The quotation is the evidence; without it there is none. */
function placeOf(piece: Piece, named: string): DiffLine | undefined {
  const [, digits = '', quoted = ''] = /^\s*(\d*)([\s\S]*)$/.exec(named) ?? [];
  const wanted = plain(quoted);
  if (wanted === '') return undefined;
  const touched = touchedLines(piece);
  const same = touched.filter(({ text: own }) => plain(own) === wanted);
  const alike = same.length > 0 ? same : touched.filter(({ text: own }) => isPart(plain(own), wanted));
  const distance = ({ line }: DiffLine): number => (digits === '' ? 0 : Math.abs(line - Number(digits)));
  return alike.toSorted((one, other) => distance(one) - distance(other))[0];
}

/** Shorter quotations are in many lines. */
const LEAST_PART = 6;

function isPart(own: string, wanted: string): boolean {
  if (own.length < LEAST_PART || wanted.length < LEAST_PART) return false;
  return own.includes(wanted) || wanted.includes(own);
}

/** Without a sign before it, and all white space. */
function plain(line: string): string {
  return line.replace(/^\s*[+|:-]?\s*/, '').replaceAll(/[\s`]+/g, '');
}

/**
 * What was added, and where something was removed the lines next to that; both have numbers in the file as it is now. Where nothing
 * of the file is in the piece, what was removed.
 */
export function touchedLines({ hunks }: Piece): DiffLine[] {
  const touched = hunks.flatMap(({ lines }) =>
    lines.filter((line, at) => {
      if (line.kind === '+') return true;
      return line.kind === ' ' && [lines[at - 1], lines[at + 1]].some((next) => next?.kind === '-');
    }),
  );
  if (touched.length > 0) return touched;
  return hunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind === '-'));
}
