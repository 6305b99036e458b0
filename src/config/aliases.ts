/** Keys with two names: one of Codex's is moved to our own, if the same source does not set that as well. */
import { FEATURES } from './features.ts';
import { isTable, removeAt, setAt, type Table, valueAt } from './table.ts';

const ALIASES: readonly (readonly [from: readonly string[], to: readonly string[]])[] = [
  ...FEATURES.map(({ name, key }) => [['features', name], key] as const),
  [['experimental_use_unified_exec_tool'], ['tools', 'unified_exec']],
  [
    ['tui', 'vim_mode_default'],
    ['tui', 'vim'],
  ],
  [
    ['features', 'memory_tool'],
    ['memories', 'enabled'],
  ],
  [
    ['memories', 'use_memories'],
    ['memories', 'use'],
  ],
  [
    ['memories', 'generate_memories'],
    ['memories', 'generate'],
  ],
  [['experimental_instructions_file'], ['model_instructions_file']],
];

/** Renames in place, also in profiles. */
export function renameAliases(values: Table): void {
  const profiles = isTable(values.profiles) ? Object.values(values.profiles).filter(isTable) : [];
  for (const table of [values, ...profiles]) {
    for (const [from, to] of ALIASES) {
      const value = valueAt(table, from);
      if (value === undefined) continue;
      removeAt(table, from);
      if (valueAt(table, to) === undefined) setAt(table, to, value);
    }
  }
}
