/** A turn of which a sub-agent does all (`/task`): no request of the conversation's own, its result becomes part of it. */
import given from '../../../prompts/sub-agent/given.md?raw';
import { ModelError } from '../../model/errors.ts';
import { fill } from '../../text/fill.ts';
import type { InputDeps } from '../input-deps.ts';
import { runToolCalls } from '../tool-calls.ts';

/** @param prompt is recorded already. @returns the result. @throws ModelError if there is none; the signal's reason. */
export async function runTaskTurn(prompt: string, deps: InputDeps, signal: AbortSignal): Promise<string> {
  const call = { id: deps.nextCallId(), name: 'task', arguments: { prompt } };
  const [output] = await runToolCalls([call], deps.tools, deps.contextOf);
  signal.throwIfAborted();
  const text = output?.text ?? '';
  deps.history.note(fill(given, { result: text }));
  if (output?.ok !== true) throw new ModelError(text, 'fail');
  return text;
}
