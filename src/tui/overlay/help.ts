/** Keys and commands in one list that scrolls. Hints are never cut off; they wrap below themselves. */
import { cellWidth } from '../../text/cell-width.ts';
import { oneLine } from '../lines/clean.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';
import { wrap } from '../lines/wrap.ts';
import { chordOf, type Key } from '../term/keys.ts';
import type { Step } from './overlay.ts';
import { hintLine, roomOf } from './text.ts';

interface HelpContent {
  readonly keys: readonly { readonly keys: string; readonly hint: string }[];
  /** Names without the slash. */
  readonly commands: readonly { readonly name: string; readonly description: string }[];
}

interface HelpState {
  readonly content: HelpContent;
  /** Lines above the first one shown. */
  readonly top: number;
}

/** Lines that a page key moves. */
const PAGE = 8;

export function openHelp(content: HelpContent): HelpState {
  return { content, top: 0 };
}

/** Needs the size of the screen, because scrolling ends where the last line is shown. */
export function handleHelpKey(
  state: HelpState,
  key: Key,
  ctx: LineContext,
  maxRows: number,
): Step<HelpState, 'closed'> {
  const last = lastTop(state, ctx, maxRows);
  const from = Math.min(state.top, last);
  const to = (top: number): Step<HelpState, 'closed'> => ({
    state: { ...state, top: Math.max(0, Math.min(last, top)) },
  });
  switch (chordOf(key)) {
    case 'up':
    case 'ctrl+p':
      return to(from - 1);
    case 'down':
    case 'ctrl+n':
      return to(from + 1);
    case 'pageup':
      return to(from - PAGE);
    case 'pagedown':
    case ' ':
      return to(from + PAGE);
    case 'home':
      return to(0);
    case 'end':
      return to(last);
    case 'escape':
    case 'enter':
    case 'q':
    case '?':
    case 'ctrl+c':
      return { result: 'closed' };
    default:
      return { state };
  }
}

export function helpLines(state: HelpState, ctx: LineContext, maxRows: number): string[] {
  const last = lastTop(state, ctx, maxRows);
  const top = Math.min(state.top, last);
  const rows = textRows(maxRows);
  const hint = hintLine([...(last > 0 ? ['↑↓ scroll'] : []), 'esc close'], ctx);
  return [...helpText(state.content, ctx).slice(top, top + rows), ...(rows < maxRows ? [hint] : [])];
}

/** Rows for the text: the hint takes the last one if there are a few. */
function textRows(maxRows: number): number {
  return Math.max(0, maxRows >= 3 ? maxRows - 1 : maxRows);
}

function lastTop(state: HelpState, ctx: LineContext, maxRows: number): number {
  return Math.max(0, helpText(state.content, ctx).length - textRows(maxRows));
}

/** With fewer cells the hints go below the names. */
const ROOM_FOR_COLUMNS = 36;

/** Every key and every frame needs the whole text, which only changes with the screen. */
const built = new WeakMap<HelpContent, { readonly ctx: LineContext; readonly lines: readonly string[] }>();

function helpText(content: HelpContent, ctx: LineContext): readonly string[] {
  const before = built.get(content);
  if (before?.ctx.width === ctx.width && before.ctx.style === ctx.style) return before.lines;
  const lines = buildText(content, ctx);
  built.set(content, { ctx, lines });
  return lines;
}

function buildText({ keys, commands }: HelpContent, ctx: LineContext): string[] {
  const { style } = ctx;
  const keyRows = keys.map((row): Row => [oneLine(row.keys), row.hint]);
  const commandRows = commands.map(({ name, description }): Row => [`/${oneLine(name)}`, description]);
  const widest = Math.max(0, ...[...keyRows, ...commandRows].map(([name]) => cellWidth(name)));
  const table = (rows: readonly Row[]): string[] => rows.flatMap((row) => rowLines(row, widest, ctx));
  return [style.bold('Keys'), ...table(keyRows), '', style.bold('Commands'), ...table(commandRows)];
}

type Row = readonly [name: string, hint: string];

function rowLines([name, hint]: Row, widest: number, ctx: LineContext): string[] {
  const room = roomOf(ctx);
  const { cyan } = ctx.style;
  if (room < ROOM_FOR_COLUMNS) {
    return [
      `  ${cyan(truncateEnd(name, room - 2))}`,
      ...wrap(oneLine(hint), room, { first: '    ', rest: '    ' }),
    ];
  }
  const column = Math.min(widest, Math.floor(room / 2));
  const shown = truncateEnd(name, column);
  const first = `  ${cyan(shown)}${' '.repeat(column - cellWidth(shown) + 2)}`;
  return wrap(oneLine(hint), room, { first, rest: ' '.repeat(column + 4) });
}
