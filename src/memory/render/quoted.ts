/** Lines of memory as parts of a Markdown file: quoted, whatever they contain. */
import { oneLine, withoutEndTags } from './text.ts';

const DATE_CHARS = 10;
const LATEST = 8.64e15;

/** One line in quotation marks: no heading, no fence, no link and no tag begins or ends in it. */
export function quoted(text: string): string {
  const line = oneLine(text)
    .replaceAll('"', "'")
    .replace(/\](?=[([])/g, '] ');
  return `"${withoutEndTags(line)}"`;
}

/** Its day. @param at milliseconds of the epoch. */
export function day(at: number): string {
  const date = Number.isFinite(at) ? Math.max(-LATEST, Math.min(LATEST, at)) : 0;
  return new Date(date).toISOString().slice(0, DATE_CHARS);
}
