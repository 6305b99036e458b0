/**
 * The part of the seam that is about requests to the model: how far one is, what it cost, that it is made again.
 *
 * Does not: hold logic.
 */
import type { ModelPhase, TokenUsage } from '../protocol.ts';

export type RequestEvent =
  /**
   * `detail`: what an answer that is not shown is for (`writing calc.py`), also while it is waited for; of `loading`, the
   * model. `newTokens`: an estimate of what the server must read; `remainingMs`: of how long that takes from
   * now on.
   */
  | {
      readonly type: 'model_phase';
      readonly phase: ModelPhase;
      readonly detail?: string;
      readonly newTokens?: number;
      readonly remainingMs?: number;
    }
  /** The sum over the session, and what the last request used of the window. */
  | {
      readonly type: 'token_count';
      readonly total: TokenUsage;
      readonly last: TokenUsage;
      readonly numCtx: number;
      /** False: `last` is what the server measured. */
      readonly estimated: boolean;
      /** The speed of the last answer, if the server tells. */
      readonly tokensPerSecond?: number;
    }
  /** A request failed and is tried again; `isModelFault`: it was answered, but with nothing that is of use. */
  | {
      readonly type: 'retry';
      readonly attempt: number;
      readonly max: number;
      readonly reason: string;
      readonly isModelFault?: true;
    };
