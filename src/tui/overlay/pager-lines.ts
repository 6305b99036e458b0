/**
 * Draws the pager: a title with the position, one screen of text, the keys.
 *
 * Invariants: exactly as many lines as the screen has rows, none wider than the screen minus one; search hits are shown
 * inverse, the one that the search is at bold too.
 */
import { oneLine } from '../lines/clean.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';
import { PAGER_CHROME, type PagerScreen, type PagerState, pageRows, topOf } from './pager.ts';
import { type Place, rowsFrom, rowText, shareAbove } from './pager-place.ts';
import { type Hit, markedRow } from './pager-search.ts';
import { hintLine, roomOf } from './text.ts';

export function pagerLines(state: PagerState, screen: PagerScreen, ctx: LineContext): string[] {
  const { style } = ctx;
  const { source, rows } = screen;
  const page = pageRows(screen);
  const top = topOf(state, screen);
  const shown = rowsFrom(source, screen.width, top, page + 1);
  const isEnd = shown.length <= page;
  const text = shown.slice(0, page).map(({ text: row, place }) => {
    const isMessage = place.section === state.message;
    if (isMessage) return style.inverse(source.textOf(row));
    if (state.query === '') return row;
    const isHit = (at: number): boolean => isAt(state.hit, place, at);
    const markOf = (at: number) => (text: string) =>
      isHit(at) ? style.bold(style.inverse(text)) : style.inverse(text);
    return markedRow(row, rowText(source, screen.width, place), state.query, markOf);
  });
  const blank = Array.from({ length: page - text.length }, () => '');
  const percent = isEnd ? 100 : Math.min(99, Math.floor(shareAbove(source, top) * 100));
  const title = truncateEnd(`${style.bold(oneLine(source.title))} ${style.dim(`${percent}%`)}`, roomOf(ctx));
  const lines = [title, ...text, ...blank, bottomLine(state, ctx)];
  return rows > PAGER_CHROME ? lines : lines.slice(1, 1 + Math.max(0, rows));
}

function bottomLine(state: PagerState, ctx: LineContext): string {
  const { style } = ctx;
  const { input, note, query, message, found, hit } = state;
  if (input !== undefined) {
    const typed = [...oneLine(`/${input}`)].slice(-Math.max(1, roomOf(ctx) - 3)).join('');
    return truncateEnd(`  ${typed}${style.inverse(' ')}`, roomOf(ctx));
  }
  if (note !== '') return truncateEnd(`  ${oneLine(query)}: ${note}`, roomOf(ctx));
  if (message !== undefined) {
    return hintLine(['← older', '→ newer', 'enter edit from here', 'q close'], ctx);
  }
  if (found === undefined)
    return hintLine(['↑↓ scroll', 'q close', '/ search', 'space page', 'home/end'], ctx);
  const count = hit === undefined ? `${found.of} found` : `${found.at} of ${found.of}`;
  return hintLine([count, 'n next', 'N back', 'q close', '/ search', '↑↓ scroll', 'space page'], ctx);
}

function isAt(hit: Hit | undefined, { section, line }: Place, offset: number): boolean {
  return hit?.section === section && hit.line === line && hit.at === offset;
}
