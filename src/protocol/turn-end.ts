/**
 * The part of the seam that is about the end of a turn: how it ended, and what was seen of it.
 *
 * Does not: hold logic.
 */
import type { FileChange, TokenUsage } from '../protocol.ts';

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
