/**
 * The seam between the agent and every front end: operations in, events out. Read this file first.
 *
 * Invariants: a front end knows nothing else about the agent; every `item_started` is closed by exactly one
 * `item_completed` with the same id, even on error and interrupt; a completed item has all of its content, so deltas
 * may be dropped. No logic and no imports.
 */

/** A JSON object as it was received. */
export type JsonObject = { [key: string]: unknown };

/** Operations of one agent. */
export type AgentOp =
  /**
   * Starts a turn, or queues one after the running turn. `images` are base64; `outputSchema` shapes the last answer;
   * `verify` is a command to run when the model is done, in the way its own commands are run.
   */
  | {
      readonly type: 'user_turn';
      readonly text: string;
      readonly images?: readonly string[];
      /** Their files, if they are not named in the text. */
      readonly imageNames?: readonly string[];
      readonly outputSchema?: JsonObject;
      readonly verify?: string;
      /** Instead of those of the session. */
      readonly limits?: TurnLimits;
      /** What the user is shown of it, and can repeat, if the text is oagent's own. */
      readonly shownAs?: string;
      /** A sub-agent does it; its result is the answer, and part of the conversation. */
      readonly isTask?: true;
      /** These changes are reviewed; what is found is the answer. The text says so to the model. */
      readonly review?: ReviewWanted;
    }
  /** Goes to the model before its next request of the running turn; without a running turn it starts one. */
  | { readonly type: 'steer'; readonly text: string; readonly images?: readonly string[] }
  /** Takes back a queued entry. Without effect if it is too late or the id is unknown. */
  | { readonly type: 'unqueue'; readonly id: string }
  /**
   * Ends the turn, or else the user's own command. Queued entries are returned (`unqueued`); `resubmit`: steers start a
   * turn.
   */
  | { readonly type: 'interrupt'; readonly resubmit?: true }
  /** Answers an `approval_requested`; a second answer, or one to an unknown id, is ignored. */
  | { readonly type: 'approval'; readonly id: string; readonly answer: ApprovalAnswer }
  /** Runs a command of the user's, unsandboxed, even during a turn. The model is informed with its next request. */
  | { readonly type: 'user_shell'; readonly command: string }
  /** Between turns: drops the last `userTurns` messages of the user and everything after the first of them. */
  | { readonly type: 'rollback'; readonly userTurns: number }
  | { readonly type: 'compact' }
  /** Ends all background commands. */
  | { readonly type: 'stop_background' }
  /** Interrupts the turn, ends all background commands, drops queued entries, and ends the event stream. */
  | { readonly type: 'shutdown' };

/** Operations of an interactive session: those of its agent, and of everything around it. */
export type Op =
  | AgentOp
  | SessionOp
  | RewindOp
  | ModelOp
  | ExtensionOp
  /** This and the next only between turns. `effort` as in `model_reasoning_effort`; absent: unchanged. */
  | { readonly type: 'set_model'; readonly model: string; readonly effort?: string }
  | ({ readonly type: 'set_permissions' } & SessionMode)
  /** Between turns: leaves plan mode and works on the plan, in this conversation or, with nothing but the plan, in a new one. */
  | { readonly type: 'carry_out_plan'; readonly isFresh: boolean }
  /** Replaces the plan by the user's own text. */
  | { readonly type: 'edit_plan'; readonly text: string }
  /** Looks for the server again; answered by `server_state`. */
  | { readonly type: 'connect' }
  /** The user has done something that is no operation, such as pressing a key: what waits for rest goes on waiting. */
  | { readonly type: 'user_active' }
  /** Ends the conversation and starts a new one with the same model. */
  | { readonly type: 'new_session' };

/** `base`: what was committed since the last commit that HEAD shares with it; `commit`: against its first parent. */
export type WantedChanges =
  | { readonly type: 'uncommitted' }
  | { readonly type: 'base'; readonly name: string }
  | { readonly type: 'commit'; readonly name: string };

