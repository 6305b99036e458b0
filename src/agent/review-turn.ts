/**
 * A turn that reviews changes (`/review`): no request of the conversation's own; what was found becomes its answer, so that the model
 * knows it when the user says what to do about it.
 */
import { boundedText } from '../context/bounded-text.ts';
import { ModelError } from '../model/errors.ts';
import { shownRetries } from '../model/retry.ts';
import type { ReviewWanted } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';
import type { InputDeps } from './input-deps.ts';
import { PromptMeter, type Reading, ReadingClock } from './prompt-meter.ts';
import type { ReviewChanges, ReviewTools } from './review-port.ts';

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
    throw error instanceof ModelError ? error : new ModelError(errorMessage(error), 'fail');
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
    onRetry: ({ message: reason }, attempt) =>
      emit({ type: 'retry', attempt, max: shownRetries(attempt, settings.maxRetries), reason }),
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
