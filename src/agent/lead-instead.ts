/**
 * From native calls to a led turn, where the first answer of an unknown model was a call written as text.
 *
 * What makes a led turn possible is a server that holds the model to a schema. Whether it does is found out by the first
 * choice: if not, the turn goes on natively with the answers that were given, as if nothing had been tried.
 * Invariant: nothing has been run or recorded of the turn but the user's message when this begins.
 */
import type { OllamaClient } from '../model/client.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { LeakedAnswer } from './call-learning.ts';
import { type Beginning, type InputDeps, ledBeginning } from './input-deps.ts';
import { runTurn } from './turn.ts';

export async function leadInstead(
  leaked: LeakedAnswer,
  { turn, environment, start }: Beginning,
  deps: InputDeps,
  signal: AbortSignal,
): Promise<string> {
  const { conversation, emit } = deps;
  const [{ openLedTurn }, { runLedTurn, NotHeld }] = await Promise.all([
    import('./led/begin.ts'),
    import('./led/led-turn.ts'),
  ]);
  conversation.rewind(start);
  const opening = await openLedTurn(ledBeginning(turn, deps), signal);
  const led = deps.asLed();
  conversation.recordInput(turn, environment, { opening: opening.text });
  const told = (): void => {
    deps.usage.add(leaked.turn);
    emit({
      type: 'repaired',
      message: `${deps.settings.model} writes its calls as text: it is led step by step from now on`,
    });
    emit({ type: 'model_led' });
  };
  try {
    return await runLedTurn(led.deps, { ...opening, onHeld: told }, signal);
  } catch (error) {
    if (!(error instanceof NotHeld)) throw error;
    led.undo();
    conversation.rewind(start);
    conversation.recordInput(turn, environment);
    const client = replaying(deps.client, [leaked.turn, error.turn]);
    const { onTurn: _, ...rest } = deps;
    return runTurn({ ...rest, client }, signal);
  }
}

/** Gives these answers before it asks the server. */
function replaying(client: InputDeps['client'], turns: readonly ModelTurn[]): InputDeps['client'] {
  const left = [...turns];
  const chat: OllamaClient['chat'] = async (settings, request, listener, signal) => {
    const next = left.shift();
    if (next === undefined) return client.chat(settings, request, listener, signal);
    if (next.thinking !== '') listener.onDelta({ type: 'thinking', text: next.thinking });
    if (next.content !== '') listener.onDelta({ type: 'text', text: next.content });
    return next;
  };
  return { chat };
}
