/**
 * What is known of one run, and the figures of many.
 *
 * Invariants: `isClaimed` is strict: the agent ended with exit code 0 and the judge says no, whatever its text was.
 * Does not: write text (real-report.ts).
 */
import { median } from '../figures.ts';
import { countAnswer } from './answer-counts.ts';
import type { Exchange } from './recording-proxy.ts';
import type { AgentEnd } from './run-agent.ts';
import type { RealTask } from './task.ts';
import type { Verdict } from './workspace.ts';

/** One run, as a line of `--out`. */
export interface RunRecord {
  readonly agent: string;
  readonly model: string;
  readonly server: string;
  readonly at: string;
  readonly task: string;
  readonly kind: RealTask['kind'];
  readonly group: string;
  readonly run: number;
  readonly isRight: boolean;
  readonly isClaimed: boolean;
  readonly strangers: readonly string[];
  readonly exitCode: number | null;
  readonly isTimedOut: boolean;
  readonly wallMs: number;
  /** Answers of the model that were asked for. */
  readonly requests: number;
  /** Tokens of all prompts as the server counted them, cached or not. */
  readonly readTokens: number;
  readonly wroteTokens: number;
  readonly firstTokens: number;
  /** The ends of what it printed. */
  readonly answer: string;
  readonly log: string;
}

export type RunLabels = Pick<
  RunRecord,
  'agent' | 'model' | 'server' | 'at' | 'task' | 'kind' | 'group' | 'run'
>;

export interface AgentFigures {
  readonly agent: string;
  readonly runs: number;
  readonly right: number;
  readonly claimed: number;
  readonly medianWallMs: number;
  /** Means a run, so that a run that never ends is seen. */
  readonly meanReadTokens: number;
  readonly meanWroteTokens: number;
  readonly medianFirstTokens: number;
  /** Right and runs of each kind and group that there is. */
  readonly parts: { readonly [part: string]: readonly [right: number, runs: number] };
}

const KEPT_TEXT = 400;

export function recordOf(
  labels: RunLabels,
  verdict: Verdict,
  end: AgentEnd,
  exchanges: readonly Exchange[],
): RunRecord {
  const counts = exchanges.map(({ raw }) => countAnswer(raw));
  return {
    ...labels,
    isRight: verdict.right,
    isClaimed: !verdict.right && end.exitCode === 0,
    strangers: verdict.strangers,
    exitCode: end.exitCode,
    isTimedOut: end.isTimedOut,
    wallMs: Math.round(end.wallMs),
    requests: exchanges.length,
    readTokens: sum(counts.map(({ read }) => read ?? 0)),
    wroteTokens: sum(counts.map(({ wrote }) => wrote)),
    firstTokens: counts[0]?.read ?? 0,
    answer: end.stdout.trim().slice(-KEPT_TEXT),
    log: end.stderr.trim().slice(-KEPT_TEXT),
  };
}

/** The figures of each agent, in the order in which the agents first occur. */
export function figuresOf(records: readonly RunRecord[]): AgentFigures[] {
  return [...Map.groupBy(records, ({ agent }) => agent)].map(([agent, runs]) => ({
    agent,
    runs: runs.length,
    right: rightOf(runs),
    claimed: runs.filter(({ isClaimed }) => isClaimed).length,
    medianWallMs: median(runs.map(({ wallMs }) => wallMs)),
    meanReadTokens: sum(runs.map(({ readTokens }) => readTokens)) / runs.length,
    meanWroteTokens: sum(runs.map(({ wroteTokens }) => wroteTokens)) / runs.length,
    medianFirstTokens: median(runs.map(({ firstTokens }) => firstTokens)),
    parts: { ...partsBy(runs, 'group'), ...partsBy(runs, 'kind') },
  }));
}

function partsBy(runs: readonly RunRecord[], key: 'kind' | 'group'): AgentFigures['parts'] {
  const parts = [...Map.groupBy(runs, (run) => run[key])];
  return Object.fromEntries(parts.map(([part, its]) => [part, [rightOf(its), its.length] as const]));
}

function rightOf(runs: readonly RunRecord[]): number {
  return runs.filter(({ isRight }) => isRight).length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
