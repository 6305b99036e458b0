/** `oagent stats`: what the models have done, from the stored sessions alone; nothing is sent anywhere. */
import { NO_HOME, oagentHome } from '../../config/home.ts';
import { ranked } from '../../rollout/stats/model-stats.ts';
import { readStats } from '../../rollout/stats/stats.ts';
import { groupDigits } from '../../text/digits.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { barOf, createBar, standardOutput } from '../progress-bar.ts';
import { statsJson, statsLines } from './stats-report.ts';

export interface StatsFlags {
  readonly days: number;
  readonly json?: boolean;
}

const USUAL_WIDTH = 80;

export async function statsCommand({ days, json }: StatsFlags): Promise<number> {
  const home = oagentHome();
  if (home === undefined) throw new Error(NO_HOME);
  const output = standardOutput();
  const bar = createBar(output);
  const stop = new AbortController();
  void output.interrupted.then(() => stop.abort());
  const onProgress = (done: number, total: number): void =>
    bar.draw(barOf(done, total, `${groupDigits(done)} of ${groupDigits(total)} sessions`));
  const stats = await readStats(home, { since: firstDay(new Date(), days), signal: stop.signal, onProgress });
  bar.clear();
  if (stop.signal.aborted) return 130;
  if (json) output.out(`${jsonText(statsJson(stats, days), 2)}\n`);
  else {
    const facts = { days, best: ranked(stats.models), width: process.stdout.columns ?? USUAL_WIDTH };
    output.out(`${statsLines(stats, facts).map(sanitizeForTerminal).join('\n')}\n`);
  }
  return 0;
}

/** Midnight, local time, so that the span is that many whole days, today among them. */
function firstDay(now: Date, days: number): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days + 1).getTime();
}
