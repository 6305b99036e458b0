/**
 * `oagent memories run`: makes the memories that are due, now. It begins where the last run was stopped, and Ctrl+C stops it after
 * nothing more than the request that is open.
 */

import type { MemoryStep } from '../../memory/work.ts';
import { beginMemories } from '../../session/begin-memories.ts';
import { connect, onOneHost } from '../../session/connect.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { plural } from '../../text/digits.ts';
import { errorMessage } from '../../text/error-message.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { barOf, createBar, type Output, standardOutput } from '../progress-bar.ts';

const DOING = { extract: 'reading sessions', consolidate: 'merging' } as const;

interface Outcome {
  readonly read: number;
  readonly merged: number;
  readonly problems: readonly string[];
  readonly isBusy: boolean;
}

/** @returns the exit code: 1 if nothing could be done, or something failed. @throws ConfigError; an error of SQLite. */
export async function memoriesRun(plan: SessionPlan, output: Output = standardOutput()): Promise<number> {
  const stop = new AbortController();
  void output.interrupted.then(() => stop.abort(new DOMException('interrupted', 'AbortError')));
  const bar = createBar(output);
  try {
    const placed = await onOneHost(plan, stop.signal);
    const work = await beginMemories(
      {
        plan: placed,
        model: undefined,
        server: connect(placed),
        warn: (line) => output.err(`warning: ${sanitizeForTerminal(line)}\n`),
        isForced: true,
      },
      stop.signal,
    );
    if (typeof work === 'string') {
      output.err(`No memories are made: ${sanitizeForTerminal(work)}.\n`);
      return 1;
    }
    try {
      const outcome = await allSteps(
        (signal) => work.step(signal),
        stop.signal,
        (step) => drawn(bar, step),
      );
      bar.clear();
      return report(outcome, output);
    } finally {
      work.close();
    }
  } catch (error) {
    bar.clear();
    if (stop.signal.aborted) return 130;
    output.err(`No memories are made: ${sanitizeForTerminal(errorMessage(error))}\n`);
    return 1;
  }
}

async function allSteps(
  next: (signal: AbortSignal) => Promise<MemoryStep>,
  signal: AbortSignal,
  draw: (step: MemoryStep) => void,
): Promise<Outcome> {
  const count = { extract: 0, consolidate: 0 };
  const problems: string[] = [];
  for (;;) {
    const step = await next(signal);
    if (step.problem !== undefined) problems.push(step.problem);
    else if (step.progress !== undefined && step.state === 'more') count[step.progress.phase] += 1;
    if (step.state !== 'more') {
      return { read: count.extract, merged: count.consolidate, problems, isBusy: step.state === 'busy' };
    }
    draw(step);
  }
}

function drawn(bar: { readonly draw: (line: string) => void }, { progress }: MemoryStep): void {
  if (progress === undefined) return;
  const { phase, done, total, title } = progress;
  const what = title === undefined ? '' : ` · ${sanitizeForTerminal(title)}`;
  bar.draw(barOf(done, total, `${DOING[phase]} ${done}/${total}${what}`));
}

function report({ read, merged, problems, isBusy }: Outcome, output: Output): number {
  const done = `${plural(read, 'session')} read, ${plural(merged, 'record')} merged`;
  output.out(read + merged === 0 ? 'Nothing new to remember.\n' : `${done}.\n`);
  for (const problem of new Set(problems))
    output.err(`Will be tried again later: ${sanitizeForTerminal(problem)}\n`);
  if (isBusy)
    output.err('Another process does the rest; if it was killed, it can be done an hour after it began.\n');
  return problems.length > 0 ? 1 : 0;
}