export interface ReviewWanted {
  readonly changes: WantedChanges;
  /** The user's own words: what to look for. */
  readonly instructions?: string | undefined;
}

export const SANDBOX_MODES = ['read-only', 'workspace-write', 'danger-full-access'] as const;
export type SandboxMode = (typeof SANDBOX_MODES)[number];

/** `isPlan`: plan mode, in which nothing is changed and an answer is a plan. */
export interface SessionMode {
  readonly mode: SandboxMode;
  readonly approval: ApprovalPolicy;
  readonly isPlan?: boolean;
}

/** What `set_permissions` needs for plan mode. */
export const PLAN_MODE: SessionMode = { mode: 'read-only', approval: 'never', isPlan: true };

/** When the user is asked. */
export const APPROVAL_POLICIES = ['untrusted', 'on-failure', 'on-request', 'never'] as const;
export type ApprovalPolicy = (typeof APPROVAL_POLICIES)[number];

/** A message of the user that the model has not received yet. */
export interface QueueEntry {
  readonly id: string;
  readonly text: string;
  /** `steer`: before the next request; `queue`: a turn of its own, later. */
  readonly kind: 'steer' | 'queue';
}

/** A question to the user: before something leaves the sandbox, or one that the model asks. */
export interface ApprovalRequest {
  readonly id: string;
  readonly kind: 'command' | 'patch' | 'question' | 'mcp' | 'extension';
  /** For a command. */
  readonly command?: string;
  /** Absolute. */
  readonly cwd: string;
  /** For a question: the model's words, and two or three answers to choose from; the user can write another one (`instead`). */
  readonly question?: string;
  readonly options?: readonly string[];
  /** For a patch. */
  readonly changes?: readonly FileChange[];
  /** For a tool of an MCP server. `prefix` is then an answer, too: never ask again about this tool. */
  readonly mcp?: McpCall;
  /** What the project brings, and would run: `once` allows exactly this for good, `no` refuses it for good, `stop` does neither. */
  readonly extension?: OfferedExtension;
  /** Why oagent asks. */
  readonly reason: string;
  /** The model's own words: untrusted text. */
  readonly justification?: string;
  /** Offered: never ask again about commands that begin with these words. */
  readonly prefix?: readonly string[];
  /** Offered: never about these words, and no more. */
  readonly isExact?: boolean;
  /** The command gets a terminal, and the model can type into it. */
  readonly terminal?: boolean;
  /** What the reviewer has against it, in a model's words: untrusted text. */
  readonly objection?: string;
}

/** What would run, and from which file; whole. */
export interface OfferedExtension {
  readonly kind: 'mcp' | 'hook';
  readonly name: string;
  readonly lines: readonly string[];
}

/** A call of a tool that a server has. */
export interface McpCall {
  /** As it is configured. */
  readonly server: string;
  readonly tool: string;
  readonly arguments: JsonObject;
}

export type ApprovalAnswer =
  | { readonly type: 'once' }
  /** For the rest of the session: this exact command in this folder, these files, or this tool of a server. */
  | { readonly type: 'session' }
  /** Permanently: commands that begin with the request's `prefix`, or this tool of a server. */
  | { readonly type: 'prefix' }
  /** Of a question: one of its options. */
  | { readonly type: 'option'; readonly option: string }
  /** No; `instead` is what the user wants, for the model. The turn continues. */
  | { readonly type: 'no'; readonly instead?: string }
  /** No, and the turn ends. */
  | { readonly type: 'stop' };

/**
 * Why the model has not answered yet, or what it is doing. `queued`: the server works on other requests first. `hook`: it waits for a hook
 * of the user's, whose moment is the detail.
 */
export type ModelPhase =
  | 'waiting'
  | 'loading'
  | 'queued'
  | 'reading'
  | 'thinking'
  | 'writing'
  | 'compacting'
  | 'hook';

/** Tokens as the server counted them. `cached` is 0 for Ollama, which does not report reuse. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Part of `outputTokens`; 0 if the server does not count it separately (Ollama does not). */
  readonly reasoningOutputTokens: number;
}

