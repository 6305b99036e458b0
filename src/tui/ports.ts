/**
 * What the view needs of the world, injected by whoever starts it.
 *
 * Invariants: nothing here blocks; what can take longer than a frame is a promise; a failure is a rejected promise with
 * a message for the user. Does not: implement anything.
 */
import type { ApprovalPolicy, Event, Op, SandboxMode } from '../protocol.ts';

/** The session, as every front end sees it. */
export interface SessionPort {
  readonly submit: (op: Op) => void;
  /** @returns what ends it. */
  readonly subscribe: (listener: (event: Event) => void) => () => void;
}

export interface Services {
  /** Paths of the session's folder, relative, in batches; the walk ends with the signal. */
  readonly listFiles: (signal: AbortSignal) => AsyncIterable<readonly string[]>;
  /** Files that a text is about, as `listFiles` names them, best first; quick, or empty. Absent: nobody knows. */
  readonly likelyFiles?: (text: string) => Promise<readonly string[]>;
  /** What has changed in the working tree, as a unified diff; empty: nothing. */
  readonly gitDiff: () => Promise<string>;
  /** Undefined outside of a repository. */
  readonly gitBranch: () => string | undefined;
  /** Lets the user edit a text in their editor; the terminal is theirs meanwhile. */
  readonly openEditor: (text: string) => Promise<string>;
  /** Puts text on the clipboard by a program of the system; false where there is none. */
  readonly copy: (text: string) => Promise<boolean>;
  /** Writes a file and returns its path. */
  readonly exportTo: (markdown: string, file: string | undefined) => Promise<string>;
  readonly isFile: (file: string) => boolean;
  /** An image for the model, base64. */
  readonly readImage: (file: string) => Promise<string>;
  /** What the user asked in earlier sessions, oldest first. */
  readonly promptHistory: () => Promise<readonly string[]>;
  readonly rememberPrompt: (text: string) => void;
  /** Texts that some commands send to the model. */
  readonly prompts: { readonly init: string; readonly review: (args: string) => string };
}

/** What is known when the view starts. */
export interface StartFacts {
  readonly version: string;
  /** Absolute. */
  readonly cwd: string;
  /** The user's home folder. */
  readonly home: string;
  readonly permissions: { readonly mode: SandboxMode; readonly approval: ApprovalPolicy };
  /** The folder that the user should be asked to trust; undefined: nothing is to be asked. */
  readonly trustRoot: string | undefined;
  /** As `process.platform`. */
  readonly platform: string;
  /** OLLAMA_HOST names the server. */
  readonly isHostFromEnv: boolean;
  /** The first message, from the command line. */
  readonly prompt: string | undefined;
}
