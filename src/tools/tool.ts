/**
 * What a tool is: a schema for the model, and a function that runs one call.
 *
 * `run` never throws for anything that a model can cause (a bad path, a failing command): that is a result with `ok: false`,
 * whose text tells the model what to do. It closes every item that it opened, even when `ctx.signal` aborts.
 */
import type { ToolSet } from '../config/tool-sets.ts';
import type { ToolSchema } from '../model/chat.ts';
import type { Event, Item, JsonObject } from '../protocol.ts';
import type { Ask, Guard } from '../safety/guard.ts';
import type { PatchOwner } from './apply-patch/journal.ts';
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
  /** The commands that keep running between calls. */
  readonly sessions: CommandSessions;
  /** The most bytes of one output that the model gets. */
  readonly outputLimit: number;
  /** The file for this call's full output when it is cut. Its folder exists once this has been called. */
  readonly spillPath: () => string;
  /** For whom a patch is written down before it is applied; absent: for nobody. */
  readonly patchOwner?: PatchOwner | undefined;
  /** What another model says of each image, given as base64. Absent: the model sees them itself. Throws an error for the model. */
  readonly describe?:
    | ((images: readonly { readonly name: string; readonly data: string }[]) => Promise<readonly string[]>)
    | undefined;
  /**
   * Keeps what a command is about to change, so that it can be taken back. To be awaited right before it begins, or is waited for again;
   * never rejects. Absent, undefined: nothing is kept.
   * @param folders which it may write
   */
  readonly keepChanges?: ((folders: readonly string[]) => Promise<KeptCommand | undefined>) | undefined;
  /** Has a sub-agent do some work. Absent: there is none. */
  readonly delegate?: Delegate;
}

/** A command that is waited for. */
export interface KeptCommand {
  /** To be awaited when that is over. Never rejects. */
  readonly end: () => Promise<void>;
}

/** What a sub-agent is given. */
export interface DelegatedWork {
  readonly prompt: string;
  /** Where to begin, as the model spells them. */
  readonly files: readonly string[];
}

/** Hears of the work while it is done. */
export interface WorkListener {
  /** When a step begins and when it ends. */
  readonly onStep: (step: Item) => void;
  /** All that were read anew and written by now. */
  readonly onTokens: (tokens: number) => void;
}

type Delegate = (work: DelegatedWork, listener: WorkListener) => Promise<ToolResult>;

export interface ToolResult {
  readonly ok: boolean;
  /** What the model reads. */
  readonly text: string;
  /** The text has been cut to `outputLimit` already; the recorder must not cut it again. */
  readonly bounded?: boolean;
  /** Base64: a model that sees gets them behind the text. */
  readonly images?: readonly string[] | undefined;
  /** It is cut to so many bytes, if that is less than `outputLimit`. */
  readonly mostBytes?: number;
  /** There is no outcome: the guard or the user said no, it could not be started, or it was interrupted. */
  readonly refused?: boolean;
  /** Repeating this call is not a sign of a loop: the model is waiting for something. */
  readonly mayRepeat?: boolean;
}

export interface Tool {
  readonly schema: ToolSchema;
  /** Not offered to the model, but a call by its name is run: models know such names from elsewhere. */
  readonly isSilent?: boolean;
  /** Only in this set: `small`, and it is not there in the other; `full`, and it is silent in the other. Absent: in both. */
  readonly offeredIn?: ToolSet;
  /** Only offered to a model that sees; a call of another one is run. */
  readonly needsVision?: boolean;
  /** True if a call with these arguments may run in parallel with others of the same answer. Only asked if there are any. */
  readonly isReadOnly: (args: JsonObject) => boolean;
  /** The arguments for this tool that a call means which names one that there is not; absent, undefined: none. */
  readonly adopts?: (name: string, args: JsonObject) => JsonObject | undefined;
  /** The command that a call runs, if it is not in its arguments; absent, undefined: none. */
  readonly commandOf?: (args: JsonObject, ctx: Pick<ToolContext, 'cwd'>) => Promise<string | undefined>;
  /** Runs one call. `args` have been coerced and validated against `schema`. */
  readonly run: (args: JsonObject, ctx: ToolContext) => Promise<ToolResult>;
}
