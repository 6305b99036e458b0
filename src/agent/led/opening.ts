/**
 * What a led turn begins with: the listing, and the files that the message is about.
 *
 * Invariants: bounded by its budget; named files come first, then small ones while there is room. Does not: look for files
 * (workspace.ts).
 */
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
    const size = Buffer.byteLength(text);
    if (isNamed ? size > named : size > Math.min(others, SMALL_BYTES)) continue;
    if (isNamed) named -= size;
    else others -= size;
    parts.push(`${file}:\n${fenced(text)}`);
    shown.push({ file, lines: text.split('\n').length - 1 });
  }
  return { text: parts.join('\n\n'), shown };
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
