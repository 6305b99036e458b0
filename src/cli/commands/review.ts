/**
 * `oagent review`: has the model read what has changed, and says what is wrong with it.
 *
 * The report goes to stdout, everything else to stderr. Exit codes: 0 nothing was found at or above `--fail-on`, 3 something was,
 * 1 it failed or something could not be reviewed, 130 interrupted, by Ctrl+C or SIGTERM: then stdout has what was found until then.
 */
import type { PromptMeter } from '../../agent/prompt-meter.ts';
import { UsageMeter } from '../../agent/usage.ts';
import type { ModelTurn } from '../../model/stream.ts';
import type { TokenUsage } from '../../protocol/requests.ts';
import type { ReviewWanted, WantedChanges } from '../../protocol.ts';
import type { Severity } from '../../review/finding.ts';
import { reportJson } from '../../review/report-json.ts';
import { progressWords } from '../../review/report-order.ts';
import { reportSarif } from '../../review/report-sarif.ts';
import { isComplete, reportText } from '../../review/report-text.ts';
import type { ReviewProgress } from '../../review/review.ts';
import { type ReviewedChanges, reviewChanges } from '../../review/review-changes.ts';
import { projectDoc } from '../../session/build-agent.ts';
import type { SessionFlags } from '../../session/flags.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { type OpenReviewer, openReviewer } from '../../session/reviewer.ts';
import { SessionError } from '../../session/session-error.ts';
import { VERSION } from '../../session/version.ts';
import { groupDigits } from '../../text/digits.ts';
import { errorMessage } from '../../text/error-message.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { errorLine } from '../options.ts';
import { barOf, createBar, type Output, standardOutput } from '../progress-bar.ts';

export interface ReviewFlags extends SessionFlags {
  readonly base?: string;
  readonly commit?: string;
  readonly uncommitted?: boolean;
  readonly json?: boolean;
  readonly sarif?: boolean;
  readonly failOn?: `P${Severity}`;
  readonly verbose?: boolean;
}

/** The words of the command line, or of stdin. @throws SessionError */
export async function instructionsOf(argument: string | undefined): Promise<string | undefined> {
  if (argument !== '-') return argument?.trim() || undefined;
  const { resolvePrompt, readStdin } = await import('../exec/prompt-input.ts');
  const stdin = { isTTY: process.stdin.isTTY ?? false, read: () => readStdin(process.stdin) };
  const resolved = await resolvePrompt({ argument, stdin, notify: () => undefined });
  if (!resolved.ok) throw new SessionError(resolved.message);
  return resolved.prompt.trim();
}

const FOUND = 3;
const INTERRUPTED = 130;

/** @param instructions what to look for, in the user's words. @returns the exit code */
export async function reviewCommand(
  instructions: string | undefined,
  flags: ReviewFlags,
  plan: SessionPlan,
  output: Output = standardOutput(),
): Promise<number> {
  const stop = new AbortController();
  void output.interrupted.then(() => stop.abort(new DOMException('interrupted', 'AbortError')));
  const bar = createBar(output);
  const say = (line: string): void => {
    bar.clear();
    output.err(`${sanitizeForTerminal(line)}\n`);
  };
  let reviewer: OpenReviewer | undefined;
  try {
    const doc = projectDoc(plan);
    for (const warning of [...plan.loaded.warnings, ...doc.warnings]) say(`warning: ${warning}`);
    const onRetry = (error: Error): void => say(`asking again: ${error.message}`);
    reviewer = await openReviewer(plan, { onRetry }, stop.signal);
    const { deps, model } = reviewer;
    const onProgress = (progress: ReviewProgress): void => {
      const words = progressLine(progress, deps.meter);
      if (output.isTerminal) bar.draw(barOf(progress.done, progress.total, sanitizeForTerminal(words)));
      else say(`reviewing ${words}`);
    };
    const wanted: ReviewWanted = { changes: wantedChanges(flags), instructions };
    const place = { cwd: plan.cwd, projectDoc: doc.text };
    const usage = new UsageMeter();
    const onTurn = (turn: ModelTurn): void => usage.add(turn);
    const reviewed = await reviewChanges(wanted, place, { ...deps, onProgress, onTurn }, stop.signal);
    bar.clear();
    output.out(reportOf(reviewed, flags, model));
    if (usage.total.inputTokens > 0) say(usageLine(usage.total));
    return exitCode(reviewed, flags);
  } catch (error) {
    bar.clear();
    if (stop.signal.aborted) return INTERRUPTED;
    output.err(errorLine(errorMessage(error)));
    return 1;
  } finally {
    await reviewer?.close();
  }
}

/** `tokens used: 12,345 read (9,876 cached), 321 written`. */
function usageLine({ inputTokens, cachedInputTokens, outputTokens }: TokenUsage): string {
  const cached = cachedInputTokens > 0 ? ` (${groupDigits(cachedInputTokens)} cached)` : '';
  return `tokens used: ${groupDigits(inputTokens)} read${cached}, ${groupDigits(outputTokens)} written`;
}

function wantedChanges({ base, commit }: ReviewFlags): WantedChanges {
  if (base !== undefined) return { type: 'base', name: base };
  return commit === undefined ? { type: 'uncommitted' } : { type: 'commit', name: commit };
}

/** `2/7 src/a.ts:10-40, 1 found, 68 tokens/s`. */
function progressLine(progress: ReviewProgress, { msPerToken }: Pick<PromptMeter, 'msPerToken'>): string {
  const speed = msPerToken === undefined ? '' : `, ${groupDigits(Math.round(1_000 / msPerToken))} tokens/s`;
  return `${progressWords(progress)}, ${progress.found} found${speed}`;
}

function reportOf(
  reviewed: ReviewedChanges,
  { json, sarif, verbose = false }: ReviewFlags,
  model: string,
): string {
  if (json) return `${jsonText(reportJson(reviewed, model), 2)}\n`;
  if (sarif) return `${jsonText(reportSarif(reviewed, model, VERSION), 2)}\n`;
  return sanitizeForTerminal(reportText(reviewed, { isVerbose: verbose }));
}

function exitCode(reviewed: ReviewedChanges, { failOn = 'P3' }: ReviewFlags): number {
  if (reviewed.isInterrupted) return INTERRUPTED;
  if (!isComplete(reviewed)) return 1;
  return reviewed.findings.some(({ severity }) => severity <= Number(failOn.slice(1))) ? FOUND : 0;
}