export type ItemStatus = 'in_progress' | 'completed' | 'failed' | 'declined';

export interface PlanStep {
  readonly step: string;
  readonly status: 'pending' | 'in_progress' | 'completed';
}

/** One file of a patch. `path` is absolute; a move is one `update` of its source with `movePath`. */
export interface FileChange {
  readonly path: string;
  readonly kind: 'add' | 'delete' | 'update';
  readonly movePath?: string;
  /** Unified diff of this file, without a `diff --git` line. */
  readonly diff: string;
}

/** What a turn shows. `id` is unique in the session. */
export type Item =
  /** `sent`: what the model got instead of it. */
  | {
      readonly type: 'user_message';
      readonly id: string;
      readonly text: string;
      readonly sent?: string | undefined;
    }
  /** `failed`: the answer broke off and is not part of the conversation. */
  | {
      readonly type: 'agent_message';
      readonly id: string;
      readonly text: string;
      readonly status: ItemStatus;
    }
  | { readonly type: 'reasoning'; readonly id: string; readonly text: string; readonly status: ItemStatus }
  | {
      readonly type: 'command_execution';
      readonly id: string;
      readonly command: string;
      readonly cwd: string;
      /** stdout and stderr in the order of their arrival; head and tail, at most 1 MiB. */
      readonly output: string;
      readonly exitCode: number | null;
      readonly durationMs: number;
      readonly status: ItemStatus;
      /** It ran tests. */
      readonly tests?: TestRun | undefined;
      /** Absent: the model's. */
      readonly source?: 'user';
      /**
       * In the background. Still running: `completed` without an exit code, and `output` is the first part. Its end, in whatever turn
       * or between two, is another item with the same number, all of the output and the exit code.
       */
      readonly sessionId?: number;
    }
  | {
      readonly type: 'file_change';
      readonly id: string;
      readonly changes: readonly FileChange[];
      /** The tool's output: the summary, or why nothing was written. */
      readonly output: string;
      readonly status: ItemStatus;
    }
  /** Any other tool: `ripgrep`, `read_file`, `write_stdin`. */
  | {
      readonly type: 'tool_call';
      readonly id: string;
      readonly tool: string;
      readonly arguments: JsonObject;
      readonly output: string;
      readonly status: ItemStatus;
    }
  | ({
      readonly type: 'mcp_tool_call';
      readonly id: string;
      /** What the model got; while it runs, the last thing that the server said of its progress. */
      readonly output: string;
      readonly status: ItemStatus;
      /** Its server says so of the tool. Absent: it may have changed anything. */
      readonly isReadOnly?: true;
    } & McpCall)
  /** Work that the model has given to a sub-agent. */
  | {
      readonly type: 'task';
      readonly id: string;
      readonly prompt: string;
      /** What it did, in order; none of it is part of the conversation. */
      readonly steps: readonly Item[];
      /** Read anew and written by it. */
      readonly tokens?: number;
      /** Its result. */
      readonly output: string;
      readonly status: ItemStatus;
    }
  | {
      readonly type: 'plan';
      readonly id: string;
      readonly steps: readonly PlanStep[];
      readonly explanation?: string;
    };

/** What is kept and shown of a conversation besides its items. */
export type Happening =
  | Extract<
      Event,
      {
        readonly type:
          | 'warning'
          | 'retry'
          | 'repaired'
          | 'thinking_stopped'
          | 'call_rejected'
          | 'approval_resolved'
          | 'retrieved'
          | 'recalled'
          | 'skill_used'
          | 'image_described'
          | 'hook_ran'
          | 'compacted'
          | 'rewound';
      }
    >
  | Pick<Extract<TurnEnd, { readonly type: 'turn_failed' }>, 'type' | 'message'>
  | Pick<Extract<TurnEnd, { readonly type: 'turn_aborted' }>, 'type'>;

