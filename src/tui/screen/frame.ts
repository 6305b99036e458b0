/** The types between the app (plain TypeScript) and what brings its pictures to the terminal. */
import type { Size } from '../ports.ts';

/** A piece of history whose lines no longer change. */
export interface PrintedCell {
  readonly id: number;
  readonly lines: readonly string[];
  /** Only of an answer that is being written. */
  readonly flow?: Flow;
}

/** How a cell continues the one before it, and may be continued. */
export interface Flow {
  /** Columns of the terminal that the lines were laid out for. */
  readonly columns: number;
  /** The first line as it follows the last one of the cell before, while that is as it was printed. */
  readonly joined: string | undefined;
  /** The last line may be continued. */
  readonly isOpen: boolean;
}

/** The live region from top to bottom: the rows of each part as one text, empty where there is none. */
export interface Regions {
  readonly cells: string;
  readonly status: string;
  readonly queue: string;
  /** The composer, a dialog or an overlay. */
  readonly body: string;
  readonly footer: string;
}

export const noRegions: Regions = { cells: '', status: '', queue: '', body: '', footer: '' };

export interface Frame {
  readonly printed: readonly PrintedCell[];
  /** Everything below the history; fewer lines than the terminal has rows, each narrower than the terminal. */
  readonly live: readonly string[];
  /** The same rows, by who makes them: a text is equal as long as nothing in it has changed. */
  readonly regions: Regions;
  /** Of the terminal that it was made for. */
  readonly size: Size;
  /** Where the caret is in `live`, in cells and lines; absent: hidden. */
  readonly cursor?: { readonly x: number; readonly y: number };
}

/** What the view paints. */
export interface ViewModel {
  /** The same object until something has changed. */
  readonly frame: () => Frame;
  /** @returns what unsubscribes. */
  readonly subscribe: (listener: () => void) => () => void;
}
