/**
 * What a tool is: a schema the model sees, and a function that runs one call.
 *
 * Invariants: `run` never throws for what a model can cause (a bad path, a failing command): that is a result
 * with `ok: false`, whose text teaches the model what to do. It closes every item that it opened, even when
 * `ctx.signal` aborts. Calls are ordered by agent/tool-calls.ts and repaired by model/repair.ts.
 */
import type { ToolSchema } from '../model/chat.ts';
import type { Event, JsonObject } from '../protocol.ts';
import type { Ask, Guard } from '../safety/guard.ts';
import type { CommandSessions } from './commands/command-sessions.ts';

export interface ToolContext {
  /** The session's working directory, absolute. Relative paths of a call start here. */
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Decides what may be run and written, and asks the user through `ask` where that is needed. */
  readonly guard: Guard;
  readonly ask: Ask;
  /** Sends an event to every front end. */
  readonly emit: (event: Event) => void;
  /** A new item id. */
  readonly nextItemId: () => string;
  /** The commands that run on between calls. */
  readonly sessions: CommandSessions;
  /** Bytes that the model gets of one output at most. */
  readonly outputLimit: number;
  /** The file for this call's full output when it is cut. Its folder exists once this has been called. */
  readonly spillPath: () => string;
}

export interface ToolResult {
  readonly ok: boolean;
  /** What the model reads. */
  readonly text: string;
  /** The text has been cut to `outputLimit` already; the recorder must not cut it again. */
  readonly bounded?: boolean;
  /** There is no outcome: the guard or the user said no, it could not be started, or it was interrupted. */
  readonly refused?: boolean;
  /** The same call again is not a sign of a loop: it waits for something. */
  readonly mayRepeat?: boolean;
}

export interface Tool {
  readonly schema: ToolSchema;
  /** Not offered to the model, but a call by its name is run: models know names from elsewhere. */
  readonly isSilent?: boolean;
  /** True if calls of this tool with these arguments may run beside others of the same response. Asked only then. */
  readonly isReadOnly: (args: JsonObject) => boolean;
  /** Runs one call. `args` have been coerced and validated against `schema`. */
  readonly run: (args: JsonObject, ctx: ToolContext) => Promise<ToolResult>;
}
