/** Counts an answer: for the session's sum, and for the front ends. Does not: decide budgets. */
import type { Answer, SampleDeps } from './sample.ts';
import type { UsageMeter } from './usage.ts';

export function account(deps: SampleDeps & { readonly usage: UsageMeter }, answer: Answer): void {
  const userItems = deps.history.items.filter((item) => item.type === 'user').length;
  const warning = deps.usage.record(answer.turn, userItems);
  if (warning !== undefined) deps.emit({ type: 'warning', message: warning });
  const { promptTokens, evalTokens, evalMs } = answer.turn;
  const { total } = deps.usage;
  const estimated = promptTokens === 0;
  const last = estimated ? { ...deps.usage.last, inputTokens: deps.meter.promptTokens } : deps.usage.last;
  const speed = evalMs > 0 ? { tokensPerSecond: (evalTokens / evalMs) * 1_000 } : {};
  deps.emit({ type: 'token_count', total, last, numCtx: deps.settings.numCtx, estimated, ...speed });
}
