/**
 * What a led turn begins with, within a budget: the listing, the files that the message names, and small ones while
 * they fit.
 */
import { mayBeShownUnasked } from '../../safety/instruction-files.ts';
import { isProse } from './acts.ts';
import { baseOf } from './mentions.ts';
import { relevantParts } from './parts/relevance.ts';
import { partText } from './parts/replace.ts';
import { outline, partsOf } from './parts.ts';
import type { Task } from './task.ts';
import { readText } from './workspace.ts';

interface ShownFile {
  readonly file: string;
  readonly lines: number;
}

export interface Opening {
  readonly text: string;
  /** Files that are in it, with their line counts. */
  readonly shown: readonly ShownFile[];
}

interface OpeningBudget {
  /** Bytes of the listing. */
  readonly listing: number;
  /** Bytes of files that the message names. */
  readonly named: number;
  /** Bytes of other files. */
  readonly others: number;
}

/** A longer file is shown and written in parts: a small model loses some of its lines. */
export const WHOLE_BYTES = 3_000;
export const OUTLINE_BYTES = 1_000;
const PARTS_BYTES = 2_500;
/** A file up to this size is shown even if nobody named it. */
const SMALL_BYTES = 1_500;
const MOST_LOOKED_AT = 12;

/**
 * @param isKnown whether the model already has a text in view.
 * @returns the listing and the files that are new to it; an empty text if nothing is.
 */
export async function openingOf(
  cwd: string,
  { task, files }: { readonly task: Task; readonly files: readonly string[] },
  budget: OpeningBudget,
  isKnown: (text: string) => boolean,
): Promise<Opening> {
  const views: string[] = [listing(files, task.named, budget.listing)];
  const shown: ShownFile[] = [];
  let { named, others } = budget;
  const about: string[] = [];
  for (const file of task.named) {
    const text = await readText(cwd, file);
    if (text === undefined) continue;
    about.push(text);
    const view = viewOf(file, text, task.text);
    if (Buffer.byteLength(view) > named) continue;
    named -= Buffer.byteLength(view);
    views.push(view);
    shown.push({ file, lines: lineCount(text) });
  }
  const unnamed = files.filter((one) => !task.named.includes(one) && mayBeShownUnasked(one, task.text));
  for (const file of unnamed.slice(0, MOST_LOOKED_AT)) {
    const text = await readText(cwd, file);
    if (text === undefined || Buffer.byteLength(text) > Math.min(others, SMALL_BYTES)) continue;
    if (!belongs({ file, text }, task, about)) continue;
    others -= Buffer.byteLength(text);
    views.push(viewOf(file, text, task.text));
    shown.push({ file, lines: lineCount(text) });
  }
  return { text: views.filter((view) => !isKnown(view)).join('\n\n'), shown };
}

/**
 * Whether to show a small file that the message does not name: always if it names none, otherwise if the file mentions
 * a named one or the other way round.
 */
function belongs(
  { file, text }: { readonly file: string; readonly text: string },
  { named, kind }: Task,
  about: readonly string[],
): boolean {
  if (named.length === 0) return true;
  if (isProse(file) && kind !== 'question') return false;
  return named.some((one) => text.includes(stemOf(one))) || about.some((one) => one.includes(stemOf(file)));
}

function stemOf(file: string): string {
  return baseOf(file).replace(/\.\w+$/, '');
}

function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
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

/** All names that fit, those that the message names first. */
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
