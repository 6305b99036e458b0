/**
 * One series: every agent on every task, as often as wanted, one run at a time.
 *
 * Invariants: each run has a fresh repository; each agent has one HOME for the whole series, empty at its start, so
 * that what it learns about the model stays, as it does for a user. An agent does all tasks before the next one
 * begins, because two of them with different windows make the server load the model again and again.
 * Does not: write reports.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Agent } from './agents.ts';
import { groupOf } from './all-tasks.ts';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.ts';
import { keepRecordings } from './recordings.ts';
import { runAgent } from './run-agent.ts';
import { type RunRecord, recordOf } from './run-figures.ts';
import type { RealTask } from './task.ts';
import { makeWorkspace, verdictOf } from './workspace.ts';

export interface Series {
  readonly agents: readonly Agent[];
  readonly tasks: readonly RealTask[];
  readonly runs: number;
  readonly model: string;
  /** Base URL of the server, and its version. */
  readonly host: string;
  readonly server: string;
  readonly timeLimitMs: number;
  /** A folder for recordings; undefined keeps none. */
  readonly record: string | undefined;
}

/** Yields each run as soon as it is judged. Rejects with the signal's reason. */
export async function* runSeries(series: Series, signal: AbortSignal): AsyncGenerator<RunRecord> {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'oagent-real-'));
  const proxy = await startRecordingProxy(series.host);
  try {
    let made = 0;
    for (let run = 1; run <= series.runs; run += 1) {
      for (const agent of series.agents) {
        for (const task of series.tasks) {
          made += 1;
          const work = path.join(folder, `work-${made}`);
          const home = path.join(folder, `home-${agent.name}`);
          yield await runTask({ series, proxy, agent, task, run, work, home }, signal);
          rmSync(work, { recursive: true, force: true, maxRetries: 5 });
        }
      }
    }
  } finally {
    await proxy.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface TaskRun {
  readonly series: Series;
  readonly proxy: RecordingProxy;
  readonly agent: Agent;
  readonly task: RealTask;
  readonly run: number;
  readonly work: string;
  readonly home: string;
}

async function runTask(
  { series, proxy, agent, task, run, work, home }: TaskRun,
  signal: AbortSignal,
): Promise<RunRecord> {
  const { model, server, record, timeLimitMs } = series;
  makeWorkspace(work, task);
  mkdirSync(home, { recursive: true });
  const invocation = agent.invocation({ model, prompt: task.prompt, host: proxy.host, home });
  const at = new Date().toISOString();
  const end = await runAgent(invocation, { cwd: work, env: environment(home), timeLimitMs, signal });
  const exchanges = await proxy.take();
  const labels = { agent: agent.name, model, task: task.name, run };
  if (record !== undefined) keepRecordings(record, labels, exchanges);
  const { kind } = task;
  const verdict = verdictOf(work, task, end.stdout);
  return recordOf({ ...labels, server, at, kind, group: groupOf(task) }, verdict, end, exchanges);
}

/** Nothing of the user's own environment: keys and settings of agents would make series differ. */
function environment(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: home, SHELL: '/bin/bash', LANG: 'C.UTF-8', TERM: 'dumb' };
}
