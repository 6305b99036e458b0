/**
 * `memory_summary.md`: what every session is told. Chosen among what applies, within a budget of tokens. Pure.
 *
 * Lines for all projects come first; the others below the path of their project.
 */
import { mostTokens } from '../most-tokens.ts';
import type { EntryKind, EntryRow } from '../store/schema.ts';
import { quoted } from './quoted.ts';
import { oneLine } from './text.ts';

const SHARE = 0.02;
const MOST_TOKENS = 600;

const KINDS: readonly EntryKind[] = ['preference', 'failure', 'procedure', 'fact'];

/** Tokens that a summary may have. @param window tokens of the smallest window in which sessions run. */
export function summaryBudget(window: number): number {
  return Math.min(Math.floor(window * SHARE), MOST_TOKENS);
}

/** @param uses how often sessions were given what an entry says. @returns empty if there is nothing, or nothing fits. */
export function renderSummary(
  entries: readonly EntryRow[],
  uses: (entry: EntryRow) => number,
  window: number,
): string {
  const budget = summaryBudget(window);
  const chosen: EntryRow[] = [];
  for (const entry of entries.filter(isTold).toSorted(byRank(uses))) {
    if (mostTokens(textOf([...chosen, entry])) <= budget) chosen.push(entry);
  }
  return textOf(chosen);
}

/** What an untrusted folder has taught is looked up at most, never told. */
function isTold({ replaced_by: by, is_trusted }: EntryRow): boolean {
  return by === null && is_trusted === 1;
}

function byRank(uses: (entry: EntryRow) => number): (a: EntryRow, b: EntryRow) => number {
  return (a, b) =>
    b.weight - a.weight ||
    KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
    uses(b) - uses(a) ||
    b.dated - a.dated ||
    a.id - b.id;
}

/** @param chosen best first. */
function textOf(chosen: readonly EntryRow[]): string {
  const projects = [...new Set(chosen.map(({ project }) => project))].sort(
    (a, b) => Number(b === '') - Number(a === ''),
  );
  return projects
    .map((project) => {
      const lines = chosen
        .filter((entry) => entry.project === project)
        .map(({ text }) => `- ${quoted(text)}\n`);
      return (project === '' ? '' : `## ${oneLine(project)}\n`) + lines.join('');
    })
    .join('');
}
