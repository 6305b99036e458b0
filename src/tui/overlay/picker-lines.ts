/**
 * Draws a picker: title, note, filter, the entries around the selected one, key hints.
 *
 * Invariants: never more than `maxRows` lines nor wider than the live region; a long list has one line per entry, with
 * labels and details in columns, so that it does not jump.
 */
import { cellWidth } from '../../text/cell-width.ts';
import { oneLine } from '../lines/clean.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';
import { wrap } from '../lines/wrap.ts';
import { dialogLines } from './dialog.ts';
import { optionLines } from './list.ts';
import type { PickerItem, PickerState } from './picker.ts';
import { hintLine, paragraph, roomOf, titleLines } from './text.ts';

/** Details need this many cells to say anything. */
const MIN_DETAIL = 10;

export function pickerLines(state: PickerState, ctx: LineContext, maxRows: number): string[] {
  const { style } = ctx;
  const { shown, selected, filterHint } = state;
  const filter = filterHint === undefined ? [] : [filterLine(state.filter, filterHint, ctx)];
  const note = state.note?.split('\n').flatMap((line) => paragraph(oneLine(line), ctx)) ?? [];
  const head = [...note.map((line) => style.dim(line)), ...filter];
  // The typed filter is the last line of the head and the one that has to stay.
  const body = (rows: number): string[] => (filter.length > 0 ? head.slice(-rows) : head.slice(0, rows));

  const isLong = shown.length > maxRows - 2;
  const position = isLong && shown.length > 0 ? ` ${style.dim(`${selected + 1}/${shown.length}`)}` : '';
  const [title = '', ...moreTitle] = titleLines(oneLine(state.title), ctx);
  const hasPosition = cellWidth(title + position) <= roomOf(ctx);
  return dialogLines(
    {
      title: [`${title}${hasPosition ? position : ''}`, ...moreTitle],
      body: head.length === 0 ? undefined : body,
      options:
        shown.length === 0
          ? [[emptyLine(state, ctx)]]
          : entryLines(state, ctx, maxRows - rowsAround(1 + moreTitle.length, head.length)),
      selected: shown.length === 0 ? 0 : selected,
      hint: hintLine(
        [
          state.hasNumbers ? '↑↓ or number' : '↑↓ choose',
          'enter select',
          ...(state.other === undefined ? [] : [state.other.hint]),
          state.cancelHint ?? 'esc cancel',
        ],
        ctx,
      ),
    },
    ctx,
    maxRows,
  );
}

function filterLine(filter: string, hint: string, ctx: LineContext): string {
  const { style } = ctx;
  const caret = style.inverse(' ');
  if (filter === '') return truncateEnd(`  ${caret}${style.dim(oneLine(hint))}`, roomOf(ctx));
  // The user looks at the end of what they type.
  const room = Math.max(1, roomOf(ctx) - 3);
  const text = [...oneLine(filter)];
  while (cellWidth(text.join('')) > room) text.shift();
  return truncateEnd(`  ${text.join('')}${caret}`, roomOf(ctx));
}

function emptyLine({ filter, emptyText }: PickerState, ctx: LineContext): string {
  const text = filter === '' ? (emptyText ?? 'Nothing to choose from.') : 'No match.';
  return ctx.style.dim(truncateEnd(`  ${oneLine(text)}`, roomOf(ctx)));
}

/** Only the entries near the selected one are measured and drawn: a list may have many thousands. */
const NEAR = 200;

/** Of title, head and hint, with the blank rows between them. */
function rowsAround(title: number, head: number): number {
  return title + (head === 0 ? 0 : head + 1) + 3;
}

/** @param maxRows of all entries. */
function entryLines(state: PickerState, ctx: LineContext, maxRows: number): string[][] {
  const { shown, selected } = state;
  const isNear = (index: number): boolean => Math.abs(index - selected) <= NEAR;
  const labels = shown.map((item, index) => (isNear(index) ? labelOf(item, index, state) : ''));
  const room = roomOf(ctx) - 2;
  const widest = labels.reduce((max, label) => Math.max(max, cellWidth(label)), 0);
  const column = Math.min(widest, Math.max(12, Math.floor(room * 0.6)));
  if (
    shown.length <= FEW &&
    shown.some(({ detail = '' }) => cellWidth(oneLine(detail)) > room - column - 2)
  ) {
    const tall = shown.map((item, index) => tallEntry(item, labels[index] ?? '', index === selected, ctx));
    if (tall.flat().length <= maxRows) return tall;
  }
  return shown.map((item, index) => {
    if (!isNear(index)) return [''];
    return [entryLine(item, labels[index] ?? '', index === selected, column, room, ctx)];
  });
}

/** So few entries may be taller if there is space, so that their details are not cut off. */
const FEW = 9;

function tallEntry(
  { detail = '', disabled }: PickerItem,
  label: string,
  isSelected: boolean,
  ctx: LineContext,
): string[] {
  const { style } = ctx;
  const lines = optionLines(label, isSelected, ctx).map((line) => (disabled ? style.dim(line) : line));
  if (detail === '') return lines;
  const number = /^\d+\. /.exec(label)?.[0] ?? '  ';
  const cells = ' '.repeat(2 + number.length);
  const indent = { first: cells, rest: cells };
  return [...lines, ...wrap(oneLine(detail), roomOf(ctx), indent).map((line) => style.dim(line))];
}

function labelOf(
  { label, hint }: PickerItem,
  index: number,
  { hasNumbers, filterHint }: PickerState,
): string {
  const number = hasNumbers && filterHint === undefined && index < 9 ? `${index + 1}. ` : '';
  return `${number}${oneLine(label)}${hint === undefined ? '' : ` (${oneLine(hint)})`}`;
}

function entryLine(
  item: PickerItem,
  label: string,
  isSelected: boolean,
  column: number,
  room: number,
  { style }: LineContext,
): string {
  const hasDetail = item.detail !== undefined && item.detail !== '' && room - column - 2 >= MIN_DETAIL;
  const name = truncateEnd(label, hasDetail ? column : room);
  const gap = ' '.repeat(Math.max(0, column - cellWidth(name)) + 2);
  const detail = hasDetail ? truncateEnd(oneLine(item.detail ?? ''), room - column - 2) : '';
  const text = detail === '' ? name : `${name}${gap}`;
  if (item.disabled) return `  ${style.dim(`${text}${detail}`)}`;
  if (isSelected) return `${style.cyan(style.bold(`› ${text}`))}${style.dim(detail)}`;
  return `  ${text}${style.dim(detail)}`;
}
