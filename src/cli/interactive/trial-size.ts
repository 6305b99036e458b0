/** While a turn runs on trial, it is looked at what the trial takes on the disk; too much stops the turn. */

import type { InteractiveSession } from '../../session/interactive-session.ts';
import { isTurnEnd } from '../../text/turn-end.ts';
import { sizeOfTrial } from '../../tools/trial/size.ts';

/** What a trial may take on the disk. */
const MOST_BYTES = 4 * 1024 ** 3;
const LOOK_MS = 1_000;
/** A look that takes long is followed by a longer rest. */
const REST = 4;

export interface TrialLimit {
  readonly bytes: number;
  readonly lookMs: number;
}

/** @param warn told once in a turn. @returns what ends it */
export function watchSize(
  folder: string,
  session: Pick<InteractiveSession, 'submit' | 'subscribe'>,
  warn: (text: string) => void,
  { bytes: most, lookMs }: TrialLimit = { bytes: MOST_BYTES, lookMs: LOOK_MS },
): () => void {
  let turn: AbortController | undefined;
  let timer: NodeJS.Timeout | undefined;
  const look = async (signal: AbortSignal): Promise<void> => {
    const begun = performance.now();
    const size = await sizeOfTrial(folder, { enough: most, signal });
    if (signal.aborted) return;
    if (size <= most) return rest(signal, Math.max(lookMs, (performance.now() - begun) * REST));
    warn(`The trial takes more than ${most / 1024 ** 3} GiB on the disk. The turn is stopped.`);
    session.submit({ type: 'interrupt' });
  };
  const rest = (signal: AbortSignal, ms: number): void => {
    timer = setTimeout(() => void look(signal), ms);
  };
  const end = (): void => {
    turn?.abort();
    turn = undefined;
    clearTimeout(timer);
  };
  const unsubscribe = session.subscribe((event) => {
    if (event.type === 'turn_started' && turn === undefined) {
      turn = new AbortController();
      rest(turn.signal, lookMs);
    }
    if (isTurnEnd(event)) end();
  });
  return () => {
    unsubscribe();
    end();
  };
}
