/** Why the index puts a file where it does, in words, for `/index why` and `oagent index why`. */
import type { RankedPlace, Why } from '../repo-index/search/why.ts';
import { plural } from '../text/digits.ts';
import { sanitizeForTerminal } from '../text/sanitize.ts';

/** A line each. */
export function whyLines(why: Why, question: string): string[] {
  const { path, absent, near, here, words, first, found, waiting } = why;
  const lines = [headLine(why, question)];
  if (near.length > 0) lines.push(`Like it: ${near.join(', ')}`);
  if (here !== undefined) lines.push(...reasonLines(here));
  if (words.length > 0)
    lines.push(
      `  in it: ${words.map(({ word, lines: at }) => `${word} (line ${at.join(', ')})`).join('; ')}`,
    );
  if (first !== undefined && first.path !== path) {
    lines.push(`First of ${plural(found, 'file')}: ${first.path}, score ${first.score.toFixed(2)}`);
    lines.push(...reasonLines(first));
  }
  if (waiting > 0 && absent === undefined)
    lines.push(`${plural(waiting, 'file')} not read yet: what is in them counts less.`);
  lines.push(relevanceLine(why));
  return lines.map((line) => sanitizeForTerminal(line).replaceAll('\n', ' '));
}

function headLine({ path: name, absent, here, found }: Why, question: string): string {
  const path = name === '' ? '.' : name;
  const missing = absent === undefined ? '' : `${absent}; `;
  if (here !== undefined)
    return `${path}: ${missing}place ${here.place} of ${found} for "${question}", score ${here.score.toFixed(2)}`;
  if (absent !== undefined) return `${path}: not found, because ${absent}.`;
  return `${path}: not found for "${question}": it is in the index, but none of the evidence speaks for it.`;
}

function reasonLines({ reasons, factors }: RankedPlace): string[] {
  return [
    ...reasons.map(({ name, points, most, place, of, best }) => {
      const first = place === 1 || best === undefined ? '' : `; first: ${best}`;
      const where = place === undefined ? `none${of === 0 ? ' anywhere' : ''}` : `place ${place} of ${of}`;
      return `  ${name}: ${points.toFixed(2)} of ${most.toFixed(2)}, ${where}${first}`;
    }),
    ...factors.map(({ name, by }) => `  times ${by.toFixed(2)}: ${name}`),
  ];
}

function relevanceLine({ relevant }: Why): string {
  if (relevant.length === 0) return 'A message with this question gets: nothing relevant.';
  const places = relevant.map(({ path, start, end }) => `${path}:${start}-${end}`);
  return `A message with this question gets: ${places.join(', ')}`;
}
