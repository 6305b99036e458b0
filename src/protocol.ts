/**
 * The seam between the agent and every front end: operations in, events out. Read this file first.
 *
 * Invariants: a front end knows nothing else about the agent; every `item_started` is closed by exactly one
 * `item_completed` with the same id, even on error and interrupt; a completed item has all of its content, so deltas
 * may be dropped. No logic, and no imports but the rest of it: `protocol/` has the subjects that need no item.
 */
import type { ChangedFile, Evidence, TestRun } from './protocol/evidence.ts';
import type { ExtensionEvent, ExtensionOp } from './protocol/extensions.ts';
import type { ModelEvent, ModelOp } from './protocol/models.ts';
import type { RequestEvent, TokenUsage } from './protocol/requests.ts';
import type { RewindOp, SessionEvent, SessionOp } from './protocol/sessions.ts';

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

export type ItemStatus = 'in_progress' | 'completed' | 'failed' | 'declined';

export interface PlanStep {
  readonly step: string;
  readonly status: 'pending' | 'in_progress' | 'completed';
}

/** One file of a patch. `path` is absolute; a move is one `update` of its source with `movePath`. */
export interface FileChange {
  readonly path: string;
  readonly kind: ChangedFile['kind'];
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
  | { readonly type: 'turn_started'; readonly turnId: string }
  /** `callId`: of the model's call that it shows. */
  | { readonly type: 'item_started'; readonly item: Item; readonly callId?: string }
  /** Text that was added to an open item: the answer, the thinking, or a command's output. */
  | { readonly type: 'item_delta'; readonly itemId: string; readonly text: string }
  /** An `agent_message` that turns out to be thinking completes as `reasoning`. */
  | { readonly type: 'item_completed'; readonly item: Item; readonly callId?: string }
  /** A step of a sub-agent has begun or ended; the item of the task has all of them in the end. */
  | {
      readonly type: 'task_step';
      readonly itemId: string;
      readonly step: Item;
      /** Read anew and written by it so far. */
      readonly tokens: number;
    }
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
