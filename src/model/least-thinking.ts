import type { ChatSettings } from './server.ts';

/** For an answer that needs no thinking: off, or the lowest level that the model has. */
export function leastThinking(think: ChatSettings['think']): ChatSettings['think'] {
  if (think === undefined) return undefined;
  return typeof think === 'string' ? 'low' : false;
}
