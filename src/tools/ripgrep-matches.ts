/**
 * The matches in ripgrep's JSON, as `path:line:text`. Of a long line the match is shown with what stands around it, and
 * of a file with such lines (a bundle, a notebook) only the first few.
 */
import { isObject, parseJson } from '../model/json-object.ts';

const LINE_CHARACTERS = 300;
const BEFORE = 100;
const MATCH_CHARACTERS = 100;
const LONG_LINES_SHOWN = 3;
/** A longer line of output is not kept: it is one match in a line of tens of megabytes. */
const MOST_BUFFERED = 64 * 2 ** 20;

export class MatchReader {
  readonly #isHidden: (file: string) => boolean;
  /** Called with each line of a match; undefined for one that is counted, not shown. */
  readonly #take: (line: string | undefined) => void;
  #rest = '';
  #isSkipping = false;
  #longLines = 0;
  #isLeftOut = false;
  /** How many files were searched; undefined until the search has ended. */
  searched: number | undefined;

  /** @param isHidden whether the matches in a file, as ripgrep names it, are left out. */
  constructor(isHidden: (file: string) => boolean, take: (line: string | undefined) => void) {
    this.#isHidden = isHidden;
    this.#take = take;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#read(line);
    if (this.#rest.length <= MOST_BUFFERED) return;
    if (!this.#isSkipping) this.#take(undefined);
    this.#isSkipping = true;
    this.#rest = '';
  }

  #read(line: string): void {
    if (this.#isSkipping) {
      this.#isSkipping = false;
      return;
    }
    const event = parseJson(line);
    if (!isObject(event) || !isObject(event.data)) return;
    const { data } = event;
    if (event.type === 'begin') this.#begin(data);
    if (event.type === 'match' && !this.#isLeftOut) this.#readMatch(data);
    if (event.type === 'summary' && isObject(data.stats)) this.searched = Number(data.stats.searches);
  }

  /** The matches of one file follow. */
  #begin(data: { readonly [name: string]: unknown }): void {
    this.#longLines = 0;
    this.#isLeftOut = this.#isHidden(bytesOf(data.path).toString());
  }

  #readMatch(data: { readonly [name: string]: unknown }): void {
    const bytes = bytesOf(data.lines);
    const file = bytesOf(data.path).toString().replace(/^\.\//, '');
    const [first] = Array.isArray(data.submatches) ? (data.submatches as unknown[]) : [];
    const { start, end } = isObject(first) ? first : {};
    const lines = bytes
      .toString()
      .replace(/\r?\n$/, '')
      .split('\n');
    for (const [index, line] of lines.entries()) {
      const text = line.replace(/\r$/, '');
      const isLong = text.length > LINE_CHARACTERS;
      this.#longLines += isLong ? 1 : 0;
      if (isLong && this.#longLines > LONG_LINES_SHOWN) {
        this.#take(undefined);
        continue;
      }
      const from = index === 0 ? characters(bytes, start) : 0;
      const shown = isLong ? around(text, from, index === 0 ? characters(bytes, end) : 0) : text;
      this.#take(`${file}:${Number(data.line_number) + index}:${shown}`);
    }
  }
}

/** ripgrep gives what is not UTF-8 as base64. */
function bytesOf(value: unknown): Buffer {
  if (!isObject(value)) return Buffer.alloc(0);
  if (typeof value.text === 'string') return Buffer.from(value.text);
  return typeof value.bytes === 'string' ? Buffer.from(value.bytes, 'base64') : Buffer.alloc(0);
}

/** How many characters the first bytes are. */
function characters(bytes: Buffer, end: unknown): number {
  return typeof end === 'number' ? bytes.subarray(0, end).toString().length : 0;
}

/** About 300 characters of a line, around the match from `start` to `end`. */
function around(text: string, start: number, end: number): string {
  const from = Math.max(0, Math.min(start - BEFORE, text.length - LINE_CHARACTERS));
  const to = Math.min(text.length, Math.max(from + LINE_CHARACTERS, Math.min(end, start + MATCH_CHARACTERS)));
  const piece = text.slice(from, to).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
  return `${from > 0 ? '…' : ''}${piece}${to < text.length ? '…' : ''} [${text.length} characters]`;
}