/** A command that runs in the background. */
export interface RunningSession {
  readonly sessionId: number;
  readonly command: string;
  /** Milliseconds of the epoch. */
  readonly startedAt: number;
}

/** What one of several hosts said when one was to be chosen. */
export interface HostAnswer {
  /** Its address, without credentials. */
  readonly host: string;
  /** `answers in 4 ms`, or why it cannot be used. */
  readonly says: string;
  /** It was chosen. */
  readonly isUsed?: boolean;
}

/** What an earlier session or the user has noted. */
export interface RecalledMemory {
  readonly text: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  /** The newest session that it is from. */
  readonly thread?: string | undefined;
  /** The user's note, by its file. */
  readonly note?: string | undefined;
  /** The name of another project. */
  readonly project?: string | undefined;
}

/** How a model thinks. */
export interface ThinkingFacts {
  /** As it is sent: on, off, or a level. */
  readonly effort: string;
  /** Tokens after which it is stopped. */
  readonly most: number;
}

/** Sent to every front end, in order. */
export type Event =
  | SessionEvent
  | ModelEvent
  | RequestEvent
  | ExtensionEvent
  /** At the start, and when the model has changed. */
  | {
      readonly type: 'session_configured';
      readonly threadId: string;
      readonly model: string;
      readonly host: string;
      readonly numCtx: number;
      readonly cwd: string;
      /** The harness leads: the model chooses among steps. */
      readonly isLed?: true;
      /** Of a model that thinks. */
      readonly thinking?: ThinkingFacts;
    }
  | { readonly type: 'turn_started'; readonly turnId: string }
  /** `callId`: of the model's call that it shows. */
  | { readonly type: 'item_started'; readonly item: Item; readonly callId?: string }
  /** Text that was added to an open item: the answer, the thinking, or a command's output. */
  | { readonly type: 'item_delta'; readonly itemId: string; readonly text: string }
  /** An `agent_message` that turns out to be thinking completes as `reasoning`. */
  | { readonly type: 'item_completed'; readonly item: Item; readonly callId?: string }
  /**
   * A call that was refused before it began, and so has no item: unknown tool, bad arguments, bad patch, policy. `arguments`: what the
   * model tried.
   */
  | {
      readonly type: 'call_rejected';
      readonly tool: string;
      readonly message: string;
      readonly arguments?: JsonObject;
    }
  /** A fault in what the model said was repaired. `isNotice`: nothing was; the message is the whole sentence. */
  | { readonly type: 'repaired'; readonly message: string; readonly isNotice?: true }
  /**
   * The turn waits for an `approval`. Closed by exactly one `approval_resolved` with the same id, even on interrupt.
   */
  | { readonly type: 'approval_requested'; readonly request: ApprovalRequest }
  | {
      readonly type: 'approval_resolved';
      readonly id: string;
      readonly answer: ApprovalAnswer;
      /** What was asked. */
      readonly request?: ApprovalRequest;
    }
  /** `refused`: the operation that it says was not done. */
  | { readonly type: 'warning'; readonly message: string; readonly refused?: 'set_model' }
  /** All queued entries, whenever they have changed. */
  | { readonly type: 'queue_changed'; readonly entries: readonly QueueEntry[] }
  /** An entry that was taken back, or was still queued when the turn ended: the user's again. */
  | {
      readonly type: 'unqueued';
      readonly id: string;
      readonly text: string;
      readonly images?: readonly string[];
    }
  /** `sandbox`: the mode and the writable folders in one line. */
  | ({ readonly type: 'permissions_changed'; readonly sandbox: string } & SessionMode)
  /** The answer of a turn in plan mode, or what the user made of it; it is in this file, absolute, which is read when it is carried out. */
  | { readonly type: 'plan_written'; readonly file: string; readonly text: string; readonly isEdited?: true }
  /** `text`: of the first message that was dropped. */
  | { readonly type: 'rolled_back'; readonly userTurns: number; readonly text: string }
  /**
   * `down`: no answer; `no_model`: the server has no usable model. `message` says what to do; `hosts`: what each of several said when
   * this one was chosen.
   */
  | {
      readonly type: 'server_state';
      readonly state: 'connecting' | 'ready' | 'down' | 'no_model';
      readonly host: string;
      /** What it is, such as `llama.cpp b11434`, or how the configuration calls it; absent: Ollama. */
      readonly name?: string;
      readonly message?: string;
      readonly hosts?: readonly HostAnswer[];
    }
  /** The conversation was summarised. Tokens of the prompt before (measured) and after (estimated). */
  | { readonly type: 'compacted'; readonly before: number; readonly after: number }
  /** All background commands, whenever they have changed, even between turns. */
  | { readonly type: 'background_changed'; readonly running: readonly RunningSession[] }
  | TurnEnd;

