/**
 * The seam between the agent and every front end: operations in, events out.
 *
 * Owns: the types and ids that both sides share. Invariants: a front end knows nothing of the agent but
 * these; every `item_started` is closed by exactly one `item_completed` with the same id, also on error and
 * interrupt; a completed item carries its whole content, so deltas may be dropped.
 * Does not: hold logic, import anything.
 */

/** A JSON object as it came over a wire. */
export type JsonObject = { [key: string]: unknown };

/** What a front end asks of one agent. */
export type AgentOp =
  /**
   * Starts a turn, or queues one behind the running turn. `images` are base64; `outputSchema` shapes the last answer;
   * `verify`: a command that is run when the model is done, as the model's own are.
   */
  | {
      readonly type: 'user_turn';
      readonly text: string;
      readonly images?: readonly string[];
      readonly outputSchema?: JsonObject;
      readonly verify?: string;
    }
  /** Goes to the model before its next request of the running turn; without a running turn it starts one. */
  | { readonly type: 'steer'; readonly text: string; readonly images?: readonly string[] }
  /** Takes back what waits; too late or unknown: nothing happens. */
  | { readonly type: 'unqueue'; readonly id: string }
  /** Ends the turn, else the user's own command. What waits is handed back (`unqueued`); `resubmit`: steers start a turn. */
  | { readonly type: 'interrupt'; readonly resubmit?: true }
  /** Answers an `approval_requested`; a second answer, or one to an unknown id, is ignored. */
  | { readonly type: 'approval'; readonly id: string; readonly answer: ApprovalAnswer }
  /** Runs a command of the user's, outside of the sandbox, also beside a turn. The model is told with its next request. */
  | { readonly type: 'user_shell'; readonly command: string }
  /** Between turns: drops the last `userTurns` messages of the user and all that came after the first of them. */
  | { readonly type: 'rollback'; readonly userTurns: number }
  | { readonly type: 'compact' }
  /** Ends all commands that run in the background. */
  | { readonly type: 'stop_background' }
  /** Interrupts what runs, ends what runs in the background, drops what waits, and ends the event stream. */
  | { readonly type: 'shutdown' };

/** What a front end asks of an interactive session: all that an agent does, and what is around it. */
export type Op =
  | AgentOp
  | SessionOp
  | ModelOp
  /** This and the next one between turns only. `effort` as `model_reasoning_effort`; absent: as before. */
  | { readonly type: 'set_model'; readonly model: string; readonly effort?: string }
  | { readonly type: 'set_permissions'; readonly mode: SandboxMode; readonly approval: ApprovalPolicy }
  /** Looks for the server again; answered by `server_state`. */
  | { readonly type: 'connect' }
  /** Ends the conversation and begins another one with the same model. */
  | { readonly type: 'new_session' };

export const SANDBOX_MODES = ['read-only', 'workspace-write', 'danger-full-access'] as const;
export type SandboxMode = (typeof SANDBOX_MODES)[number];

/** When the user is asked. */
export const APPROVAL_POLICIES = ['untrusted', 'on-failure', 'on-request', 'never'] as const;
export type ApprovalPolicy = (typeof APPROVAL_POLICIES)[number];

/** What the user said and the model has not got yet. */
export interface QueueEntry {
  readonly id: string;
  readonly text: string;
  /** `steer`: before the next request; `queue`: a turn of its own, later. */
  readonly kind: 'steer' | 'queue';
}

/** What the user is asked before something leaves the sandbox. */
export interface ApprovalRequest {
  readonly id: string;
  readonly kind: 'command' | 'patch';
  /** For a command. */
  readonly command?: string;
  /** Absolute. */
  readonly cwd: string;
  /** For a patch. */
  readonly changes?: readonly FileChange[];
  /** Why oagent asks. */
  readonly reason: string;
  /** The model's own words, foreign text. */
  readonly justification?: string;
  /** Offered: never ask again for commands that begin with these words. */
  readonly prefix?: readonly string[];
}

export type ApprovalAnswer =
  | { readonly type: 'once' }
  /** For the rest of the session: this exact command in this folder, or these files. */
  | { readonly type: 'session' }
  /** For ever: commands that begin with the request's `prefix`. */
  | { readonly type: 'prefix' }
  /** No; `instead` is what the user wants, told to the model. The turn goes on. */
  | { readonly type: 'no'; readonly instead?: string }
  /** No, and the turn ends. */
  | { readonly type: 'stop' };

/** Why the model has not answered yet, or what it does now. */
export type ModelPhase = 'waiting' | 'loading' | 'reading' | 'thinking' | 'writing' | 'compacting';

