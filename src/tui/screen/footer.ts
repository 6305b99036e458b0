/**
 * The footer: what the session is and how full its window is, in one line.
 *
 * Invariants: never wider than the space it gets; whole parts are dropped, the least needed first; a count that did not
 * come from the server is marked as estimated.
 */
import { cellWidth } from '../../text/cell-width.ts';
import { formatCount, groupDigits } from '../../text/digits.ts';
import { oneLine } from '../lines/clean.ts';
import { modelName, shortPath } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';

interface FooterFacts {
  readonly model: string | undefined;
  readonly isLed: boolean;
  /** No memories. */
  readonly isIncognito: boolean;
  readonly branch: string | undefined;
  /** `workspace-write`, and so on. */
  readonly sandbox: string;
  readonly window?: { readonly used: number; readonly size: number; readonly isEstimated: boolean };
  readonly queued: number;
  /** Running background commands. */
  readonly background: number;
  /** Files of the index that can be searched, while it is read for the first time. */
  readonly indexing: { readonly done: number; readonly total: number } | undefined;
  readonly remembering: { readonly done: number; readonly total: number } | undefined;
  /** What the keys do now, shown if there is space. */
  readonly hint: string;
  /** Somebody may not know these keys, or wait for one: they are more important than where the session is. */
  readonly isHintNeeded: boolean;
  /** vi's, of the composer: without it nobody could type. */
  readonly mode: string | undefined;
  /** What the next key would do that the user may not want; more important than most of the rest. */
  readonly warning: string | undefined;
}

interface Part {
  readonly text: string;
  /** Parts with the highest number are dropped first. */
  readonly rank: number;
}

/** In narrower terminals only `~` says that a count is estimated. */
const ROOM_FOR_WORDS = 60;
const ROOM_FOR_WORDS_AND_HINTS = 110;
/** What comes before all but the keys' mode. */
const WARNING_RANK = -0.5;
/** Of several hints the last is dropped first, and none is worth less than another kind of part. */
const HINT_STEP = 0.1;
const ROOM_FOR_FILES = 80;
const SEPARATOR = ' · ';
const HINT_RANK = 7;
/** After the window, the queue, a warning and the mode, before all others. */
const NEEDED_RANK = 1.5;

export function footerLine(facts: FooterFacts, ctx: LineContext): string {
  // A row nearly as wide as the terminal wraps when that is made narrower, and leaves a ghost. Hints that nobody needs are
  // not worth it.
  const room = ctx.width - 3;
  const roomForHints = Math.floor(ctx.width * 0.8);
  let parts = footerParts(facts, ctx);
  while (parts.length > 1 && widthOf(parts) > (parts.some(isHint) ? roomForHints : room)) {
    const last = Math.max(...parts.map(({ rank }) => rank));
    parts = parts.filter(({ rank }) => rank !== last);
  }
  if (widthOf(parts) > room) return '';
  return `  ${ctx.style.dim(parts.map(({ text }) => text).join(SEPARATOR))}`;
}

function isHint({ rank }: Part): boolean {
  return rank >= HINT_RANK;
}

function footerParts(facts: FooterFacts, ctx: LineContext): Part[] {
  const {
    model,
    isLed,
    isIncognito,
    branch,
    sandbox,
    window,
    queued,
    background,
    indexing,
    remembering,
    hint,
    isHintNeeded,
    warning,
    mode,
  } = facts;
  const hintRank = isHintNeeded ? NEEDED_RANK : HINT_RANK;
  const roomForWords = isHintNeeded ? ROOM_FOR_WORDS_AND_HINTS : ROOM_FOR_WORDS;
  const parts: (Part | false)[] = [
    mode !== undefined && { text: mode, rank: -1 },
    { text: model === undefined ? 'no model yet' : modelName(model, isLed), rank: 2 },
    { text: oneLine(shortPath(ctx.cwd, ctx)), rank: 5 },
    isIncognito && { text: 'incognito', rank: 1.3 },
    branch !== undefined && { text: oneLine(branch), rank: 6 },
    { text: sandbox, rank: isHintNeeded ? 1.4 : 4 },
    window !== undefined && { text: windowText(window, ctx.width >= roomForWords), rank: 0 },
    queued > 0 && { text: `${queued} queued`, rank: 1 },
    background > 0 && { text: `${background} in background`, rank: 3 },
    indexing !== undefined && { text: indexingText(indexing, ctx.width >= ROOM_FOR_FILES), rank: 3 },
    remembering !== undefined && { text: rememberingText(remembering), rank: 3 },
    warning !== undefined && { text: shortened(warning, ctx.width - 3), rank: WARNING_RANK },
    ...hint
      .split(SEPARATOR)
      .map((text, index) => text !== '' && { text, rank: hintRank + index * HINT_STEP }),
  ];
  return parts.filter((part) => part !== false);
}

/** The warning, or what of it fits: without what is in brackets, then without its reason. */
function shortened(warning: string, room: number): string {
  const short = warning.replace(/ \(.*?\)/, '');
  return (
    [warning, short].find((text) => cellWidth(text) <= room) ?? truncateEnd(short.replace(/:.*/, ''), room)
  );
}

/** It says what a search finds already, not only how long it will take. */
function indexingText({ done, total }: NonNullable<FooterFacts['indexing']>, hasWords: boolean): string {
  return hasWords
    ? `${groupDigits(done)} of ${groupDigits(total)} files searchable`
    : `index ${Math.floor((done / total) * 100)}%`;
}

function rememberingText({ done, total }: NonNullable<FooterFacts['remembering']>): string {
  return `memories ${done}/${total}`;
}

function windowText(
  { used, size, isEstimated }: NonNullable<FooterFacts['window']>,
  hasWords: boolean,
): string {
  const percent = size === 0 ? 0 : Math.round((used / size) * 100);
  return `${isEstimated ? '~' : ''}${percent}% of ${formatCount(size)}${isEstimated && hasWords ? ' (estimated)' : ''}`;
}

function widthOf(parts: readonly Part[]): number {
  return cellWidth(parts.map(({ text }) => text).join(SEPARATOR));
}