/** What the user or the project adds to oagent: MCP servers, commands of their own, skills, hooks. */
export type ExtensionOp =
  /** Answered by `mcp_servers`, now and whenever a state has changed. */
  | { readonly type: 'list_mcp' }
  /** Starts it, again if it has failed. */
  | { readonly type: 'start_mcp'; readonly server: string }
  /** A turn with the text that the command stands for; `name` as in `custom_commands`. Shown as `/name args`. */
  | {
      readonly type: 'custom_command';
      readonly name: string;
      readonly args: string;
      readonly images?: readonly string[];
    };

/** One that can be called as `/name`. */
export interface CustomCommand {
  readonly name: string;
  readonly description: string;
  /** What is to follow the name. */
  readonly hint?: string | undefined;
  readonly kind: 'command' | 'skill' | 'mcp';
}

/** `known`: not started in this session, its tools are known from an earlier one or not at all; `off`: not to be used. */
export type McpState = 'known' | 'starting' | 'running' | 'failed' | 'off';

export interface McpServerInfo {
  readonly name: string;
  readonly state: McpState;
  /** The command line or the address. */
  readonly target: string;
  /** The file that configures it. */
  readonly source: string;
  /** It runs in the sandbox of the session. */
  readonly isSandboxed: boolean;
  readonly tools: readonly { readonly name: string; readonly description: string }[];
  readonly prompts: number;
  /** Those that are known; foreign texts. `name` may be empty. */
  readonly resources: readonly { readonly uri: string; readonly name: string }[];
  /** What it does while it starts, or why it failed or is off: lines for the user, the end of its stderr among them. */
  readonly lines: readonly string[];
}

export type ExtensionEvent =
  | { readonly type: 'mcp_servers'; readonly servers: readonly McpServerInfo[] }
  /** All of them, whenever they have changed. */
  | { readonly type: 'custom_commands'; readonly commands: readonly CustomCommand[] }
  /** A skill whose text was added to the message; `recalled`: found for it, otherwise the user called it by its name. */
  | {
      readonly type: 'skill_used';
      readonly name: string;
      readonly file: string;
      readonly isRecalled: boolean;
      /** As the model got it. */
      readonly text: string;
    }
  /** An image that the model cannot see, in the words of another model; `digest` is that of its base64. */
  | {
      readonly type: 'image_described';
      readonly name: string;
      readonly model: string;
      readonly digest: string;
      readonly text: string;
    }
  /** A hook did more than to run: what it said to the user or the model, what it forbade, or how it failed. */
  | {
      readonly type: 'hook_ran';
      readonly event: string;
      readonly command: string;
      readonly outcome: 'message' | 'context' | 'blocked' | 'failed';
      readonly text: string;
    }
  /** A step of a sub-agent has begun or ended; the item of the task has all of them in the end. */
  | {
      readonly type: 'task_step';
      readonly itemId: string;
      readonly step: Item;
      /** Read anew and written by it so far. */
      readonly tokens: number;
    };

