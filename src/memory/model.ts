/** The model as the phases see it. Who makes it decides which model, window and `keep_alive`. */
import type { JsonQuestion } from '../model/ask-json.ts';

export type MemoryQuestion = JsonQuestion;

export interface MemoryModel {
  readonly name: string;
  /** Tokens of the window, the answer included. */
  readonly numCtx: number;
  /** @returns the parsed answer, checked by nobody. @throws the signal's reason; Error: no answer, or no JSON. */
  readonly ask: (question: MemoryQuestion, signal: AbortSignal) => Promise<unknown>;
}
