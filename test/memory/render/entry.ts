import type { EntryRow } from '../../../src/memory/store/schema.ts';

export const DATED = Date.UTC(2026, 10, 20, 12);

/** An entry that applies, of a trusted session in /work/app. */
export function entry(id: number, text: string, given: Partial<EntryRow> = {}): EntryRow {
  return {
    id,
    topic: 'structure',
    kind: 'fact',
    text,
    project: '/work/app',
    is_trusted: 1,
    weight: 2,
    threads: '["t1"]',
    dated: DATED,
    replaced_by: null,
    ...given,
  };
}
