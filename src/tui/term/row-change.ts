/**
 * What makes one row of another that is on the terminal, without what both begin with.
 *
 * The cursor is in the first column, and every style is off. Only plain characters are skipped, one cell each; the styles
 * that were begun among them are begun again.
 */
const restOfRow = '\x1b[K';
const STYLE = /\x1b\[(\d+|[34]8;5;\d+|[34]8;2;\d+;\d+;\d+)m/y;

/** A place in both rows up to which they are the same, after so many cells. */
interface Place {
  readonly at: number;
  readonly cells: number;
  /** The styles that are on there. */
  readonly open: readonly string[];
}

export function rowChange(before: string, after: string): string {
  const { at, cells, open } = samePlace(before, after);
  return `${cells > 0 ? `\x1b[${cells}C` : ''}${restOfRow}${open.join('')}${after.slice(at)}`;
}

function samePlace(before: string, after: string): Place {
  let place: Place = { at: 0, cells: 0, open: [] };
  /** Before the last character. */
  let last = place;
  for (;;) {
    const { at, cells, open } = place;
    const style = styleAt(after, at);
    if (style !== undefined && before.startsWith(style, at)) {
      place = { at: at + style.length, cells, open: withStyle(open, style) };
    } else if (after[at] === before[at] && isPlain(after.charCodeAt(at))) {
      last = place;
      place = { at: at + 1, cells: cells + 1, open };
    } else {
      // What follows, after a style too, may belong to the character before it.
      return [before, after].every((row) => at >= row.length || isPlain(row.charCodeAt(at))) ? place : last;
    }
  }
}

function styleAt(row: string, at: number): string | undefined {
  STYLE.lastIndex = at;
  return STYLE.exec(row)?.[0];
}

function withStyle(open: readonly string[], style: string): readonly string[] {
  const code = codeOf(style);
  if (code === 0) return [];
  const ended = ENDED_BY.get(code);
  if (ended === undefined) return [...open, style];
  return open.filter((begun) => !ended(codeOf(begun)));
}

function codeOf(style: string): number {
  return Number.parseInt(style.slice(2), 10);
}

const ENDED_BY: ReadonlyMap<number, (code: number) => boolean> = new Map([
  [22, (code) => code === 1 || code === 2],
  [23, (code) => code === 3],
  [24, (code) => code === 4],
  [27, (code) => code === 7],
  [29, (code) => code === 9],
  [39, (code) => (code >= 30 && code <= 38) || (code >= 90 && code <= 97)],
  [49, (code) => (code >= 40 && code <= 48) || (code >= 100 && code <= 107)],
]);

function isPlain(code: number): boolean {
  return code >= 0x20 && code <= 0x7e;
}