/** Operations on stored sessions. Only between turns, except for the list and the name. */
export type SessionOp =
  /** Answered by `sessions`. */
  | { readonly type: 'list_sessions' }
  /** Ends this conversation and resumes another one; an id or a name. */
  | { readonly type: 'resume_session'; readonly session: string }
  /** Continues with a copy of a session; by default of this one. */
  | { readonly type: 'fork_session'; readonly session?: string }
  /** Empty: removes the name. */
  | { readonly type: 'rename_session'; readonly name: string }
  /** From now on no memories are made of this session and none are used, nor of those that follow; also while a turn runs. */
  | { readonly type: 'go_incognito' };

/** A session that can be resumed. */
export interface SessionEntry {
  readonly id: string;
  /** Given by the user. */
  readonly name?: string;
  readonly firstPrompt: string;
  /** Last use, milliseconds since 1970. */
  readonly usedAt: number;
  /** Absolute. */
  readonly cwd: string;
  readonly branch?: string;
  readonly source: 'cli' | 'exec';
}

export type RewindWhat = 'files' | 'talk' | 'both';

/** Between turns: goes back to before a message of the user. */
export type RewindOp =
  /** Answered by `rewind_points`. */
  | { readonly type: 'list_rewinds' }
  /** `files` are put back, as far as nobody else has changed them (`rewound`); of the `talk` the message and all after it is dropped. */
  | { readonly type: 'rewind'; readonly itemId: string; readonly what: RewindWhat }
  /** The files of the last rewind become what they were before it. */
  | { readonly type: 'undo_rewind' };

/** A message of the user that can be gone back to. */
export interface ChangeFigures {
  readonly files: number;
  /** Lines. */
  readonly added: number;
  readonly removed: number;
}

/** The figures are of what the turns from it until the next message have changed. */
export interface RewindPoint extends ChangeFigures {
  /** Of the message. */
  readonly itemId: string;
  /** Counts from 1. */
  readonly number: number;
  readonly text: string;
  /** The talk after it was summarised: only the files can go back. */
  readonly isSummarised?: boolean | undefined;
  /** All that was changed from it until now: a file that several turns have changed counts once. */
  readonly since: ChangeFigures;
}

/** What going back has done to the files. Paths are absolute. */
export interface RewindOutcome {
  readonly done: readonly { readonly path: string; readonly kind: 'add' | 'update' | 'delete' }[];
  /** Files that were left alone; `diff`: what somebody else has changed, or empty. */
  readonly refused: readonly { readonly path: string; readonly reason: string; readonly diff: string }[];
  /** How many were as they were to be. */
  readonly same: number;
}

export type SessionEvent =
  /** Most recently used first. `error`: they could not be read. */
  | {
      readonly type: 'sessions';
      readonly sessions: readonly SessionEntry[];
      /** Those of `exec` are shown at once. */
      readonly hasExec?: boolean;
      readonly error?: string;
    }
  /**
   * An earlier conversation was resumed. `items` are the newest that were shown, oldest first, with what happened between them; they are
   * over and only need to be shown. `itemsBefore`: how many items precede them.
   */
  | {
      readonly type: 'session_resumed';
      readonly threadId: string;
      readonly name?: string;
      readonly forkedFrom?: string;
      readonly items: readonly (Item | Happening)[];
      readonly itemsBefore: number;
      /** What the session has come to, in lines for the user. */
      readonly soFar?: readonly string[];
      /** They are already on the screen: the session is a copy of the open one. */
      readonly isShown?: boolean;
    }
  | { readonly type: 'session_renamed'; readonly name: string }
  /** The oldest first. `error`: they could not be read. */
  | {
      readonly type: 'rewind_points';
      readonly points: readonly RewindPoint[];
      readonly canUndo: boolean;
      readonly error?: string;
    }
  | { readonly type: 'rewound'; readonly outcome: RewindOutcome }
  /** Code that was appended to the user's message, as the model gets it; lines count from 1, both ends included. */
  | {
      readonly type: 'retrieved';
      readonly places: readonly { readonly path: string; readonly start: number; readonly end: number }[];
      /** The search was not done in time: the message went without code. */
      readonly isLate?: boolean;
      /** The embedding model did not answer in time: words alone decided, perhaps that there is nothing. */
      readonly isByWords?: boolean;
      /** As the model got it. */
      readonly text?: string;
    }
  /** Memories that were appended to the user's message; `text`: as the model got them. */
  | { readonly type: 'recalled'; readonly memories: readonly RecalledMemory[]; readonly text: string }
  /** The state of the index of the repository, whenever it has changed. */
  | { readonly type: 'index_status'; readonly lines: readonly string[] }
  /** The index is read for the first time in the session: files that can be searched, of all; the last one says that all can. */
  | { readonly type: 'index_progress'; readonly done: number; readonly total: number }
  /** No memories are made of this session, and none are used; `isOn` false: another one was resumed, of which they may be. */
  | { readonly type: 'incognito'; readonly isOn: boolean }
  /** Earlier sessions are read for memories, while nobody works: steps done, of all that are known; absent: that has ended. */
  | { readonly type: 'memory_progress'; readonly done?: number; readonly total?: number };

