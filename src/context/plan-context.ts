/** What the model is told when plan mode begins and ends: once, and again where the history begins anew. */
import planMode from '../../prompts/notes/plan-mode.md?raw';
import planOver from '../../prompts/notes/plan-over.md?raw';
import type { Environment } from './environment.ts';

/** Undefined: it is not plan mode. */
export function planContext({ isPlan }: Environment): string | undefined {
  return isPlan ? planMode.trim() : undefined;
}

/** Undefined: nothing has changed. */
export function planDiff(previous: Environment, next: Environment): string | undefined {
  if ((previous.isPlan ?? false) === (next.isPlan ?? false)) return undefined;
  return planContext(next) ?? planOver.trim();
}
