/** Values of Codex for keys that oagent has, too: read as what comes nearest, and named. */
import { type CodexKey, codexKeys } from './codex-keys.ts';
import { isTable, removeAt, type Table, valueAt } from './table.ts';

/** The names of our own themes; those of Codex are of its highlighter. */
export const THEMES = ['auto', 'color', 'plain'] as const;

/** They answer in place of the user. Ours only objects. */
const CODEX_REVIEWERS = ['auto_review', 'guardian_subagent'];

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
  const reviewer = table.approvals_reviewer;
  if (typeof reviewer === 'string' && CODEX_REVIEWERS.includes(reviewer)) {
    table.approvals_reviewer = 'model';
    found.push(...codexKeys([...place, 'approvals_reviewer'], reviewer));
  }
  const theme = valueAt(table, ['tui', 'theme']);
  if (typeof theme === 'string' && !THEMES.some((name) => name === theme)) {
    removeAt(table, ['tui', 'theme']);
    found.push(...codexKeys([...place, 'tui', 'theme'], theme));
  }
  if (isTable(table.memories)) found.push(...adaptMemories(table.memories, [...place, 'memories']));
  return found;
}

/** Models that only OpenAI has; `gpt-oss` runs anywhere. */
const OPENAI_MODEL = /^(?:gpt-(?!oss)|o\d|codex|chatgpt)/i;
/** What Codex takes as the nearest of these. */
const LIMITS = { min_rollout_idle_hours: [1, 48], max_rollout_age_days: [0, 90] } as const;

/** Codex has a model for each of two phases. */
function adaptMemories(memories: Table, place: readonly string[]): CodexKey[] {
  const found: CodexKey[] = [];
  for (const name of ['extract_model', 'consolidation_model']) {
    const value = memories[name];
    if (typeof value !== 'string') continue;
    delete memories[name];
    if (memories.model === undefined && !OPENAI_MODEL.test(value)) memories.model = value;
    else if (memories.model !== value) found.push(...codexKeys([...place, name], value));
  }
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    const value = memories[name];
    if (typeof value !== 'number' || (value >= least && value <= most)) continue;
    memories[name] = Math.min(most, Math.max(least, value));
    found.push(...codexKeys([...place, name], value));
  }
  return found;
}
