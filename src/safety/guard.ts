/** What the tools ask before they touch anything, and what they get for an answer. `session-guard.ts` answers. */
import type { ApprovalAnswer, ApprovalRequest } from '../protocol.ts';
import type { Escalation } from './decide.ts';
import type { McpRequest } from './mcp-calls.ts';
import type { Hides } from './reads.ts';
import type { Prepared } from './sandbox/sandbox.ts';

export type Question = Omit<ApprovalRequest, 'id'>;

/** What would leave the sandbox, for the reviewer that a session can have. */
export interface Review {
  /** Rules allow it: it is a question only if the reviewer objects. */
  readonly isAllowed?: boolean;
  /** There is somebody to decide. */
  readonly canAsk: boolean;
}

/** The reviewer's no, where nobody can be asked. */
interface Objection {
  readonly type: 'objection';
  readonly why: string;
}

export type Answered = ApprovalAnswer | Objection;

/** Asks the user; resolves with the one answer. With a `review`, the reviewer is asked first. */
export type Ask = (question: Question, review?: Review) => Promise<Answered>;

/** How to start an allowed command, and what to do after the sandbox blocked it. */
export interface CommandPermit {
  readonly allowed: true;
  /** The workspaces that it may change. Absent: none, because the sandbox or its words say so. */
  readonly writes?: readonly string[] | undefined;
  /** Wraps the command for the sandbox; absent: it runs unwrapped. */
  readonly prepare?: (
    argv: readonly string[],
    cwd: string,
    env: NodeJS.ProcessEnv,
    options?: { readonly pty?: boolean },
  ) => Promise<Prepared>;
  /** To be called when a sandboxed command has ended. If it returns a permit, run the command again under that. */
  readonly afterRun?: (exitCode: number | null, output: string) => Promise<CommandPermit | undefined>;
  /** What else the model must know of how a command ended that was probably denied something. */
  readonly notes?: (exitCode: number, output: string) => readonly string[];
}

export interface Refusal {
  readonly allowed: false;
  /** For the model. */
  readonly message: string;
}

export interface CommandRequest {
  readonly command: string;
  /** Absolute. */
  readonly cwd: string;
  readonly escalation?: Escalation;
  /** It gets a terminal, on which the model can type. */
  readonly terminal?: boolean;
}

export interface WriteRequest {
  /** Absolute. */
  readonly files: readonly string[];
  readonly changes: ApprovalRequest['changes'];
  readonly cwd: string;
}

export interface Guard {
  readonly command: (request: CommandRequest, ask: Ask) => Promise<CommandPermit | Refusal>;
  readonly write: (request: WriteRequest, ask: Ask) => Promise<{ readonly allowed: true } | Refusal>;
  /** A tool of an MCP server; absent: none is called. */
  readonly mcp?: (request: McpRequest, ask: Ask) => Promise<{ readonly allowed: true } | Refusal>;
  /** What must not be read for the model now; absent: nothing. */
  readonly hides?: () => Hides;
  /** Releases what the sandbox holds for the session. Never rejects. */
  readonly close?: () => Promise<void>;
}
