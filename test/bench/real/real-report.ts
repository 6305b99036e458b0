/**
 * The figures of a series as text: a line a run, a table, and the section of docs/figures.md.
 *
 * Does not: measure.
 */
import { count, table } from '../report-table.ts';
import type { AgentFigures, RunRecord } from './run-figures.ts';

export interface SeriesFacts {
  readonly model: string;
  /** Version of the server. */
  readonly server: string;
  /** As `YYYY-MM-DD`. */
  readonly date: string;
  readonly machine: string;
  /** Of each task. */
  readonly runs: number;
  /** As `--tasks` had it. */
  readonly tasks: string;
}

/** Columns that are there only if the series has such tasks. */
const PARTS: readonly (readonly [part: string, head: string])[] = [
  ['ten', 'of the ten'],
  ['one', 'one step'],
  ['several', 'several'],
  ['question', 'question'],
];

const START = '<!-- real tasks: written by npm run bench -- --only real --write-docs -->';
const END = '<!-- end of real tasks -->';

export function runLine(record: RunRecord): string {
  const { agent, task, run, strangers, requests } = record;
  const touched = strangers.length === 0 ? '' : `, touched ${strangers.join(' ')}`;
  const figures = `${requests} requests, read ${count(record.readTokens)}, wrote ${count(record.wroteTokens)}, first ${count(record.firstTokens)}`;
  return `${agent} ${task} #${run}: ${wordOf(record)}${touched}, ${seconds(record.wallMs)} s, ${figures}`;
}

function wordOf({ isRight, isClaimed, isTimedOut, exitCode }: RunRecord): string {
  if (isRight) return exitCode === 0 ? 'right' : `right, but exit code ${exitCode}`;
  if (isTimedOut) return 'WRONG (time limit)';
  return isClaimed ? 'WRONG (exit code 0)' : `WRONG (exit code ${exitCode})`;
}

export function figuresTable(figures: readonly AgentFigures[]): string {
  const parts = PARTS.filter(([part]) => figures.some((its) => part in its.parts));
  const head = [
    'agent',
    'right',
    ...parts.map(([, name]) => name),
    'claimed though wrong',
    'median wall, s',
    'tokens read',
    'tokens written',
    'first request, tokens',
  ];
  const rows = figures.map((its) => [
    its.agent,
    `${its.right} of ${its.runs}`,
    ...parts.map(([part]) => its.parts[part]?.join(' of ') ?? ''),
    String(its.claimed),
    seconds(its.medianWallMs),
    count(its.meanReadTokens),
    count(its.meanWroteTokens),
    count(its.medianFirstTokens),
  ]);
  return table(head, rows);
}

/** A heading that names the series, its facts, and the table. */
export function section(facts: SeriesFacts, figures: readonly AgentFigures[]): string {
  const { model, server, date, machine, runs, tasks } = facts;
  const told = `${date}, Ollama ${server}, ${machine}; ${runs} ${runs === 1 ? 'run' : 'runs'} of each task.`;
  return `### ${model}, ${tasks}\n\n${told}\n\n${figuresTable(figures)}\n`;
}

/**
 * The document with this section in place of the one under the same heading, or after the others.
 *
 * @throws if the document has no place for it.
 */
export function withSection(document: string, text: string): string {
  const [from, to] = [document.indexOf(START), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the document lacks the lines ${START} and ${END}`);
  const held = document.slice(from + START.length, to);
  const headingOf = (one: string) => one.slice(0, one.indexOf('\n'));
  const sections = held.split(/^(?=### )/m).filter((one) => one.startsWith('### '));
  const at = sections.findIndex((one) => headingOf(one) === headingOf(text));
  const all = at < 0 ? [...sections, text] : sections.with(at, text);
  const body = all.map((one) => `${one.trim()}\n\n`).join('');
  return `${document.slice(0, from)}${START}\n\n${body}${document.slice(to)}`;
}

function seconds(wallMs: number): string {
  return (wallMs / 1000).toFixed(1);
}
