/**
 * One picture of the view, and what paints it needs of the rest.
 *
 * Owns: the types between the logic (plain TypeScript) and View.tsx. Does not: hold anything.
 */
import type { Key } from '../term/keys.ts';

/** A piece of history whose lines do not change any more. */
export interface PrintedCell {
  readonly id: number;
  readonly lines: readonly string[];
}

export interface Frame {
  readonly printed: readonly PrintedCell[];
  /** All that is below the history; fewer lines than the terminal has rows, each narrower than the terminal. */
  readonly live: readonly string[];
  /** Where the caret is in `live`, in cells and lines; absent: hidden. */
  readonly cursor?: { readonly x: number; readonly y: number };
}

/** What the view is painted from, and what it reports. */
export interface ViewModel {
  /** The same object until something has changed. */
  readonly frame: () => Frame;
  /** @returns what ends it. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly onKey: (key: Key) => void;
  readonly onPaste: (text: string) => void;
}
