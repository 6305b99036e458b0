/** `exec --plan`: the answer is kept as a file. Loaded only for that. */
import type { SessionPlan } from '../../session/plan.ts';
import { PlanMode, whyNoPlan } from '../../session/plan-mode.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import type { ExecFlags } from './exec-input.ts';

/** @returns whether there is a plan. Nothing of an ephemeral session is kept. */
export function keepPlan(
  text: string,
  { home, threadId, isEphemeral }: SessionPlan,
  { outputSchema }: ExecFlags,
): boolean {
  const reason = outputSchema === undefined ? whyNoPlan(text) : undefined;
  if (reason !== undefined) process.stderr.write(`error: ${reason}\n`);
  if (reason !== undefined || isEphemeral) return reason === undefined;
  const file = new PlanMode().write(home, threadId, text);
  process.stderr.write(`plan: ${sanitizeForTerminal(file)}\n`);
  return true;
}
