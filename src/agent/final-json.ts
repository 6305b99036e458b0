/** The final answer of a turn as JSON, if the caller gave a schema. It is not validated against the schema here. */
import { ModelError } from '../model/errors.ts';
import { isJson } from '../model/json-object.ts';
import { leastThinking } from '../model/least-thinking.ts';
import type { JsonObject } from '../protocol.ts';
import { notes } from './notes.ts';
import { type SampleDeps, sample } from './sample.ts';
import type { WindowKeeper } from './window-keeper.ts';

interface FinalDeps extends SampleDeps {
  readonly window: Pick<WindowKeeper, 'isDue' | 'compact'>;
}

/** Retries after an answer that is not JSON. */
const MAX_JSON_RETRIES = 2;

/**
 * Requests the last answer again, in the caller's form. The schema rules out calls, but the tools stay, because they
 * precede everything that the server has read; thinking is off, because a model that skips it would write its answer
 * unconstrained.
 */
export async function answerAsJson(
  deps: FinalDeps,
  format: JsonObject,
  signal: AbortSignal,
): Promise<string> {
  if (deps.window.isDue) await deps.window.compact(signal);
  deps.history.note(notes.finalJson());
  const think = leastThinking(deps.settings.think);
  for (let attempt = 1; ; attempt += 1) {
    const answer = await sample(deps, [], signal, { format, think });
    if (isJson(answer.content)) {
      deps.history.record({
        type: 'assistant',
        content: answer.content,
        thinking: answer.thinking,
        calls: [],
      });
      return answer.content;
    }
    if (attempt > MAX_JSON_RETRIES) {
      throw new ModelError('the model did not answer in the form of the output schema', 'fail');
    }
    deps.emit({
      type: 'retry',
      attempt,
      max: MAX_JSON_RETRIES,
      reason: 'the answer is not valid JSON',
      isModelFault: true,
    });
  }
}
