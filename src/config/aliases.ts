/** Keys with two names: one of Codex's is moved to our own, if the same source does not set that as well. */
import { FEATURES } from './features.ts';
import { isTable, removeAt, setAt, type Table, valueAt } from './table.ts';

const ALIASES: readonly (readonly [from: readonly string[], to: readonly string[]])[] = [
  ...FEATURES.map(({ name, key }) => [['features', name], key] as const),
  [['experimental_use_unified_exec_tool'], ['tools', 'unified_exec']],
  [['experimental_instructions_file'], ['model_instructions_file']],
];

/** Renames in place, also in profiles. @returns the keys whose meaning is no longer quite the same. */
export function renameAliases(values: Table): (readonly string[])[] {
  const simplified: (readonly string[])[] = [];
  const profiles = isTable(values.profiles) ? Object.entries(values.profiles) : [];
  const inProfiles = profiles.map(([name, table]) => [['profiles', name], table] as const);
  for (const [path, table] of [[[], values] as const, ...inProfiles]) {
    if (!isTable(table)) continue;
    if (simplifyApproval(table)) simplified.push([...path, 'approval_policy', 'granular']);
    for (const [from, to] of ALIASES) {
      const value = valueAt(table, from);
      if (value === undefined) continue;
      removeAt(table, from);
      if (valueAt(table, to) === undefined) setAt(table, to, value);
    }
  }
  return simplified;
}

/** Codex can ask about some things and refuse others; the strictest policy that still asks about commands stands for it. */
function simplifyApproval(table: Table): boolean {
  const granular = valueAt(table, ['approval_policy', 'granular']);
  if (!isTable(granular)) return false;
  table.approval_policy = granular.sandbox_approval === true ? 'on-request' : 'never';
  return true;
}