/** Milliseconds: to load the model, to read the new part of the prompt, to write the answer. */
export interface RequestTiming {
  readonly loadMs: number;
  readonly readMs: number;
  readonly writeMs: number;
}

export type RequestEvent =
  /**
   * `detail`: the purpose of an answer that is not shown (`writing calc.py`); for `loading`, the model. `newTokens`: an
   * estimate of what the server has to read; `remainingMs`: how long that will still take; `before`: how many requests of this user
   * are before it, if it is known.
   */
  | {
      readonly type: 'model_phase';
      readonly phase: ModelPhase;
      readonly detail?: string;
      /** Of the answer, that came since the last report and are not shown. */
      readonly pieces?: number;
      readonly newTokens?: number;
      /** How many of them the server has read; absent: it does not say. */
      readonly readTokens?: number;
      readonly remainingMs?: number;
      readonly before?: number;
    }
  /** The sum of the session, and how much of the window the last request used. */
  | {
      readonly type: 'token_count';
      readonly total: TokenUsage;
      readonly last: TokenUsage;
      readonly numCtx: number;
      /** False: `last` is what the server measured. */
      readonly estimated: boolean;
      /** The speed of the last answer, if the server reports it. */
      readonly tokensPerSecond?: number;
      /** What the last request took, if the server reports it. */
      readonly timing?: RequestTiming;
    }
  /** The model thought for too long, or repeated itself: the answer is asked for again without thinking. Tokens, estimated. */
  | { readonly type: 'thinking_stopped'; readonly tokens: number; readonly isRepeated?: true }
  /** A failed request is being retried; `isModelFault`: there was an answer, but a useless one. */
  | {
      readonly type: 'retry';
      readonly attempt: number;
      readonly max: number;
      readonly reason: string;
      readonly isModelFault?: true;
    };

/**
 * What fills the window: `talk` are the user's messages and the answers, `notes` the lines that oagent itself says to the model,
 * `memories` also skills.
 */
export type WindowSource =
  | 'system'
  | 'tools'
  | 'agents_md'
  | 'environment'
  | 'memories'
  | 'code'
  | 'summary'
  | 'talk'
  | 'outputs'
  | 'notes';

/** Tokens. */
export interface WindowUse {
  /** Of the window. */
  readonly size: number;
  readonly used: number;
  /** The part of `used` that the server has counted: the last prompt and its answer. Absent: all is an estimate. */
  readonly counted?: number;
  /** In the order in which they are sent; those without any are left out. Estimates, whose sum is `used`. */
  readonly parts: readonly { readonly source: WindowSource; readonly tokens: number }[];
}

/** What oagent saw in a turn, whatever the model says about it. */
export interface Evidence {
  /** Changed by patches, each file once; files that commands write are not seen. Paths are absolute. */
  readonly files: readonly ChangedFile[];
  /** Run by the model, most recent last. */
  readonly commands: readonly RanCommand[];
  /** The last state of each command that tests, builds or lints, if its exit code shows it. Most recent last. */
  readonly checks: readonly CheckResult[];
  /** Calls of tools of MCP servers that may have changed anything: it is not seen. Absent: none. */
  readonly mcpCalls?: number;
}

