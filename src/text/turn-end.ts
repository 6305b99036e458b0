/** How the end of a turn is told, whatever came of it. */
import type { TurnEnd } from '../protocol.ts';

const ENDS: readonly string[] = ['turn_completed', 'turn_failed', 'turn_aborted'] satisfies TurnEnd['type'][];

/** Also for the lines of a rollout, which name the ends of turns as events do. */
export function isTurnEnd<E extends { readonly type: string }>(
  event: E,
): event is Extract<E, { type: TurnEnd['type'] }> {
  return ENDS.includes(event.type);
}
