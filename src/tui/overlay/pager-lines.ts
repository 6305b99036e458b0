/**
 * Draws the pager: a title with the position, one screen of text, the keys.
 *
 * Invariants: exactly as many lines as the screen has rows, none wider than the screen minus one; search hits are shown
 * inverse.
 */
import { oneLine } from '../lines/clean.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';
import { PAGER_CHROME, type PagerScreen, type PagerState, pageRows, topOf } from './pager.ts';
import { rowsFrom, shareAbove } from './pager-place.ts';
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
    return isMessage
      ? style.inverse(source.textOf(row))
      : marked(row, state.query, source.textOf, style.inverse);
  });
  const blank = Array.from({ length: page - text.length }, () => '');
  const percent = isEnd ? 100 : Math.min(99, Math.floor(shareAbove(source, top) * 100));
  const title = truncateEnd(`${style.bold(oneLine(source.title))} ${style.dim(`${percent}%`)}`, roomOf(ctx));
  const lines = [title, ...text, ...blank, bottomLine(state, ctx)];
  return rows > PAGER_CHROME ? lines : lines.slice(1, 1 + Math.max(0, rows));
}

function bottomLine(state: PagerState, ctx: LineContext): string {
  const { style } = ctx;
  const { input, note, query, message } = state;
  if (input !== undefined) {
    const typed = [...oneLine(`/${input}`)].slice(-Math.max(1, roomOf(ctx) - 3)).join('');
    return truncateEnd(`  ${typed}${style.inverse(' ')}`, roomOf(ctx));
  }
  if (note !== '') return truncateEnd(`  ${oneLine(query)}: ${note}`, roomOf(ctx));
  if (message !== undefined) {
    return hintLine(['← older', '→ newer', 'enter edit from here', 'q close'], ctx);
  }
  const found = query === '' ? [] : ['n next', 'N previous'];
  return hintLine(['↑↓ scroll', 'q close', ...found, '/ search', 'space page', 'home/end'], ctx);
}

/** The row with what was searched in it. A row that holds it loses its own styles. */
function marked(
  row: string,
  query: string,
  textOf: (line: string) => string,
  mark: (text: string) => string,
): string {
  if (query === '') return row;
  const text = textOf(row);
  const [lower, wanted] = [text.toLowerCase(), query.toLowerCase()];
  // Some letters change their length with their case: then the places would not fit.
  if (lower.length !== text.length || !lower.includes(wanted)) return row;
  let result = '';
  let at = 0;
  for (let hit = lower.indexOf(wanted); hit >= 0; hit = lower.indexOf(wanted, at)) {
    result += text.slice(at, hit) + mark(text.slice(hit, hit + wanted.length));
    at = hit + wanted.length;
  }
  return result + text.slice(at);
}
