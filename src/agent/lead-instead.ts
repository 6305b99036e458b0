/**
 * Starts a turn over as a led turn, if the first answer of an unknown model was a call written as text.
 *
 * A led turn needs a server that enforces schemas. The first choice shows whether it does: if not, the turn continues
 * natively with the answers that were given, as if nothing had been tried. Invariants: nothing of the turn has been run
 * yet; what the user said stays in the history, whatever happens; the model stays native unless the server has shown
 * that it enforces the schema.
 */
import { type HistoryItem, isPrompt } from '../context/history.ts';
import { AnswerReader } from '../model/answer/reader.ts';
import { callKind } from '../model/call-kind.ts';
import { isFormatRefusal } from '../model/errors.ts';
import { repairTurn } from '../model/repair.ts';
import type { ModelServer } from '../model/server.ts';
import type { ModelTurn } from '../model/stream.ts';
import { type LeakedAnswer, NotHeld } from './call-learning.ts';
import { type Beginning, type InputDeps, ledBeginning } from './input-deps.ts';
import { runTurn } from './turn.ts';

export async function leadInstead(
  leaked: LeakedAnswer,
  { turn, environment, start }: Beginning,
  deps: InputDeps,
  signal: AbortSignal,
): Promise<string> {
  const { conversation, emit } = deps;
  const [{ openLedTurn }, { runLedTurn }] = await Promise.all([
    import('./led/begin.ts'),
    import('./led/led-turn.ts'),
  ]);
  const followed = afterPrompt(conversation.history.items.slice(start));
  const said = followed.filter(isPrompt);
  conversation.rewind(start);
  const message = [turn.text, ...said.map(({ content }) => content)].join('\n');
  const opening = await openLedTurn(ledBeginning({ ...turn, text: message }, deps), signal);
  const led = deps.asLed();
  conversation.recordInput(turn, environment, { opening: opening.text });
  conversation.history.record(...said);
  let isHeld = false;
  const onHeld = (): void => {
    isHeld = true;
    deps.usage.add(leaked.turn);
    emit({
      type: 'repaired',
      message: `${deps.settings.model} writes its calls as text, so it is led step by step from now on`,
      isNotice: true,
    });
    emit({ type: 'model_led' });
  };
  try {
    return await runLedTurn(led.deps, { ...opening, onHeld }, signal);
  } catch (error) {
    if (isHeld) throw error;
    led.undo();
    const isRefusal = isFormatRefusal(error);
    if (isRefusal) deps.constraint.learned(false);
    if (!isRefusal && !(error instanceof NotHeld)) throw error;
    const saidSince = afterPrompt(conversation.history.items.slice(start))
      .filter(isPrompt)
      .slice(said.length);
    conversation.rewind(start);
    conversation.recordInput(turn, environment);
    conversation.history.record(...followed, ...saidSince);
    const given =
      error instanceof NotHeld && isOfUse(error.turn, leaked.turn, deps)
        ? [leaked.turn, error.turn]
        : [leaked.turn];
    const { onTurn: _, ...rest } = deps;
    return runTurn({ ...rest, client: replaying(deps.client, given) }, signal);
  }
}

/** Prose after a call is of none: it was written without the call's result. */
function isOfUse(second: ModelTurn, first: ModelTurn, { tools }: InputDeps): boolean {
  const known = tools.map(({ schema }) => schema);
  const hasCalls = repairTurn(first, known, () => '').calls.length > 0;
  return !hasCalls || callKind(second, known) !== 'none';
}

/** What was recorded of a turn after its message. */
function afterPrompt(items: readonly HistoryItem[]): readonly HistoryItem[] {
  return items.slice(items.findIndex(isPrompt) + 1);
}

/** Returns these answers before it asks the server. */
function replaying(client: InputDeps['client'], turns: readonly ModelTurn[]): InputDeps['client'] {
  const left = [...turns];
  const chat: ModelServer['chat'] = async (settings, request, listener, signal) => {
    const next = left.shift();
    if (next === undefined) return client.chat(settings, request, listener, signal);
    if (next.thinking !== '') listener.onDelta({ type: 'thinking', text: next.thinking });
    const reader = new AnswerReader(
      listener.onDelta,
      request.tools.map((tool) => tool.function.name),
    );
    reader.add(next.content);
    reader.end();
    return next;
  };
  return { chat };
}
