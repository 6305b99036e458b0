/** Operations and events of stored sessions: the list, going back, what is recalled in them. */

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

export interface ChangeFigures {
  readonly files: number;
  /** Lines. */
  readonly added: number;
  readonly removed: number;
}

/** A message of the user that can be gone back to. The figures are of what the turns from it until the next message have changed. */
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
