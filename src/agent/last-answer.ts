/**
 * The best answer so far, when a limit ends a turn: one more request, whose calls are not run.
 *
 * It has the same tools as all others, because templates put them in front: without them the server would have to read
 * everything again.
 */
import type { HistoryItem } from '../context/history.ts';
import { ModelError } from '../model/errors.ts';
import type { LimitCode } from '../protocol.ts';
import type { InputDeps } from './input-deps.ts';
import { notes } from './notes.ts';
import { sample } from './sample.ts';

/** For the last answer, whose prompt the server knows. */
const LEAST_MS = 5_000;
const MOST_MS = 60_000;

const LIMIT_WORDS = { max_steps: 'step', max_time: 'time', max_tokens: 'token' } as const;

/**
 * @param start the length of the history before the turn.
 * @returns null if the model has said nothing in this turn.
 * @throws the signal's reason.
 */
export async function lastAnswer(
  deps: InputDeps,
  code: LimitCode,
  { start, maxMs = MOST_MS * 2 }: { readonly start: number; readonly maxMs?: number | undefined },
  signal: AbortSignal,
): Promise<string | null> {
  const time = AbortSignal.timeout(Math.min(MOST_MS, Math.max(LEAST_MS, maxMs / 2)));
  try {
    const text = await ask(deps, code, AbortSignal.any([signal, time]));
    if (text !== '') return text;
  } catch (error) {
    signal.throwIfAborted();
    if (!time.aborted && !(error instanceof ModelError)) throw error;
  }
  return lastSaid(deps.history.items.slice(start));
}

async function ask(deps: InputDeps, code: LimitCode, signal: AbortSignal): Promise<string> {
  const { history, window, tools, outputSchema } = deps;
  if (window.isDue) await window.compact(signal);
  history.note(notes.limitReached(LIMIT_WORDS[code]));
  const known = tools.map(({ schema }) => schema);
  const { content, thinking, calls } = await sample(deps, known, signal, { format: outputSchema });
  history.record({ type: 'assistant', content, thinking, calls });
  for (const { id, name } of calls)
    history.record({ type: 'tool', callId: id, name, content: notes.limitNotRun() });
  return content.trim();
}

function lastSaid(items: readonly HistoryItem[]): string | null {
  const said = items.findLast((item) => item.type === 'assistant' && item.content.trim() !== '');
  return said?.type === 'assistant' ? said.content : null;
}
