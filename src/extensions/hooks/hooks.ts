/** The hooks of a session: programs of the user's that run at certain moments of a turn. */
import type { Event, JsonObject } from '../../protocol.ts';

/** What the hooks of a moment have come to, all together. */
export interface HookOutcome {
  /** What is forbidden, or has to be done first, and why: for the model. */
  readonly blocked?: string | undefined;
  /** For the model, behind what it gets anyway. */
  readonly context?: string | undefined;
  /** The turn is to end here; why, for the user. */
  readonly stop?: string | undefined;
}

export interface HookCall {
  readonly turnId: string;
  readonly emit: (event: Event) => void;
  readonly signal: AbortSignal;
}

export interface HookedTool {
  /** As the model called it. */
  readonly name: string;
  readonly arguments: JsonObject;
  readonly callId: string;
}

/** A moment without a hook costs nothing and is not awaited: the methods are absent then. */
export interface Hooks {
  readonly sessionStart?: (source: 'startup' | 'resume', call: HookCall) => Promise<HookOutcome>;
  readonly userPromptSubmit?: (prompt: string, call: HookCall) => Promise<HookOutcome>;
  readonly preToolUse?: (
    tool: HookedTool,
    call: HookCall,
  ) => Promise<HookOutcome & { readonly arguments?: JsonObject | undefined; readonly isAllowed?: boolean }>;
  readonly postToolUse?: (tool: HookedTool, output: string, call: HookCall) => Promise<HookOutcome>;
  readonly preCompact?: (trigger: 'manual' | 'auto', call: HookCall) => Promise<HookOutcome>;
  /** `isAgain`: the turn goes on because such a hook has asked for it. */
  readonly stop?: (lastMessage: string, isAgain: boolean, call: HookCall) => Promise<HookOutcome>;
  /** Hears what the user is to be called for. */
  readonly notification?: (message: string) => void;
  readonly close: () => Promise<void>;
}
