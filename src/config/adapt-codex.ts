/** Values of Codex for keys that oagent has, too: read as what comes nearest, and named. */
import { type CodexKey, codexKeys } from './codex-keys.ts';
import { isTable, removeAt, type Table, valueAt } from './table.ts';

/** The names of our own themes; those of Codex are of its highlighter. */
export const THEMES = ['auto', 'color', 'plain'] as const;

/** Changes `values` in place, also in profiles. @returns what was not taken as it is. */
export function adaptCodex(values: Table): CodexKey[] {
  const profiles = isTable(values.profiles) ? Object.entries(values.profiles) : [];
  return [
    ...adapted(values, []),
    ...profiles.flatMap(([name, table]) => (isTable(table) ? adapted(table, ['profiles', name]) : [])),
  ];
}

function adapted(table: Table, place: readonly string[]): CodexKey[] {
  const found: CodexKey[] = [];
  const granular = valueAt(table, ['approval_policy', 'granular']);
  if (isTable(granular)) {
    table.approval_policy = granular.sandbox_approval === true ? 'on-request' : 'never';
    found.push(...codexKeys([...place, 'approval_policy', 'granular'], granular));
  }
  const theme = valueAt(table, ['tui', 'theme']);
  if (typeof theme === 'string' && !THEMES.some((name) => name === theme)) {
    removeAt(table, ['tui', 'theme']);
    found.push(...codexKeys([...place, 'tui', 'theme'], theme));
  }
  return found;
}