/** Tokens as the server counted them. `cached` is 0: Ollama does not report reuse. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Part of `outputTokens`; 0 where the server does not separate it (Ollama does not). */
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
  | { readonly type: 'user_message'; readonly id: string; readonly text: string }
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
      /** stdout and stderr as they came, head and tail of at most 1 MiB. */
      readonly output: string;
      readonly exitCode: number | null;
      readonly durationMs: number;
      readonly status: ItemStatus;
      /** Absent: the model's. */
      readonly source?: 'user';
      /** It still runs, in the background; then it is `completed` without an exit code, and `output` is the first of it. */
      readonly sessionId?: number;
    }
  | {
      readonly type: 'file_change';
      readonly id: string;
      readonly changes: readonly FileChange[];
      /** What the tool answered: the summary, or why nothing was written. */
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
  | {
      readonly type: 'plan';
      readonly id: string;
      readonly steps: readonly PlanStep[];
      readonly explanation?: string;
    };

/** A command that runs in the background. */
export interface RunningSession {
  readonly sessionId: number;
  readonly command: string;
  /** Milliseconds of the epoch. */
  readonly startedAt: number;
}

export type ItemType = Item['type'];

/** What the agent tells every front end, in order. */
export type Event =
  | SessionEvent
  | ModelEvent
  | RequestEvent
  /** At the start, and again when the model has changed. */
  | {
      readonly type: 'session_configured';
      readonly threadId: string;
      readonly model: string;
      readonly host: string;
      readonly numCtx: number;
      readonly cwd: string;
      /** The model chooses among steps that are put to it. */
      readonly isLed?: true;
    }
  | { readonly type: 'turn_started'; readonly turnId: string }
  | { readonly type: 'item_started'; readonly item: Item }
  /** Text that was added to an open item: the answer, the thinking, or a command's output. */
  | { readonly type: 'item_delta'; readonly itemId: string; readonly text: string }
  | { readonly type: 'item_completed'; readonly item: Item }
  /** A call that was refused before it began, so that it has no item: unknown tool, bad arguments, bad patch, policy. */
  | { readonly type: 'call_rejected'; readonly tool: string; readonly message: string }
  /** What the model said was not what it should have been, and was put right. */
  | { readonly type: 'repaired'; readonly message: string }
  /** The turn waits for an `approval`. Closed by exactly one `approval_resolved` with the same id, also on interrupt. */
  | { readonly type: 'approval_requested'; readonly request: ApprovalRequest }
  | { readonly type: 'approval_resolved'; readonly id: string; readonly answer: ApprovalAnswer }
  | { readonly type: 'warning'; readonly message: string }
  /** All that waits, whenever that has changed. */
  | { readonly type: 'queue_changed'; readonly entries: readonly QueueEntry[] }
  /** An entry was taken back, or a turn ended before it came to it: the user's again. */
  | {
      readonly type: 'unqueued';
      readonly id: string;
      readonly text: string;
      readonly images?: readonly string[];
    }
  /** `sandbox` is the mode in one line with the folders that may be written. */
  | {
      readonly type: 'permissions_changed';
      readonly mode: SandboxMode;
      readonly approval: ApprovalPolicy;
      readonly sandbox: string;
    }
  /** `text` is that of the first message that was dropped. */
  | { readonly type: 'rolled_back'; readonly userTurns: number; readonly text: string }
  /** `down`: nobody answers; `no_model`: the server has no model that can be used. `message` says what to do. */
  | {
      readonly type: 'server_state';
      readonly state: 'connecting' | 'ready' | 'down' | 'no_model';
      readonly host: string;
      readonly message?: string;
    }
  /** The conversation was summarised: tokens of the prompt before, as measured, and after, as estimated. */
  | { readonly type: 'compacted'; readonly before: number; readonly after: number }
  /** Which commands run in the background, whenever that has changed; also between turns. */
  | { readonly type: 'background_changed'; readonly running: readonly RunningSession[] }
  | TurnEnd;

/** What a front end asks of an interactive session about others. Between turns only, but for the list and the name. */
export type SessionOp =
  /** Answered by `sessions`. */
  | { readonly type: 'list_sessions' }
  /** Ends this conversation and goes on with another one; an id or a name. */
  | { readonly type: 'resume_session'; readonly session: string }
  /** Goes on with a copy; absent: of this conversation. */
  | { readonly type: 'fork_session'; readonly session?: string }
  /** Empty: no name any more. */
  | { readonly type: 'rename_session'; readonly name: string };

/** A session that can be gone on with. */
export interface SessionEntry {
  readonly id: string;
  /** As the user called it. */
  readonly name?: string;
  readonly firstPrompt: string;
  /** When it was last used, milliseconds since 1970. */
  readonly usedAt: number;
  /** Absolute. */
  readonly cwd: string;
  readonly branch?: string;
}

export type SessionEvent =
  /** The one used last first. `error`: they could not be read. */
  | {
      readonly type: 'sessions';
      readonly sessions: readonly SessionEntry[];
      readonly error?: string;
    }
  /**
   * An earlier conversation is gone on with. `items` are the newest that were shown, oldest first; they are over, so
   * that nothing but showing them is to be done. `itemsBefore`: how many there are before them.
   */
  | {
      readonly type: 'session_resumed';
      readonly threadId: string;
      readonly name?: string;
      readonly forkedFrom?: string;
      readonly items: readonly Item[];
      readonly itemsBefore: number;
      /** They are on the screen already: it is a copy of what was open. */
      readonly isShown?: boolean;
    }
  | { readonly type: 'session_renamed'; readonly name: string }
  /** Code that was put behind the user's message; lines from 1 on, both ends included. */
  | {
      readonly type: 'retrieved';
      readonly places: readonly { readonly path: string; readonly start: number; readonly end: number }[];
    }
  /** What is in the index of the repository, and what of it is still to be made; whenever that has changed. */
  | { readonly type: 'index_status'; readonly lines: readonly string[] };

export type RequestEvent =
  /**
   * `detail`: what an answer that is not shown is for (`writing calc.py`), also while it is waited for; of `loading`, the
   * model. `newTokens`: an estimate of what the server must read; `remainingMs`: of how long that takes from
   * now on.
   */
  | {
      readonly type: 'model_phase';
      readonly phase: ModelPhase;
      readonly detail?: string;
      readonly newTokens?: number;
      readonly remainingMs?: number;
    }
  /** The sum over the session, and what the last request used of the window. */
  | {
      readonly type: 'token_count';
      readonly total: TokenUsage;
      readonly last: TokenUsage;
      readonly numCtx: number;
      /** False: `last` is what the server measured. */
      readonly estimated: boolean;
      /** The speed of the last answer, if the server tells. */
      readonly tokensPerSecond?: number;
    }
  /** A request failed and is tried again; `isModelFault`: it was answered, but with nothing that is of use. */
  | {
      readonly type: 'retry';
      readonly attempt: number;
      readonly max: number;
      readonly reason: string;
      readonly isModelFault?: true;
    };

/** What oagent saw of a turn, whatever the model says of it. */
export interface Evidence {
  /** Changed by patches, each file once; what a command writes is not seen. Paths are absolute. */
  readonly files: readonly ChangedFile[];
  /** What the model ran, the one that ran last at the end. */
  readonly commands: readonly RanCommand[];
  /** The last state of each command that tests, builds or lints, if its exit code tells. In the same order. */
  readonly checks: readonly CheckResult[];
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
  /** Of the last run. Null: it still runs, was interrupted, or did not start. */
  readonly exitCode: number | null;
  readonly runs: number;
}

export interface CheckResult {
  readonly command: string;
  readonly passed: boolean;
}

/** Every turn ends in exactly one of these. `usage` is the session's total. */
export type TurnEnd =
  | {
      readonly type: 'turn_completed';
      readonly turnId: string;
      readonly usage: TokenUsage;
      readonly lastMessage: string | null;
      readonly evidence: Evidence;
      /** Whether the command to verify it succeeded. Absent: there was none. */
      readonly isVerified?: boolean;
    }
  | {
      readonly type: 'turn_failed';
      readonly turnId: string;
      readonly message: string;
      readonly evidence: Evidence;
    }
  | { readonly type: 'turn_aborted'; readonly turnId: string };

/**
 * An installed model; what the server does not tell is absent. `size`: bytes on disk; `parameterSize`, `quantization`,
 * `family`: the server's words (`8.2B`, `Q4_K_M`, `qwen3`); `capabilities`: `tools`, `thinking`, `vision`, `embedding` …;
 * `contextLength`: the largest window it was made for, `loadedWindow`: the one it is in memory with; `profile`: how a
 * session has it work, if that was measured or configured.
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
  /** What was loaded is kept by the server; the next pull goes on from there. */
  | { readonly type: 'cancel_pull'; readonly name: string };

export type ModelEvent =
  /** `error`: they could not be read. */
  | { readonly type: 'models'; readonly models: readonly ModelInfo[]; readonly error?: string }
  /** In the middle of a turn: the model is led from now on. */
  | { readonly type: 'model_led' }
  /** Bytes, over all parts of the model that have been seen so far. */
  | {
      readonly type: 'pull_progress';
      readonly name: string;
      readonly status: string;
      readonly completed?: number;
      readonly total?: number;
    }
  /** Closes every pull; `error` is absent if the model is there. */
  | { readonly type: 'pull_ended'; readonly name: string; readonly error?: string };
