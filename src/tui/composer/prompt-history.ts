/**
 * Earlier prompts, and the way through them with Up, Down and Ctrl+R.
 *
 * Invariants: no two neighbours are equal; the draft that was left comes back after the newest prompt.
 */
import { cleared, insertElement, type TextBuffer, withText } from './buffer.ts';
import { cleanInput, expand, pasteElement } from './elements.ts';

interface HistoryEntry {
  /** As it was sent. */
  readonly text: string;
  /** As it was written, with marks for its elements; only for prompts of this run. */
  readonly written?: string;
}

export interface PromptHistory {
  /** Oldest first. */
  readonly entries: readonly HistoryEntry[];
  /** The entry that is in the composer, and the draft that comes back after the newest. */
  readonly recalled?: { readonly index: number; readonly draft: TextBuffer };
}

const MAX_ENTRIES = 1000;

/** A history from stored prompts, oldest first. */
export function historyOf(prompts: readonly string[]): PromptHistory {
  const entries = prompts.filter((text, index) => text.trim() !== '' && text !== prompts[index - 1]);
  return { entries: entries.slice(-MAX_ENTRIES).map((text) => ({ text })) };
}

/** The history with earlier prompts in front; what is recalled stays recalled. */
export function withEarlier(history: PromptHistory, prompts: readonly string[]): PromptHistory {
  const earlier = historyOf(prompts).entries;
  const { entries, recalled } = history;
  return {
    entries: [...earlier, ...entries],
    recalled: recalled === undefined ? undefined : { ...recalled, index: recalled.index + earlier.length },
  };
}

/** The history with one more prompt and nothing recalled. A prompt equal to the newest replaces it. */
export function remember(history: PromptHistory, buffer: TextBuffer): PromptHistory {
  const { text, elements } = buffer;
  const entry: HistoryEntry = { text: expand(text, elements).text, written: text };
  if (entry.text.trim() === '') return { entries: history.entries };
  const isRepeat = history.entries.at(-1)?.text === entry.text;
  const before = isRepeat ? history.entries.slice(0, -1) : history.entries;
  return { entries: [...before, entry].slice(-MAX_ENTRIES) };
}

/** The next older prompt; undefined at the oldest. */
export function older(
  history: PromptHistory,
  current: TextBuffer,
): { history: PromptHistory; entry: HistoryEntry } | undefined {
  const { entries, recalled } = history;
  const index = (recalled?.index ?? entries.length) - 1;
  const entry = entries[index];
  if (entry === undefined) return undefined;
  return { history: { entries, recalled: { index, draft: recalled?.draft ?? current } }, entry };
}

/** The next newer prompt, or the draft after the newest; undefined when nothing is recalled. */
export function newer(
  history: PromptHistory,
):
  | { history: PromptHistory; entry: HistoryEntry }
  | { history: PromptHistory; draft: TextBuffer }
  | undefined {
  const { entries, recalled } = history;
  if (recalled === undefined) return undefined;
  const index = recalled.index + 1;
  const entry = entries[index];
  if (entry === undefined) return { history: { entries }, draft: recalled.draft };
  return { history: { entries, recalled: { index, draft: recalled.draft } }, entry };
}

/** Nothing is recalled any more: the text was changed or sent. */
export function leaveHistory({ entries }: PromptHistory): PromptHistory {
  return { entries };
}

/** The entry in place of the whole text, as one undo step; a huge one becomes an element. */
export function recall(buffer: TextBuffer, { text, written }: HistoryEntry): TextBuffer {
  if (written !== undefined) return withText(buffer, written);
  const clean = cleanInput(text);
  const huge = pasteElement(clean, 'inline');
  return huge === undefined ? withText(buffer, clean) : insertElement(cleared(buffer), huge);
}

/**
 * The newest entry older than `before` (an index; the number of entries for all) that contains the query and differs
 * from `except`. Case counts only when the query has capitals.
 */
export function searchHistory(
  { entries }: PromptHistory,
  query: string,
  before: number,
  except?: string,
): number | undefined {
  if (query === '') return undefined;
  const ignoresCase = query === query.toLowerCase();
  const index = entries.findLastIndex(
    ({ text }, at) =>
      at < before && text !== except && (ignoresCase ? text.toLowerCase() : text).includes(query),
  );
  return index < 0 ? undefined : index;
}
