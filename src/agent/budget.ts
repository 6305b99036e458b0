/**
 * How the tokens of a window are shared out; pure. All numbers are tokens unless they say bytes. An answer always keeps
 * its share (`num_predict`); the rest, which a prompt may use, is the effective window.
 */

import { ModelError } from '../model/errors.ts';
import type { ChatSettings } from '../model/server.ts';
import { MIN_WINDOW, ROOMY_WINDOW } from '../model/window.ts';
import { groupDigits } from '../text/digits.ts';
import { notes } from './notes.ts';

export interface Budget {
  /** The most that a prompt may use. */
  readonly effective: number;
  /** A prompt this long is compacted. */
  readonly limit: number;
  /** A compaction ends at or below this, unless AGENTS.md alone nearly fills it. */
  readonly target: number;
  /** The least for the user's messages, the summary and the facts, even if AGENTS.md fills the target. */
  readonly least: number;
  /** The most of a new history that the user's own messages get. */
  readonly users: number;
}

const LIMIT_SHARE = 0.95;
const TARGET_SHARE = 0.4;
const LEAST_SHARE = 0.1;
const USERS_SHARE = 0.2;

/** The usual rule of thumb: with it, a quarter of the effective window has as many bytes as the window has tokens. */
const BYTES_PER_TOKEN = 4;
/** Every output must have something that can be read. */
const MIN_OUTPUT_BYTES = 256;

/** @param tokenLimit the user's `model_auto_compact_token_limit`; it can only lower the limit. */
export function budgetOf(
  { numCtx, numPredict }: Pick<ChatSettings, 'numCtx' | 'numPredict'>,
  tokenLimit?: number,
): Budget {
  const most = numCtx - numPredict;
  const effective = Math.min(most, Math.floor((tokenLimit ?? most) / LIMIT_SHARE));
  return {
    effective,
    limit: Math.floor(effective * LIMIT_SHARE),
    target: Math.floor(effective * TARGET_SHARE),
    least: Math.floor(effective * LEAST_SHARE),
    users: Math.floor(numCtx * USERS_SHARE),
  };
}

/**
 * Bytes for each output of one answer's calls: at most a quarter of the effective window each, and half of it for all,
 * so that the model can read everything that it asks for at once.
 */
export function outputBytes({ effective }: Budget, calls: number): number {
  const quarter = (effective * BYTES_PER_TOKEN) / 4;
  return Math.max(MIN_OUTPUT_BYTES, Math.floor(Math.min(quarter, (2 * quarter) / Math.max(1, calls))));
}

/** @throws ModelError if the window is too small for the instructions and an answer. */
export function checkWindow({ numCtx, model }: Pick<ChatSettings, 'numCtx' | 'model'>): void {
  if (numCtx >= MIN_WINDOW) return;
  throw new ModelError(
    `a window of ${groupDigits(numCtx)} tokens is too small to work in: at least ${groupDigits(MIN_WINDOW)} are needed. ` +
      `Set \`model_context_window\` to ${ROOMY_WINDOW} or more; if that is all that ${model} can do, choose another model`,
    'fail',
  );
}

/** Percent of the effective window at which the model is informed. */
const STAGES = [50, 75, 90] as const;
const SLACK = 5;

export class UseNotes {
  #reported = 0;

  /** @param used of `effective` tokens. @returns the line that is due now. */
  due(used: number, effective: number): string | undefined {
    const percent = Math.floor((used / effective) * 100);
    const stage = STAGES.findLast((each) => percent >= each) ?? 0;
    // The user went back, the conversation was compacted, or another model has a larger window.
    if (percent < this.#reported - SLACK) this.#reported = stage;
    if (stage <= this.#reported) return undefined;
    this.#reported = stage;
    return notes.windowUse(Math.min(percent, 100), Math.max(0, effective - used));
  }
}
