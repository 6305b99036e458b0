/**
 * Draws the popup below the composer: the palette, the file list, or the line of the history search.
 *
 * Invariants: never more lines than asked for or than eight, each narrower than the terminal; file names and queries
 * are sanitised here.
 */
import { cellWidth } from '../../text/cell-width.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import type { LineContext, Style } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';
import type { CommandMatch } from './commands.ts';
import type { ComposerState, Popup } from './composer-state.ts';
import type { FileMatch } from './file-search.ts';
import { splitGraphemes } from './graphemes.ts';

const MAX_ROWS = 8;
const MARGIN = 2;
/** Fewer cells of a description say nothing. */
const LEAST_DESCRIPTION = 10;

export function popupLines(state: ComposerState, ctx: LineContext, maxRows: number): string[] {
  const rows = Math.min(MAX_ROWS, maxRows);
  const { popup } = state;
  if (popup === undefined || rows <= 0) return [];
  switch (popup.type) {
    case 'commands': {
      const nameCells = Math.max(...popup.matches.map(({ command }) => command.name.length)) + 1;
      return listLines(popup.matches, popup.selected, rows, ctx, (match, isSelected, room) =>
        commandText(match, isSelected, nameCells, room, ctx.style),
      );
    }
    case 'files':
      if (popup.matches.length === 0) {
        const text = popup.isCurrent ? 'no matching files' : 'searching…';
        return [`  ${ctx.style.dim(cut(text, ctx.width - 1 - MARGIN))}`];
      }
      return listLines(popup.matches, popup.selected, rows, ctx, (match, isSelected, room) =>
        fileText(match, isSelected, room, ctx.style),
      );
    case 'search':
      return [searchLine(popup, ctx)];
    default:
      return popup satisfies never;
  }
}

/** A window of the list around the selection; the last line counts those below it. */
function listLines<T>(
  items: readonly T[],
  selected: number,
  rows: number,
  { width, style }: LineContext,
  draw: (item: T, isSelected: boolean, room: number) => string,
): string[] {
  const room = Math.max(0, width - 1 - MARGIN);
  const shown = items.length > rows ? Math.max(1, rows - 1) : items.length;
  const top = Math.max(0, Math.min(selected - shown + 1, items.length - shown));
  const lines = items.slice(top, top + shown).map((item, index) => {
    const isSelected = top + index === selected;
    return `${isSelected ? style.cyan('›') : ' '} ${draw(item, isSelected, room)}`;
  });
  const hidden = items.length - shown;
  if (hidden > 0 && lines.length < rows) lines.push(`  ${style.dim(cut(`… +${hidden}`, room))}`);
  return lines;
}

function commandText(
  { command, positions }: CommandMatch,
  isSelected: boolean,
  nameCells: number,
  room: number,
  style: Style,
): string {
  const name = cut(`/${command.name}`, room);
  const matched = new Set(positions.map((position) => position + 1));
  const named = paintName(name.split(''), matched, isSelected, style);
  const roomBeside = room - nameCells - 2;
  if (roomBeside < LEAST_DESCRIPTION) return named;
  const description = cut(command.description, roomBeside);
  return `${named}${' '.repeat(nameCells - name.length + 2)}${style.dim(description)}`;
}

function fileText(match: FileMatch, isSelected: boolean, room: number, style: Style): string {
  const named = pathText(match, isSelected, room, style);
  const name = sanitizeForTerminal(match.resource?.name ?? '').replace(/[\n\t]/g, ' ');
  const roomBeside = room - cellWidth(match.path) - 2;
  if (name === '' || roomBeside < LEAST_DESCRIPTION) return named;
  return `${named}  ${style.dim(truncateEnd(name, roomBeside))}`;
}

function pathText({ path, positions }: FileMatch, isSelected: boolean, room: number, style: Style): string {
  const safe = sanitizeForTerminal(path).replace(/[\n\t]/g, ' ');
  const isWhole = safe === path && cellWidth(path) <= room;
  // If the text was changed the positions no longer fit.
  if (!isWhole) return paintName([cutStart(safe, room)], new Set(), isSelected, style);
  return paintName(path.split(''), new Set(positions), isSelected, style);
}

/** Paints runs of units, those at matched indexes underlined. */
function paintName(
  units: readonly string[],
  matched: ReadonlySet<number>,
  isSelected: boolean,
  style: Style,
): string {
  let painted = '';
  let run = '';
  for (let at = 0; at < units.length; at += 1) {
    run += units[at];
    if (at + 1 < units.length && matched.has(at) === matched.has(at + 1)) continue;
    painted += matched.has(at) ? style.underline(run) : run;
    run = '';
  }
  return isSelected ? style.cyan(style.bold(painted)) : painted;
}

function searchLine(
  { query, index }: Extract<Popup, { type: 'search' }>,
  { width, style }: LineContext,
): string {
  const label = query !== '' && index === undefined ? '(no match) ' : '(reverse-search) ';
  const room = Math.max(0, width - 1 - MARGIN);
  const shownLabel = cut(label, room);
  return `  ${style.dim(shownLabel)}${cutStart(sanitizeForTerminal(query), room - shownLabel.length)}`;
}

/** The text, its end cut off if it is too wide. */
function cut(text: string, room: number): string {
  if (room <= 0) return '';
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

/** The text, its start cut off if it is too wide: the end of a path says more. */
function cutStart(text: string, room: number): string {
  if (room <= 0) return '';
  if (cellWidth(text) <= room) return text;
  let kept = '';
  let cells = 1;
  for (const piece of splitGraphemes(text.slice(-room * 4)).reverse()) {
    cells += cellWidth(piece);
    if (cells > room) break;
    kept = piece + kept;
  }
  return `…${kept}`;
}
