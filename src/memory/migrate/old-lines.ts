/**
 * The lines of an older handbook or summary: those that `render/` writes, with their provenance, and the points and paragraphs of any other
 * Markdown, such as Codex's, where headings say what kind they are and which project they are about.
 */
import path from 'node:path';
import { oneLine } from '../render/text.ts';
import type { EntryKind } from '../store/schema.ts';

export interface OldLine {
  readonly text: string;
  readonly topic: string;
  readonly kind: EntryKind;
  /** Absolute; empty: all. */
  readonly project: string;
  readonly isTrusted: boolean;
  /** Milliseconds of the epoch; undefined: not said. */
  readonly dated?: number;
}

const MOST_CHARS = 400;
/** What is longer is no line to remember, and nothing for a pattern. */
const MOST_BLOCK = 2_000;
const MOST_LINES = 2_000;
const MOST_TOPIC = 60;

/** What a section of this name holds. */
const KINDS: readonly (readonly [RegExp, EntryKind])[] = [
  [/prefer|profile/i, 'preference'],
  [/fail|pitfall|avoid|mistake|did not work/i, 'failure'],
  [/procedure|workflow|how to|steps|recipe/i, 'procedure'],
];
/** Sections that only say where something is. */
const INDEX = /what's in memory|what is in memory|rollout[_ ]summary|rollout files|keywords/i;
const OWN =
  /^"(.*)" \((preference|fact|procedure|failure), (\d{4}-\d\d-\d\d), (all projects|\/[^)]*?)(?:, untrusted folder)?(?:, [^/)]*)?\)$/;
const UNTRUSTED = ', untrusted folder';
/** Of a block of Codex's: where it applies. */
const APPLIES = /^(?:applies_to|scope|cwd)\s*:.*?(?:cwd\s*=\s*)?[`"']?(\/[^\s`"';,]+)/i;

/** At most 2,000. */
export function oldLines(markdown: string): OldLine[] {
  const reader = new LineReader();
  for (const block of blocksOf(markdown)) reader.read(block);
  return reader.lines.slice(0, MOST_LINES);
}

interface Block {
  readonly kind: 'heading' | 'point' | 'text';
  readonly level: number;
  readonly text: string;
}

class LineReader {
  readonly lines: OldLine[] = [];
  #headings: readonly { readonly level: number; readonly text: string }[] = [];
  #project = '';

  read({ kind, level, text }: Block): void {
    if (kind === 'heading') return this.#open(level, text);
    const applies = APPLIES.exec(text)?.[1];
    if (applies !== undefined) this.#project = path.resolve(applies);
    else if (!this.#headings.some(({ text: heading }) => INDEX.test(heading))) this.#take(text);
  }

  #open(level: number, text: string): void {
    this.#headings = [...this.#headings.filter((one) => one.level < level), { level, text }];
    // The summary has a heading for each project.
    if (text.startsWith('/')) this.#project = text;
    else if (level === 1) this.#project = '';
  }

  #take(text: string): void {
    const topic = this.#topic();
    // Wherever it is: the name of a folder could hide the mark from a pattern.
    const isTrusted = !text.includes(UNTRUSTED);
    const [, own, kind, day = '', where = ''] = OWN.exec(text) ?? [];
    if (own === undefined) {
      const quoted = /^"(.*)"$/.exec(text)?.[1] ?? text;
      return this.#add({ text: quoted, topic, kind: this.#kind(), project: this.#project, isTrusted });
    }
    const date = Date.parse(day);
    const dated = Number.isNaN(date) ? undefined : date;
    const project = where === 'all projects' ? '' : where;
    this.#add({ text: own, topic, kind: kind as EntryKind, project, isTrusted, dated });
  }

  #add(line: OldLine): void {
    const text =
      line.text.length > MOST_CHARS ? `${line.text.slice(0, MOST_CHARS).toWellFormed()}…` : line.text;
    // A single word says nothing without what was around it.
    if (/\p{L}.*\s.*\p{L}/u.test(text)) this.lines.push({ ...line, text });
  }

  #topic(): string {
    const named = this.#headings.findLast(({ level, text }) => level > 1 && !text.startsWith('/'));
    return (named?.text ?? this.#headings[0]?.text ?? '').slice(0, MOST_TOPIC).toWellFormed() || 'General';
  }

  #kind(): EntryKind {
    const names = this.#headings.map(({ text }) => text).toReversed();
    for (const name of names) for (const [pattern, kind] of KINDS) if (pattern.test(name)) return kind;
    return 'fact';
  }
}

/** Points with their continued lines, paragraphs, headings. Fenced code belongs to what is before it. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { kind: 'point' | 'text'; lines: string[] } | undefined;
  let isFenced = false;
  const close = (): void => {
    const text = oneLine(open?.lines.join(' ') ?? '');
    if (open !== undefined && text !== '' && text.length <= MOST_BLOCK)
      blocks.push({ kind: open.kind, level: 0, text });
    open = undefined;
  };
  for (const line of markdown.split(/\r\n?|\n/)) {
    if (/^\s*(?:```|~~~)/.test(line)) isFenced = !isFenced;
    const [, marks = '', heading = ''] = (isFenced ? undefined : /^ {0,3}(#{1,6})\s+(.*)$/.exec(line)) ?? [];
    const [, point] = (isFenced ? undefined : /^\s*(?:[-*+]|\d{1,3}[.)])\s+(.*)$/.exec(line)) ?? [];
    const isRule = /^\s*[-=_*]{3,}\s*$/.test(line);
    if (marks !== '' || point !== undefined || isRule || (line.trim() === '' && !isFenced)) close();
    if (marks !== '') blocks.push({ kind: 'heading', level: marks.length, text: oneLine(heading) });
    else if (point !== undefined) open = { kind: 'point', lines: [point] };
    else if (!isRule && line.trim() !== '') {
      open ??= { kind: 'text', lines: [] };
      open.lines.push(line);
    }
  }
  close();
  return blocks;
}
