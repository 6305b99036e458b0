/**
 * Puts search hits into the text that a model reads, within a budget of tokens.
 *
 * Owns: the relevance floor, the merging of neighbours, the citation `path:start-end symbol`, what counts as already shown.
 * Invariants: the text never exceeds the budget; no line is in it twice; a line that was shown before is left out, unless it
 * or the line before it has changed since; pure but for what `Shown` remembers.
 */
import type { SearchHit } from './search.ts';

/** Code has more bytes per token than JSON and fewer than prose; measured over eight languages: 3.3 to 5. */
const BYTES_PER_TOKEN = 3.6;
/**
 * One of the first hits must be this sure to be what the message is about. Measured with set C and messages about nothing
 * (test/bench/user-questions.ts), like all of these.
 */
const LEAST_ABOUT = 1.2;
const FIRST_HITS = 6;
/** What is shown with its lines has this part of the question, words that tell this much, and this part of the best one's score. */
const WHOLE = { coverage: 0.35, weight: 1, ofBest: 0.85, most: 4 };
/** Of further files the line that tells most says where to read on. Of those that are near by meaning alone it is all: half of them are wrong. */
const MENTIONED = { ofBest: 0.5, most: 4 };
/** A shorter run of new lines says nothing by itself. */
const LEAST_LINES = 2;

/** The search for an injection: more hits than will be relevant, and enough of one file that the model need not read on. */
export const INJECTION = { limit: 24, perFile: 3 } as const;

/** A piece of a file as the model gets it. */
interface Excerpt {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly symbol: string;
  readonly lines: readonly string[];
}

export interface Packed {
  /** What the model reads; empty if nothing is relevant or nothing fits. */
  readonly text: string;
  /** In the order of the text. */
  readonly excerpts: readonly Excerpt[];
  /** Estimated tokens of the text. */
  readonly tokens: number;
}

/**
 * The lines that a conversation has shown already. A line is identified by its text and the line before it, so it stays known
 * when it moves, and a changed line counts as new.
 */
export class Shown {
  /** A line with the one before it. */
  readonly #pairs = new Set<string>();
  /** Lines that began an excerpt: the line before them was not shown. */
  readonly #first = new Set<string>();
  readonly #all = new Set<string>();

  /** @param path relative to the index's root. */
  add(path: string, lines: readonly string[]): void {
    for (const [at, line] of lines.entries()) {
      const previous = lines[at - 1];
      if (previous === undefined) this.#first.add(key(path, line));
      else this.#pairs.add(key(path, line, previous));
      this.#all.add(key(path, line));
    }
  }

  /** @param previous undefined if it is not known. */
  has(path: string, previous: string | undefined, line: string): boolean {
    if (previous === undefined) return this.#all.has(key(path, line));
    return this.#pairs.has(key(path, line, previous)) || this.#first.has(key(path, line));
  }

