/**
 * The part of the seam that is about sessions as a whole: which there are, and going on with one.
 *
 * Does not: hold logic.
 */
import type { Item } from '../protocol.ts';

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
