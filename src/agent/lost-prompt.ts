/**
 * What follows if the server has read only a part of a prompt. An answer to it is none to what was asked: where the window is only a
 * guess, it is made smaller, and the conversation is compacted into it. Elsewhere the window is known, so it is only said.
 */
import { ModelError } from '../model/errors.ts';
import type { ChatSettings } from '../model/server.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { Event } from '../protocol.ts';
import { groupDigits } from '../text/digits.ts';
import type { PromptLoss } from './prompt-meter.ts';
import type { UsageMeter } from './usage.ts';

interface LostDeps {
  readonly settings: ChatSettings;
  readonly usage: Pick<UsageMeter, 'add'>;
  readonly emit: (event: Event) => void;
}

/** @throws ModelError `compact` if the window is smaller from now on */
export function promptLost({ settings, usage, emit }: LostDeps, lost: PromptLoss, turn: ModelTurn): void {
  const { numCtx } = settings;
  const smaller = lost.isCertain ? settings.lowerGuess?.() : undefined;
  const read = `the server read ${groupDigits(lost.read)} tokens of a prompt of at least ${groupDigits(lost.least)}`;
  if (smaller === undefined) {
    emit({ type: 'warning', message: `${read}: part of the conversation was lost on the server` });
    return;
  }
  const message =
    `${read}, so its window is smaller than ${groupDigits(numCtx)}. It is taken for ${groupDigits(smaller)} from now on; ` +
    'set `model_context_window` to what it really has';
  emit({ type: 'warning', message });
  usage.add(turn);
  throw new ModelError(message, 'compact');
}
