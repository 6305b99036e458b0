/** What a history must hold: every word that was printed, once, in order. */
import type { History, Recording } from './recording.ts';

export interface Verdict {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly isInOrder: boolean;
  /** Words that the terminal itself has parted (`tearsLines`). */
  readonly torn: readonly string[];
}

/** Words are told apart by their numbers: `w17` is the seventeenth of the answer, `p1` the first of the prompt. */
const WORD = /\b[wp]\d+\b/g;

function wordsOf(history: History): string[] {
  return history.flatMap((line) => line.match(WORD) ?? []);
}

interface Circumstances {
  /** Only of a session that has ended all words must be there: of an answer that is being written the end is shown. */
  readonly hasEnded: boolean;
  readonly mayBeTorn?: boolean;
}

export function judge(
  history: History,
  printed: readonly string[],
  { hasEnded, mayBeTorn = false }: Circumstances,
): Verdict {
  const { lines, torn } = mayBeTorn ? mended(history, printed) : { lines: history, torn: [] };
  const found = wordsOf(lines);
  const counts = new Map<string, number>();
  for (const word of found) counts.set(word, (counts.get(word) ?? 0) + 1);
  const first = [...new Set(found)];
  return {
    lost: hasEnded ? printed.filter((word) => !counts.has(word)) : [],
    doubled: [...counts].filter(([, count]) => count > 1).map(([word]) => word),
    isInOrder: first.every(
      (word, index) => index === 0 || place(printed, word) > place(printed, first[index - 1]),
    ),
    torn,
  };
}

/** A word that was never printed (a draft) has no place. */
function place(printed: readonly string[], word: string | undefined): number {
  return word === undefined ? -1 : printed.indexOf(word);
}

/**
 * tmux (3.3a at least) forgets that rows belong together when its size changes while a program shows the alternate screen:
 * a line comes back as two. test/tui/term/torn-lines.test.ts shows it without oagent.
 */
export function tearsLines({ seen }: Recording): boolean {
  let isAlternate = false;
  return seen.some((event) => {
    if ('size' in event) return isAlternate;
    if ('bytes' in event) {
      const at = (mode: string): number => event.bytes.lastIndexOf(`\x1b[?1049${mode}`);
      if (at('h') !== at('l')) isAlternate = at('h') > at('l');
    }
    return false;
  });
}

/** Lines of which a word was parted, joined again: oagent begins no line with the end of a word. */
function mended(history: History, printed: readonly string[]): { lines: string[]; torn: string[] } {
  const lines: string[] = [];
  const torn: string[] = [];
  for (const line of history) {
    const [start] = /\b[wp]\d*$/.exec(lines.at(-1) ?? '') ?? [];
    const [end] = /^\d+/.exec(line) ?? [];
    if (start !== undefined && end !== undefined && printed.includes(start + end)) {
      torn.push(start + end);
      lines.push(`${lines.pop()}${line}`);
    } else lines.push(line);
  }
  return { lines, torn };
}
