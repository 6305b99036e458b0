/** Values of Codex for keys that oagent has, too: read as what comes nearest, and named. */
import type { IgnoredKey } from './codex-keys.ts';
import { isTable, removeAt, type Table, valueAt } from './table.ts';

/** The names of our own themes; those of Codex are of its highlighter. */
export const THEMES = ['auto', 'color', 'plain'] as const;

/** Changes `values` in place, also in profiles. @returns what was not taken as it is. */
export function adaptCodex(values: Table): IgnoredKey[] {
  const profiles = isTable(values.profiles) ? Object.entries(values.profiles) : [];
  return [
    ...adapted(values, []),
    ...profiles.flatMap(([name, table]) => (isTable(table) ? adapted(table, ['profiles', name]) : [])),
  ];
}

function adapted(table: Table, place: readonly string[]): IgnoredKey[] {
  const found: IgnoredKey[] = [];
  const granular = valueAt(table, ['approval_policy', 'granular']);
  if (isTable(granular)) {
    // Asking more often than wanted is the safe side.
    const policy = granular.sandbox_approval === false ? 'never' : 'on-request';
    table.approval_policy = policy;
    found.push({ path: [...place, 'approval_policy', 'granular'], why: `taken as "${policy}"` });
  }
  const theme = valueAt(table, ['tui', 'theme']);
  if (typeof theme === 'string' && !THEMES.some((name) => name === theme)) {
    removeAt(table, ['tui', 'theme']);
    found.push({ path: [...place, 'tui', 'theme'], why: `the themes are ${THEMES.join(', ')}` });
  }
  return found;
}
