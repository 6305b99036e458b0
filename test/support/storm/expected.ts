/** What a history must hold: every word that was printed, once, in order. */
import type { History } from './recording.ts';

export interface Verdict {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly isInOrder: boolean;
}

/** Words are told apart by their numbers: `w17` is the seventeenth of the answer, `p1` the first of the prompt. */
const WORD = /\b[wp]\d+\b/g;

function wordsOf(history: History): string[] {
  return history.flatMap((line) => line.match(WORD) ?? []);
}

/** Only of a session that has ended all words must be there: of an answer that is being written the end is shown. */
export function judge(history: History, printed: readonly string[], hasEnded: boolean): Verdict {
  const found = wordsOf(history);
  const counts = new Map<string, number>();
  for (const word of found) counts.set(word, (counts.get(word) ?? 0) + 1);
  const first = [...new Set(found)];
  return {
    lost: hasEnded ? printed.filter((word) => !counts.has(word)) : [],
    doubled: [...counts].filter(([, count]) => count > 1).map(([word]) => word),
    isInOrder: first.every(
      (word, index) => index === 0 || place(printed, word) > place(printed, first[index - 1]),
    ),
  };
}

/** A word that was never printed (a draft) has no place. */
function place(printed: readonly string[], word: string | undefined): number {
  return word === undefined ? -1 : printed.indexOf(word);
}
