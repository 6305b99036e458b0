/**
 * The contract of a sandbox: how to start a command so that it can touch only what it may. The owner of a `Sandbox`
 * starts commands only through `prepare`, and calls `finish` when the command has ended, however it ended.
 */
import type { SandboxKind } from '../decide.ts';

interface SandboxedCommand {
  /** The program and its arguments; not empty. */
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** It gets a terminal created by oagent: Ctrl-C and job control work in it. */
  readonly pty?: boolean;
  /** A protected `.git` below a workspace that it may write. Real, absolute. */
  readonly opens?: string;
}

/** What to start instead of the command. */
export interface Prepared {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** To be written to file descriptors 3, 4 … of the process, which are then closed. */
  readonly extraFds: readonly Buffer[];
  /**
   * What went wrong if, judging by its stderr before the command could write to it, the command was never started: a file that was to be
   * mounted has vanished meanwhile. Prepared anew it may work.
   */
  readonly setupProblem?: (stderr: string) => string | undefined;
  /**
   * To be called after the command: removes what was set up for it. Returns warnings for the user and the model, one
   * line each. Never rejects; a second call does nothing.
   */
  readonly finish: () => Promise<readonly string[]>;
}

export interface Sandbox {
  /** What enforces the policy; `none` means that nothing does. */
  readonly kind: SandboxKind;
  /** What is weaker than it should be, or why there is no sandbox, each with how to fix it. */
  readonly notes: readonly string[];
  /** @throws SandboxError when the command could not be confined as the policy says */
  readonly prepare: (command: SandboxedCommand) => Promise<Prepared>;
  /**
   * Why the commands of a session cannot share one loopback network, and how to fix it; undefined if they can, or were
   * not meant to. Tries it out. Absent without a sandbox.
   */
  readonly loopbackProblem?: () => Promise<string | undefined>;
  /**
   * Releases the loopback network of the session, which running commands keep until they end. Commands prepared but not
   * started fail; later ones get a network each. Never rejects; a second call does nothing.
   */
  readonly close?: () => Promise<void>;
}

/** A command cannot be confined as required. The message is for the user and the model: what, why, what to do. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
}
