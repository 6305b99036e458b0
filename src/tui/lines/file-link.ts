/**
 * Links to files (OSC 8), where the terminal knows them. Invariant: the target is what the text names, so that nobody is
 * sent where they did not read.
 */
import { hostname } from 'node:os';
import type { LineContext } from './style.ts';

/** A path with a folder or a line, as a model names places in code: `src/app.ts`, `app.ts:12`, `./a.ts:3:7`. */
const PLACE =
  /^(?<path>(?:[\w.@+~-]*\/)*[\w.@+-]+\.[A-Za-z]\w{0,9})(?::(?<line>\d{1,7}))?(?::\d{1,5}|-\d{1,7})?$/;

/** The text with the file behind it. @param file absolute. */
export function linked(text: string, file: string, line: number | undefined, { style }: LineContext): string {
  if (style.link === undefined || !file.startsWith('/')) return text;
  const path = encodeURI(file.toWellFormed()).replace(/[?#]/g, encodeURIComponent);
  return style.link(
    `file://${encodeURIComponent(hostname())}${path}${line === undefined ? '' : `#${line}`}`,
    text,
  );
}

/** A piece of an answer, linked if it names a file, and nothing else. */
export function placeLinked(text: string, shown: string, ctx: LineContext): string {
  if (ctx.style.link === undefined) return shown;
  const { path = '', line } = PLACE.exec(text)?.groups ?? {};
  if (path === '' || (line === undefined && !path.includes('/'))) return shown;
  const file = path.startsWith('~/')
    ? `${ctx.home}${path.slice(1)}`
    : path.startsWith('/')
      ? path
      : `${ctx.cwd}/${path}`;
  return linked(shown, file, line === undefined ? undefined : Number(line), ctx);
}
