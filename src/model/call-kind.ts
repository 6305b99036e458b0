/**
 * What kind of answer a model gave when it should have made a call. Pure; never throws, whatever the model wrote.
 */
import type { CallKind } from './call-profile.ts';
import type { ToolSchema } from './chat.ts';
import { type RawTurn, repairTurn } from './repair.ts';

/** A call that was cut off by the token limit counts too, since nothing is run here. */
export function callKind({ doneReason: _, ...turn }: RawTurn, tools: readonly ToolSchema[]): CallKind {
  if (turn.toolCalls.length > 0) return 'native';
  const { calls, notes, endsInCall } = repairTurn(turn, tools, () => '');
  return calls.length > 0 || notes.length > 0 || endsInCall ? 'leaked' : 'none';
}