export interface ChangedFile {
  readonly path: string;
  readonly kind: FileChange['kind'];
  /** Lines. */
  readonly added: number;
  readonly removed: number;
}

export interface RanCommand {
  /** Without the shell around it. */
  readonly command: string;
  /** Of the last run. Null: still running, interrupted, or not started. */
  readonly exitCode: number | null;
  readonly runs: number;
  /** The last run ran tests. */
  readonly tests?: TestRun | undefined;
}

export interface CheckResult {
  readonly command: string;
  readonly passed: boolean;
  readonly tests?: TestRun | undefined;
}

/** What a run of tests came to. Numbers are absent where its output does not say them. */
export interface TestRun {
  readonly passed?: number | undefined;
  readonly failed?: number | undefined;
  readonly skipped?: number | undefined;
  /** Names of tests that failed, at most 20. */
  readonly failing: readonly string[];
}

/** Where a turn ends, whether it is done or not. */
export interface TurnLimits {
  /** Answers of the model. */
  readonly maxSteps?: number | undefined;
  /** Milliseconds. */
  readonly maxMs?: number | undefined;
  /** Read anew and written. */
  readonly maxTokens?: number | undefined;
}

/** Of which limit a turn ended: answers of the model, time, or tokens. */
export type LimitCode = 'max_steps' | 'max_time' | 'max_tokens';

/** Every turn ends in exactly one of these. `usage` is the session's total. */
export type TurnEnd =
  | {
      readonly type: 'turn_completed';
      readonly turnId: string;
      readonly usage: TokenUsage;
      readonly lastMessage: string | null;
      readonly evidence: Evidence;
      /** Whether the verifying command succeeded. Absent: there was none. */
      readonly isVerified?: boolean;
    }
  | {
      readonly type: 'turn_failed';
      readonly turnId: string;
      readonly message: string;
      readonly evidence: Evidence;
      /** The limit that ended the turn, and the best answer so far. */
      readonly limit?: { readonly code: LimitCode; readonly lastMessage: string | null };
    }
  | { readonly type: 'turn_aborted'; readonly turnId: string };

/**
 * An installed model; what the server does not report is absent. `size`: bytes on disk; `parameterSize`,
 * `quantization`, `family`: the server's words (`8.2B`, `Q4_K_M`, `qwen3`); `capabilities`: `tools`, `thinking`,
 * `vision`, `embedding` …; `contextLength`: the largest window that it was made for; `loadedWindow`: the window that it
 * is loaded with; `profile`: how sessions use it, if that was measured or configured.
 */
export interface ModelInfo {
  readonly name: string;
  readonly size?: number;
  readonly parameterSize?: string;
  readonly quantization?: string;
  readonly family?: string;
  readonly capabilities: readonly string[];
  readonly contextLength?: number;
  /** It runs in the cloud. */
  readonly isRemote: boolean;
  readonly loadedWindow?: number;
  readonly profile?: 'native' | 'led';
}

export type ModelOp =
  /** Answered by `models`. */
  | { readonly type: 'list_models' }
  | { readonly type: 'pull_model'; readonly name: string }
  /** The server keeps what it has; the next pull continues from there. */
  | { readonly type: 'cancel_pull'; readonly name: string };

export type ModelEvent =
  /** `error`: they could not be read. */
  | { readonly type: 'models'; readonly models: readonly ModelInfo[]; readonly error?: string }
  /** During a turn: the model is led from now on. */
  | { readonly type: 'model_led' }
  /** Bytes, of all parts of the model that are known so far. */
  | {
      readonly type: 'pull_progress';
      readonly name: string;
      readonly status: string;
      readonly completed?: number;
      readonly total?: number;
    }
  /** Closes every pull; `error` is absent if the model is there. */
  | { readonly type: 'pull_ended'; readonly name: string; readonly error?: string };
