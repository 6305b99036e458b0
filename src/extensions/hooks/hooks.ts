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

export interface PreToolOutcome extends HookOutcome {
  /** In place of the model's own; not checked. */
  readonly arguments?: JsonObject | undefined;
  /** The user need not be asked. */
  readonly isAllowed: boolean;
}

export interface HookCall {
  readonly turnId: string;
  readonly model: string;
  /** The file of the session; absent: it is not kept. */
  readonly transcript?: string | undefined;
  readonly emit: (event: Event) => void;
  readonly signal: AbortSignal;
}

export interface HookedTool {
  /** As the model called it. */
  readonly name: string;
  readonly arguments: JsonObject;
  readonly callId: string;
  /** That it has changed, absolute; absent: it has not run, or was no patch. */
  readonly files?: readonly string[] | undefined;
}

export type SessionStart = 'startup' | 'resume' | 'clear' | 'compact';

/**
 * A moment without a hook costs nothing and is not awaited: its method is absent. It may come later, when the user has allowed what the
 * project brings. None of them rejects.
 */
export interface Hooks {
  readonly sessionStart: ((source: SessionStart, call: HookCall) => Promise<HookOutcome>) | undefined;
  readonly userPromptSubmit: ((prompt: string, call: HookCall) => Promise<HookOutcome>) | undefined;
  readonly preToolUse: ((tool: HookedTool, call: HookCall) => Promise<PreToolOutcome>) | undefined;
  readonly postToolUse:
    | ((tool: HookedTool, output: string, call: HookCall) => Promise<HookOutcome>)
    | undefined;
  readonly preCompact: ((trigger: 'manual' | 'auto', call: HookCall) => Promise<HookOutcome>) | undefined;
  /** `isAgain`: the turn goes on because such a hook has asked for it. */
  readonly stop:
    | ((lastMessage: string, isAgain: boolean, call: HookCall) => Promise<HookOutcome>)
    | undefined;
  /** Hears what the user is to be called for. */
  readonly hear: (event: Event) => void;
  /** Ends what still runs. Never rejects. */
  readonly close: () => Promise<void>;
}
