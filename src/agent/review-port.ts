/** What the agent asks of whoever can review changes, which lies above it. */

import type { ModelError } from '../model/errors.ts';
import type { ChatSettings, ModelServer } from '../model/server.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { ModelPhase } from '../protocol/requests.ts';
import type { ReviewWanted } from '../protocol.ts';
import type { PromptMeter, Reading } from './prompt-meter.ts';

/** What a review is given by the session's agent. */
export interface ReviewTools {
  readonly client: Pick<ModelServer, 'chat'>;
  readonly settings: ChatSettings;
  /** Of its own: its requests are not part of the conversation. */
  readonly meter: PromptMeter;
  readonly onRetry: (error: ModelError, attempt: number) => void;
  readonly onPhase: (phase: ModelPhase, reading: Reading) => void;
  readonly onTurn: (turn: ModelTurn) => void;
  /** A piece is begun: which one, in words. */
  readonly onPiece: (words: string) => void;
}

/**
 * Reviews changes. When the signal aborts it returns what was found until then.
 *
 * @returns Markdown; undefined: it was stopped before anything was found. @throws Error for the user
 */
export type ReviewChanges = (
  wanted: ReviewWanted,
  tools: ReviewTools,
  signal: AbortSignal,
) => Promise<string | undefined>;
