/**
 * A turn that reviews changes (`/review`): no request of the conversation's own; what was found becomes its answer, so that the model
 * knows it when the user says what to do about it.
 */
import { boundedText } from '../context/bounded-text.ts';
import { ModelError } from '../model/errors.ts';
import { MAX_RETRIES } from '../model/retry.ts';
import type { ChatSettings } from '../model/server.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { ModelPhase, ReviewWanted } from '../protocol.ts';
import type { AgentOptions } from './agent-options.ts';
import type { InputDeps } from './input-deps.ts';
import { PromptMeter, type Reading, ReadingClock } from './prompt-meter.ts';

/** What a review is given by the session's agent. */
export interface ReviewTools {
  readonly client: Pick<AgentOptions['client'], 'chat'>;
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

/** @param wanted is recorded already, in the user's message. @returns the answer. @throws ModelError; the signal's reason */
export async function runReviewTurn(
  wanted: ReviewWanted,
  review: ReviewChanges | undefined,
  deps: InputDeps,
  signal: AbortSignal,
): Promise<string> {
  if (review === undefined) throw new ModelError('changes cannot be reviewed here', 'fail');
  const found = await review(wanted, toolsOf(deps), signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error instanceof ModelError ? error : new ModelError((error as Error).message, 'fail');
  });
  if (found !== undefined) await answer(found, deps);
  signal.throwIfAborted();
  return found ?? '';
}

function toolsOf({ client, settings, meter, usage, emit }: InputDeps): ReviewTools {
  let detail = 'reviewing';
  let clock: { readonly reading: Reading; readonly clock: ReadingClock } | undefined;
  return {
    client,
    settings,
    meter: new PromptMeter(meter.bytesPerToken, meter.msPerToken),
    onRetry: ({ message: reason }, attempt) => emit({ type: 'retry', attempt, max: MAX_RETRIES, reason }),
    onPhase: (phase, reading) => {
      const now = performance.now();
      if (clock?.reading !== reading) clock = { reading, clock: new ReadingClock(reading, now) };
      const shown = phase === 'loading' ? {} : { detail };
      emit({ type: 'model_phase', phase, ...shown, ...clock.clock.facts(phase, now) });
    },
    onTurn: (turn) => usage.add(turn),
    onPiece: (words) => {
      detail = `reviewing ${words}`;
    },
  };
}

/** What is shown is what the model knows. */
async function answer(found: string, { history, emit, nextItemId, contextOf }: InputDeps): Promise<void> {
  const text = await boundedText(found, contextOf());
  history.record({ type: 'assistant', content: text, thinking: '', calls: [] });
  const item = { type: 'agent_message', id: nextItemId(), text } as const;
  emit({ type: 'item_started', item: { ...item, text: '', status: 'in_progress' } });
  emit({ type: 'item_completed', item: { ...item, status: 'completed' } });
}
