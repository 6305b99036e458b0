/**
 * What the model is told of its budget, and when: once each time the use of the window crosses a stage.
 *
 * Invariants: pure state, no clock. A stage is told again only when the use had clearly fallen below it, so that a count
 * after an estimate does not tell it twice. Does not: count (prompt-meter.ts) or record the note.
 */
import { notes } from './notes.ts';

/** Percent of the effective window. */
const STAGES = [50, 75, 90] as const;
const SLACK = 5;

export class UseNotes {
  #told = 0;

  /** @param used of `effective` tokens. @returns the line that is due now. */
  due(used: number, effective: number): string | undefined {
    const percent = Math.floor((used / effective) * 100);
    const stage = STAGES.findLast((each) => percent >= each) ?? 0;
    // The user went back, the conversation was compacted, or another model has a larger window.
    if (percent < this.#told - SLACK) this.#told = stage;
    if (stage <= this.#told) return undefined;
    this.#told = stage;
    return notes.windowUse(Math.min(percent, 100), Math.max(0, effective - used));
  }
}
