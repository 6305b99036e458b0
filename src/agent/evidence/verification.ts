/**
 * Verifies a turn after the model is done: runs the user's command for that, with the permissions, sandbox and time
 * limit of the model's own commands. The model is not informed.
 */
import type { Evidence } from '../../protocol/evidence.ts';
import type { Tool, ToolContext } from '../../tools/tool.ts';
import { runToolCalls } from '../tool-calls.ts';
import type { UserTurn } from '../turn-queue.ts';
import type { SessionEvidence } from './evidence.ts';

/**
 * @returns the evidence of the turn, and whether it was verified, if there is a command for that.
 * @throws the signal's reason.
 */
export async function verified(
  turn: UserTurn | 'compact',
  tools: readonly Tool[],
  contextOf: () => ToolContext,
  evidence: SessionEvidence,
): Promise<{ readonly evidence: Evidence; readonly isVerified?: boolean }> {
  if (turn === 'compact' || turn.verify === undefined) return { evidence: evidence.turn };
  const command = turn.verify;
  const context = contextOf();
  const call = { id: 'verify', name: 'shell', arguments: { command } };
  const [output] = await runToolCalls([call], tools, () => context);
  context.signal.throwIfAborted();
  const isVerified = output?.ok ?? false;
  evidence.verified(command, isVerified);
  return { evidence: evidence.turn, isVerified };
}
