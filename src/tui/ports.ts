/**
 * What the view needs from outside, injected by whoever starts it.
 *
 * Invariants: nothing here blocks; whatever can take longer than a frame is a promise, and a failure is a rejected
 * promise with a message for the user.
 */

import type { WindowUse } from '../protocol/requests.ts';
import type { Event, Op, SessionMode } from '../protocol.ts';
import type { NotifyAbout } from './term/notify.ts';

/** The session, as every front end sees it. */
export interface SessionPort {
  readonly submit: (op: Op) => void;
  /** @returns what unsubscribes. */
  readonly subscribe: (listener: (event: Event) => void) => () => void;
}

export interface Services {
  /** Paths of the session's folder, relative, in batches; the walk ends with the signal. */
  readonly listFiles: (signal: AbortSignal) => AsyncIterable<readonly string[]>;
  /** Files that a text is about, as `listFiles` names them, best first; quick, or empty. Absent: unknown. */
  readonly likelyFiles?: (text: string) => Promise<readonly string[]>;
  /** The index of the repository in lines, or why a file is where it is in it. Absent: there is none. */
  readonly indexReport?: (args: string) => Promise<readonly string[]>;
  /** What fills the window now. Undefined, or absent: there is no model yet. */
  readonly windowUse?: () => Promise<WindowUse | undefined>;
  /** What is remembered of earlier sessions. */
  readonly memories: MemoryServices;
  /** What has changed in the working tree, as a unified diff; empty: nothing. */
  readonly gitDiff: () => Promise<string>;
  /** Branches that the one checked out can be compared with, the usual ones first. */
  readonly gitBranches: () => Promise<readonly string[]>;
  /** The newest first. */
  readonly gitCommits: () => Promise<readonly { readonly hash: string; readonly subject: string }[]>;
  /** Undefined outside of a repository. */
  readonly gitBranch: () => string | undefined;
  /** Lets the user edit a text in their editor; the terminal is theirs meanwhile. */
  readonly openEditor: (text: string) => Promise<string>;
  /** Puts text on the clipboard by a program of the system; false where there is none. */
  readonly copy: (text: string) => Promise<boolean>;
  /** Writes a file and returns its path. */
  readonly exportTo: (markdown: string, file: string | undefined) => Promise<string>;
  readonly isFile: (file: string) => boolean;
  /** The one existing path that looks the same as a path that does not exist, and a line that says so. */
  readonly lookAlike: (file: string) => { readonly path: string; readonly note: string } | undefined;
  /** An image for the model, base64. */
  readonly readImage: (file: string) => Promise<string>;
  /** Prompts of earlier sessions, oldest first. */
  readonly promptHistory: () => Promise<readonly string[]>;
  readonly rememberPrompt: (text: string) => void;
  /** Keeps a choice of the user's for later sessions, in config.toml. @throws Error with a message for the user. */
  readonly saveSetting: (key: 'theme' | 'vim', value: string | boolean) => void;
  /** Prompts that some commands send to the model. */
  readonly prompts: { readonly init: string };
  /** Present in a trial. */
  readonly trial?: TrialServices | undefined;
  /** Makes one: the view is to end then, and the session goes on in it with this message. Rejects if there can be none. */
  readonly beginTrial?: (text: string) => Promise<void>;
}

/** A file that a trial has changed. Its path is foreign. */
export interface TriedFile {
  readonly path: string;
  readonly sign: 'A' | 'M' | 'D';
  readonly added: number;
  readonly removed: number;
  /** What it is besides a text. */
  readonly note?: string | undefined;
  /** Somebody else has changed it meanwhile. */
  readonly isConflict?: boolean | undefined;
}

/** What is seen and decided in a trial. */
export interface TrialServices {
  readonly look: () => Promise<TriedReport>;
  /** All of it, as `gitDiff` has it. */
  readonly diff: () => Promise<string>;
  /** Carried out when the view has ended. `others`: without what somebody else has changed meanwhile. */
  readonly decide: (how: 'keep' | 'others' | 'drop') => void;
}

export interface TriedReport {
  readonly files: readonly TriedFile[];
  /** What cannot be kept, and why. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
  /** Commands in the background, which may write more. */
  readonly running?: number;
}

/** Something that is remembered. All texts may be foreign. */
export interface MemoryEntry {
  /** Unique among those of a report. */
  readonly key: string;
  readonly text: string;
  /** What it is, its date and its folder, in a few words. */
  readonly detail: string;
}

export interface MemoryReport {
  readonly entries: readonly MemoryEntry[];
  /** The folder that can be switched. */
  readonly folder: string;
  readonly isOffHere: boolean;
  /** Why memories are not made or not used in this session, or both; undefined: they are. */
  readonly why: string | undefined;
}

/** The texts are lines for the user. */
export interface MemoryServices {
  readonly report: () => Promise<MemoryReport>;
  readonly remember: (text: string) => Promise<string>;
  /** @param key of an entry of the last report. */
  readonly forget: (key: string) => Promise<string>;
  /** In the folder of the report, and below it. */
  readonly switchFolder: (isOn: boolean) => Promise<string>;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The alternate screen: a page of text has it alone, past Ink, whose own writes are held back meanwhile. */
export interface WholeScreen {
  readonly enter: () => void;
  /** Draws these lines from the top; the rest of the screen is blank. */
  readonly draw: (lines: readonly string[]) => void;
  readonly leave: () => void;
}

/** The terminal, as far as the app asks it for something other than a picture. */
export interface Terminal {
  readonly size: () => Size;
  readonly wholeScreen: WholeScreen;
  /** Calls the user where the settings say so. */
  readonly notify: (about: NotifyAbout, message: string) => void;
  readonly setTitle: (title: string) => void;
  /** In the tab or the taskbar: a share, `busy`, `paused`; undefined: none. Only some terminals show it. */
  readonly setProgress: (progress: number | 'busy' | 'paused' | undefined) => void;
  /** Copies through the terminal itself (OSC 52); false: the text is too long for that. */
  readonly copy: (text: string) => boolean;
  /** Hands the terminal over while `work` runs. */
  readonly suspend: (work: () => Promise<void>) => Promise<void>;
  /** Stops the process as Ctrl+Z does in a shell, until the shell continues it. */
  readonly stopProcess: () => Promise<void>;
  /** Repaints the live region. */
  readonly redraw: () => void;
  /** Moves everything on the screen into the scrollback. */
  readonly clear: () => void;
}

/** What is known when the view starts. */
export interface StartFacts {
  readonly version: string;
  /** Absolute. */
  readonly cwd: string;
  /** The user's home folder. */
  readonly home: string;
  readonly permissions: SessionMode;
  /** The folder that the user should be asked to trust; undefined: no need to ask. */
  readonly trustRoot: string | undefined;
  /** As `process.platform`. */
  readonly platform: string;
  /** OLLAMA_HOST names the server. */
  readonly isHostFromEnv: boolean;
  /** The first message, from the command line. */
  readonly prompt: string | undefined;
}
