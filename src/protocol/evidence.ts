/** What oagent has seen of the work in a turn, as front ends get it. */

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
  readonly kind: 'add' | 'delete' | 'update';
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
