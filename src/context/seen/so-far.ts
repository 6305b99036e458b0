/** What a session has come to, in a few lines for somebody who resumes it. */
import type { Happening, Item } from '../../protocol.ts';
import { eventOf } from '../../text/entries.ts';
import { checkText } from '../../text/evidence-line.ts';
import { relativePath } from '../../text/relative-path.ts';
import { Facts } from './facts.ts';

const MOST_FILES = 5;
const MOST_CHECKS = 3;
const MOST_CORRECTIONS = 2;

/** @param entries what was shown, oldest first. @param cwd paths are relative to it. */
export function soFar(entries: readonly (Item | Happening)[], cwd: string): string[] {
  const facts = new Facts();
  for (const event of entries.map(eventOf)) facts.handle(event);
  const files = facts.files.map(({ path: file }) => relativePath(file, cwd));
  const more = files.length - MOST_FILES;
  const newest = files.slice(-MOST_FILES).join(', ') + (more > 0 ? ` and ${more} more` : '');
  const checks = facts.checks.slice(-MOST_CHECKS).map(checkText).join(', ');
  const corrections = facts.corrections.slice(-MOST_CORRECTIONS).map(({ text }) => `"${text}"`);
  return [
    ...(files.length === 0 ? [] : [`Changed so far: ${newest}`]),
    ...(checks === '' ? [] : [`Last checks: ${checks}`]),
    ...(corrections.length === 0 ? [] : [`You corrected: ${corrections.join(', ')}`]),
  ];
}
