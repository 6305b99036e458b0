/** The whole work of memories, a unit at a time: sessions are read first, then what is new is merged, then the files are written. */
import type { MemoryStep } from './work.ts';

export interface MemoryPhases {
  /** One session; `idle` when there is none that may be read. */
  readonly extract: (signal: AbortSignal) => Promise<MemoryStep>;
  /** One record; `idle` when all are merged. */
  readonly consolidate: (signal: AbortSignal) => Promise<MemoryStep>;
  /** Makes the files equal to the database. */
  readonly write: () => void;
}

export class MemoryWork {
  readonly #phases: MemoryPhases;

  constructor(phases: MemoryPhases) {
    this.#phases = phases;
  }

  /** @throws the signal's reason: what was done until then is kept. */
  async step(signal: AbortSignal): Promise<MemoryStep> {
    signal.throwIfAborted();
    const { extract, consolidate, write } = this.#phases;
    const extracted = await extract(signal);
    if (extracted.state === 'more') return extracted;
    const merged = await consolidate(signal);
    // Also when there was nothing to merge: a process may have died before it had written them.
    if (merged.state === 'idle') write();
    return merged.state === 'idle' ? { ...merged, state: extracted.state } : merged;
  }
}
