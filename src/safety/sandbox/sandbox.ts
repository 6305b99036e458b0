/**
 * The contract of a sandbox: what a command may touch, and how to start it so that it can touch nothing else.
 *
 * Owns: the types and the error. Invariant: whoever holds a `Sandbox` starts a command only through `prepare`, and
 * calls `finish` exactly when the command has ended, however it ended.
 * Does not: start processes, decide what may run, or ask anybody.
 */
import type { SandboxKind } from '../decide.ts';

interface SandboxedCommand {
  /** The program and its arguments; not empty. */
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** It gets a terminal that is oagent's own: Ctrl-C and job control work in it. */
  readonly pty?: boolean;
}

/** What to start instead of the command. */
export interface Prepared {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** To be written to the file descriptors 3, 4 … of the process, which are then closed. */
  readonly extraFds: readonly Buffer[];
  /**
   * To be called after the command: takes away what was put in place for it. Returns what the user and the model
   * should be warned of, one line each. Never rejects; a second call does nothing.
   */
  readonly finish: () => Promise<readonly string[]>;
}

export interface Sandbox {
  /** What enforces the policy; `none` means that nothing does. */
  readonly kind: SandboxKind;
  /** What is weaker than it should be, or why nothing confines, each with its cure. */
  readonly notes: readonly string[];
  /** @throws SandboxError when the command could not be confined as the policy says */
  readonly prepare: (command: SandboxedCommand) => Promise<Prepared>;
  /**
   * Why the commands of a session that were to share one loopback network cannot, with the cure; undefined if they can.
   * Tries it out. Absent where nothing confines.
   */
  readonly loopbackProblem?: () => Promise<string | undefined>;
  /**
   * Gives up what is held for the session: its loopback network, which running commands keep until they end. Commands
   * prepared, but not started, fail; later ones have a network each. Never rejects; a second call does nothing.
   */
  readonly close?: () => Promise<void>;
}

/** A command cannot be confined as it must. The message is for the user and the model: what, why, what to do. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
}