  /** After a compaction the model has seen nothing. */
  clear(): void {
    for (const set of [this.#pairs, this.#first, this.#all]) set.clear();
  }
}

function key(path: string, line: string, previous?: string): string {
  return previous === undefined ? `${path}\0${line}` : `${path}\0${line}\0${previous.trim()}`;
}

/** Tokens of a text, about; from its bytes. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** Tokens that fit into this many bytes. */
export function tokensIn(bytes: number): number {
  return Math.floor(bytes / BYTES_PER_TOKEN);
}

/**
 * The hits that say something about the question, cut to the lines that do; then one line each of other files; best first. Where no
 * words tell that the question is about the code, one line each of those files whose meaning does.
 */
export function relevant(hits: readonly SearchHit[]): SearchHit[] {
  const isAbout = hits.slice(0, FIRST_HITS).some(({ about, isNamed }) => isNamed || about >= LEAST_ABOUT);
  if (!isAbout) return mentions(meant(hits), []);
  const best = hits[0]?.score ?? 0;
  const telling = hits.filter(({ score, coverage, weight, isNamed }) => {
    const tells = coverage >= WHOLE.coverage && weight >= WHOLE.weight;
    return score >= best * WHOLE.ofBest && (isNamed || tells);
  });
  const whole = telling.slice(0, WHOLE.most).map((hit) => cut(hit, hit.focus.from, hit.focus.to));
  const next = hits.filter(({ score }) => score >= best * MENTIONED.ofBest);
  return [...whole, ...mentions(next, whole)];
}

/** Near enough by their vectors, nearest first. */
function meant(hits: readonly SearchHit[]): SearchHit[] {
  return hits.filter(({ meaning }) => meaning > 0).sort((a, b) => b.meaning - a.meaning);
}

/** The line that tells most of each file's first hit. */
function mentions(hits: readonly SearchHit[], others: readonly SearchHit[]): SearchHit[] {
  const seen = new Set(others.map(({ path }) => path));
  const first = hits.filter(({ path }) => !seen.has(path) && seen.add(path));
  const mentioned = first.slice(0, MENTIONED.most);
  return mentioned.map((hit) => ({ ...cut(hit, hit.telling, hit.telling + 1), symbol: '' }));
}

/** Lines of a hit, from 0, the end not included. */
function cut(hit: SearchHit, from: number, to: number): SearchHit {
  return {
    ...hit,
    start: hit.start + from,
    end: hit.start + to - 1,
    previousEnd: from === 0 ? hit.previousEnd : 0,
    lines: hit.lines.slice(from, to),
    focus: { from: 0, to: to - from },
    telling: 0,
  };
}

/**
 * The best hits that fit, grouped by file in the order of the files' best hits, lines in the files' order.
 *
 * @param hits best first. @param budgetTokens of the text with its citations. @param nameOf how a citation names a path.
 */
export function pack(
  hits: readonly SearchHit[],
  budgetTokens: number,
  shown: Shown = new Shown(),
  nameOf: (path: string) => string = (path) => path,
): Packed {
  let taken: readonly SearchHit[] = [];
  let best: Packed = { text: '', excerpts: [], tokens: 0 };
  for (const hit of hits) {
    const next = render([...taken, hit], shown, nameOf);
    // A smaller one after it may still fit.
    if (next.tokens > budgetTokens || next.tokens === best.tokens) continue;
    taken = [...taken, hit];
    best = next;
  }
  return best;
}

function render(hits: readonly SearchHit[], shown: Shown, nameOf: (path: string) => string): Packed {
  const files = Map.groupBy(hits, ({ path }) => path);
  const excerpts = [...files.values()].flatMap((list) =>
    merged(list).flatMap((excerpt) => unseen(excerpt, shown)),
  );
  const text = excerpts.map((excerpt) => withCitation(excerpt, nameOf(excerpt.path))).join('\n\n');
  return { text, excerpts, tokens: estimateTokens(text) };
}

function withCitation({ start, end, symbol, lines }: Excerpt, name: string): string {
  const range = start === end ? `${start}` : `${start}-${end}`;
  return [`${name}:${range}${symbol === '' ? '' : ` ${symbol}`}`, ...lines].join('\n');
}

/** Overlapping and neighbouring chunks of one file as one, with the blank lines between them. */
function merged(hits: readonly SearchHit[]): Excerpt[] {
  const out: Excerpt[] = [];
  for (const hit of [...hits].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = out.at(-1);
    if (last === undefined || (hit.start > last.end + 1 && hit.previousEnd !== last.end)) {
      out.push(hit);
      continue;
    }
    if (hit.end <= last.end) continue;
    const blank = Array.from({ length: Math.max(0, hit.start - last.end - 1) }, () => '');
    const lines = [...last.lines, ...blank, ...hit.lines.slice(Math.max(0, last.end + 1 - hit.start))];
    const symbol = last.symbol === hit.symbol ? hit.symbol : bothSymbols(last.symbol, hit.symbol);
    out[out.length - 1] = { path: hit.path, start: last.start, end: hit.end, symbol, lines };
  }
  return out.map(({ path, start, end, symbol, lines }) => ({ path, start, end, symbol, lines }));
}

function bothSymbols(a: string, b: string): string {
  return [a, b].filter((symbol) => symbol !== '').join(', ');
}

/** The runs of lines that were not shown yet, without blank lines at their ends. */
function unseen(excerpt: Excerpt, shown: Shown): Excerpt[] {
  const { path, start, symbol, lines } = excerpt;
  const isNew = lines.map((line, at) => !shown.has(path, lines[at - 1], line));
  if (isNew.every(Boolean)) return [excerpt];
  const runs: Excerpt[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    if (!isNew[at] || lines[at]?.trim() === '') continue;
    let end = at + 1;
    while (end < lines.length && isNew[end]) end += 1;
    while (lines[end - 1]?.trim() === '') end -= 1;
    // One changed line among known ones is news; one line at the edge of a chunk is chance.
    const isInside = at > 0 && end < lines.length;
    if (end - at >= LEAST_LINES || isInside)
      runs.push({ path, start: start + at, end: start + end - 1, symbol, lines: lines.slice(at, end) });
    at = end;
  }
  return runs;
}
