/**
 * What an answer was where a call was due.
 *
 * Invariants: pure; never throws, whatever the model wrote. Does not: decide what follows from it (call-profile.ts).
 */
import type { CallKind } from './call-profile.ts';
import type { ToolSchema } from './chat.ts';
import { type RawTurn, repairTurn } from './repair.ts';

/** A call that the token limit cut is one as well: here nothing is run. */
export function callKind({ doneReason: _, ...turn }: RawTurn, tools: readonly ToolSchema[]): CallKind {
  if (turn.toolCalls.length > 0) return 'native';
  const { calls, notes, endsInCall } = repairTurn(turn, tools, () => '');
  return calls.length > 0 || notes.length > 0 || endsInCall ? 'leaked' : 'none';
}
