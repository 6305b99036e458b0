/**
 * What a led turn begins with: the listing, and the files that the message is about.
 *
 * Invariants: bounded by its budget; named files come first, then small ones while there is room. Does not: look for files
 * (workspace.ts).
 */

import { relevantParts } from './parts/relevance.ts';
import { partText } from './parts/replace.ts';
import { outline, partsOf } from './parts.ts';
import type { Task } from './task.ts';
import { readText } from './workspace.ts';

export interface Opening {
  readonly text: string;
  /** Files whose whole text is in it, with their line counts. */
  readonly shown: readonly { readonly file: string; readonly lines: number }[];
}

export interface OpeningBudget {
  /** Bytes of the listing. */
  readonly listing: number;
  /** Bytes of files that the message names. */
  readonly named: number;
  /** Bytes of other files. */
  readonly others: number;
}

/** A longer file is shown and written in parts: a small model loses lines of it. */
export const WHOLE_BYTES = 3_000;
export const OUTLINE_BYTES = 1_000;
const PARTS_BYTES = 2_500;
/** A small file is shown although nobody named it. */
const SMALL_BYTES = 1_500;
const MOST_SMALL = 8;

export async function openingOf(
  cwd: string,
  task: Task,
  files: readonly string[],
  budget: OpeningBudget,
  isInView: (file: string) => boolean,
): Promise<Opening> {
  const parts = [listing(files, task.named, budget.listing)];
  const shown: { file: string; lines: number }[] = [];
  let named = budget.named;
  let others = budget.others;
  const small = files.filter((file) => !task.named.includes(file)).slice(0, MOST_SMALL);
  for (const file of [...task.named, ...small]) {
    if (isInView(file)) continue;
    const isNamed = task.named.includes(file);
    const text = await readText(cwd, file);
    if (text === undefined) continue;
    const view = viewOf(file, text, task.text);
    const size = Buffer.byteLength(view);
    if (isNamed ? size > named : size > Math.min(others, SMALL_BYTES)) continue;
    if (isNamed) named -= size;
    else others -= size;
    parts.push(view);
    shown.push({ file, lines: text.split('\n').length - 1 });
  }
  return { text: parts.join('\n\n'), shown };
}

/** A long file is shown by its outline and the parts that the message is about. */
function viewOf(file: string, text: string, message: string): string {
  if (Buffer.byteLength(text) <= WHOLE_BYTES) return `${file}:\n${fenced(text)}`;
  const parts = partsOf(text, file);
  const shown = relevantParts(parts, text, message, PARTS_BYTES).toSorted((a, b) => a.start - b.start);
  const texts = shown.map((part) => `Lines ${part.start}-${part.end}:\n${fenced(partText(text, part))}`);
  return [`${file} has these lines:\n${outline(parts, OUTLINE_BYTES)}`, ...texts].join('\n');
}

export function fenced(text: string): string {
  return `\`\`\`\n${text}${text.endsWith('\n') || text === '' ? '' : '\n'}\`\`\``;
}

/** All names that fit, those that the message names in any case. */
function listing(files: readonly string[], named: readonly string[], bytes: number): string {
  if (files.length === 0) return 'Files: none yet';
  const kept: string[] = [];
  let left = bytes;
  for (const file of [...named, ...files.filter((one) => !named.includes(one))]) {
    left -= Buffer.byteLength(file) + 1;
    if (left < 0) break;
    kept.push(file);
  }
  const more = files.length - kept.length;
  return `Files: ${kept.toSorted().join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
}
