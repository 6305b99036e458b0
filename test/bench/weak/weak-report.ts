/** The figures of runs with the weak model, as lines of text. */
import type { WeakRun } from './weak-run.ts';

export interface WeakFigures {
  readonly p: number;
  readonly runs: number;
  readonly right: number;
  /** Means of the right runs. */
  readonly tokens: number;
  readonly requests: number;
  readonly falseRepairs: number;
  readonly endless: number;
  /** How lost runs ended, most frequent first. */
  readonly lost: readonly (readonly [lastSaid: string, runs: number])[];
}

export function weakFigures(p: number, runs: readonly WeakRun[]): WeakFigures {
  const right = runs.filter(({ isRight }) => isRight);
  const lost = Map.groupBy(
    runs.filter(({ isRight }) => !isRight),
    ({ lastSaid }) => lastSaid,
  );
  return {
    p,
    runs: runs.length,
    right: right.length,
    tokens: mean(right.map(({ tokens }) => tokens)),
    requests: mean(right.map(({ requests }) => requests)),
    falseRepairs: runs.reduce((sum, { falseRepairs }) => sum + falseRepairs.length, 0),
    endless: runs.filter(({ isEndless }) => isEndless).length,
    lost: [...lost].map(([name, ended]) => [name, ended.length] as const).toSorted(([, a], [, b]) => b - a),
  };
}

export function weakLine({
  p,
  runs,
  right,
  tokens,
  requests,
  falseRepairs,
  endless,
  lost,
}: WeakFigures): string {
  const share = ((100 * right) / runs).toFixed(1);
  const ends = lost.map(([name, count]) => `${name} ${count}`).join(', ');
  return [
    `weak model, p = ${p}: ${right} of ${runs} runs right (${share} %)`,
    `  a right run: ${Math.round(tokens)} tokens, ${requests.toFixed(1)} requests`,
    `  false repairs: ${falseRepairs}, endless: ${endless}`,
    ...(ends === '' ? [] : [`  lost runs ended with: ${ends}`]),
  ].join('\n');
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
