/**
 * The footer: what the session is and how full its window is, in one line that fits.
 *
 * Invariants: never wider than the room it gets; parts are left out whole, the least needed first; a count that is not
 * the server's own is marked as estimated. Does not: know where the values come from.
 */

import { sanitizeForTerminal } from '../text/sanitize.ts';
import { formatCount } from './lines/count.ts';
import { shortPath } from './lines/short-path.ts';
import type { LineContext } from './lines/style.ts';
import { cellWidth } from './lines/width.ts';

export interface FooterFacts {
  readonly model: string | undefined;
  readonly branch: string | undefined;
  /** `workspace-write`, and so on. */
  readonly sandbox: string;
  readonly window?: { readonly used: number; readonly size: number; readonly isEstimated: boolean };
  readonly queued: number;
  /** Background commands that run. */
  readonly background: number;
  /** What the keys do now, shown when there is room. */
  readonly hint: string;
}

interface Part {
  readonly text: string;
  /** Parts with the highest number go first when the room is too small. */
  readonly rank: number;
}

const SEPARATOR = ' · ';

export function footerLine(facts: FooterFacts, ctx: LineContext): string {
  const room = ctx.width - 3;
  let parts = footerParts(facts, ctx);
  while (parts.length > 1 && widthOf(parts) > room) {
    const last = Math.max(...parts.map(({ rank }) => rank));
    parts = parts.filter(({ rank }) => rank !== last);
  }
  if (widthOf(parts) > room) return '';
  return `  ${ctx.style.dim(parts.map(({ text }) => text).join(SEPARATOR))}`;
}

function footerParts(facts: FooterFacts, ctx: LineContext): Part[] {
  const { model, branch, sandbox, window, queued, background, hint } = facts;
  const parts: (Part | false)[] = [
    { text: sanitizeForTerminal(model ?? 'no model yet'), rank: 2 },
    { text: sanitizeForTerminal(shortPath(ctx.cwd, ctx)), rank: 5 },
    branch !== undefined && { text: sanitizeForTerminal(branch), rank: 6 },
    { text: sandbox, rank: 4 },
    window !== undefined && { text: windowText(window), rank: 0 },
    queued > 0 && { text: `${queued} queued`, rank: 1 },
    background > 0 && { text: `${background} in background`, rank: 3 },
    hint !== '' && { text: hint, rank: 7 },
  ];
  return parts.filter((part) => part !== false);
}

function windowText({ used, size, isEstimated }: NonNullable<FooterFacts['window']>): string {
  const percent = size === 0 ? 0 : Math.round((used / size) * 100);
  return `${isEstimated ? '~' : ''}${percent}% of ${formatCount(size)}${isEstimated ? ' (estimated)' : ''}`;
}

function widthOf(parts: readonly Part[]): number {
  return cellWidth(parts.map(({ text }) => text).join(SEPARATOR));
}
