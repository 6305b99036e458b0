/** The hooks of a sub-agent: those around calls, which may forbid one. The session, its messages and its end are its parent's. */
import type { Hooks } from '../../extensions/hooks/hooks.ts';

export function itsHooks(hooks: Hooks | undefined): Hooks | undefined {
  if (hooks === undefined) return undefined;
  return {
    get preToolUse() {
      return hooks.preToolUse;
    },
    get postToolUse() {
      return hooks.postToolUse;
    },
    sessionStart: undefined,
    userPromptSubmit: undefined,
    preCompact: undefined,
    stop: undefined,
    hear: () => undefined,
    close: async () => undefined,
  };
}
