/**
 * Verifies a turn whose model is done: runs the command that the user gave for that.
 *
 * Invariants: it runs as a command of the model's does, with the same permissions, sandbox and time limit; the model is
 * not told of it. Does not: decide what a failure leads to.
 */
import type { Evidence } from '../../protocol.ts';
import type { Tool, ToolContext } from '../../tools/tool.ts';
import { runToolCalls } from '../tool-calls.ts';
import type { UserTurn } from '../turn-queue.ts';
import type { SessionEvidence } from './evidence.ts';

/**
 * @returns what was seen of the turn, and whether it was verified, where there is a command for that.
 * @throws the signal's reason on interrupt.
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
