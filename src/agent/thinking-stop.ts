/**
 * What follows when a thinking was stopped: the answer is asked for again without thinking, after a note with the last thoughts, so that
 * the next request continues the one that was stopped. Loaded only then.
 */
import text from '../../prompts/notes/thinking-stopped.md?raw';
import type { History } from '../context/history.ts';
import { lastThoughts } from '../model/last-thoughts.ts';
import { RUNAWAY } from '../model/runaway.ts';
import type { Event } from '../protocol.ts';
import { fill } from '../text/fill.ts';
import type { ThoughtTurn } from './limited-chat.ts';
import type { UsageMeter } from './usage.ts';

interface StopDeps {
  readonly history: Pick<History, 'note'>;
  readonly usage: Pick<UsageMeter, 'add'>;
  readonly emit: (event: Event) => void;
}

/** Tells the user, and adds the note. */
export function thinkingStopped({ history, usage, emit }: StopDeps, turn: ThoughtTurn): void {
  usage.add(turn);
  const isRepeated = turn.doneReason === RUNAWAY;
  emit({ type: 'thinking_stopped', tokens: turn.thoughtTokens, ...(isRepeated && { isRepeated }) });
  history.note(fill(text, { thoughts: lastThoughts(turn.thinking) }));
}
