/**
 * Which code the conversation shows already.
 *
 * Follows the history: new items are added; after a rollback or a compaction everything is read again, and what the
 * history no longer shows counts as not seen.
 */
import path from 'node:path';
import type { HistoryItem } from '../context/history.ts';
import type { ToolCall } from '../model/chat.ts';
import { Shown } from '../repo-index/search/pack.ts';
import { shownLines } from './shown-lines.ts';

/** Files kept of those that the conversation was about most recently. */
const MOST_NEAR = 10;

export class SeenCode {
  readonly shown = new Shown();
  readonly #cwd: string;
  readonly #root: string;
  readonly #calls = new Map<string, ToolCall>();
  #read: readonly HistoryItem[] = [];
  #near: readonly string[] = [];
  /** Absolute. */
  #contextFiles: readonly string[] = [];

  /** @param cwd of the session. @param root of the index; both without symbolic links. */
  constructor(cwd: string, root: string) {
    this.#cwd = cwd;
    this.#root = root;
  }

  /** Files that the conversation was about most recently, relative to the root; the latest first. */
  get near(): readonly string[] {
    return this.#near;
  }

  /** Files (absolute) whose text is in the opening context: AGENTS.md and the like. */
  setContextFiles(files: readonly string[]): void {
    this.#contextFiles = files;
  }

  /** Reads what is new in the history. */
  async follow(history: readonly HistoryItem[]): Promise<void> {
    if (this.#read.some((item, at) => history[at] !== item)) {
      this.shown.clear();
      this.#calls.clear();
      this.#read = [];
      this.#near = [];
    }
    for (const item of history.slice(this.#read.length)) {
      if (item.type === 'assistant') for (const call of item.calls) this.#calls.set(call.id, call);
      if (item.type === 'user' && item.kind === 'context')
        for (const file of this.#contextFiles) this.shown.add(this.#inRoot(file), item.content.split('\n'));
      for (const run of await shownLines(item, (id) => this.#calls.get(id))) {
        const file = this.#inRoot(path.resolve(this.#cwd, run.path));
        this.shown.add(file, run.lines);
        // A hit of the index does not say what the conversation is about.
        if (run.by === 'model')
          this.#near = [file, ...this.#near.filter((other) => other !== file)].slice(0, MOST_NEAR);
      }
    }
    this.#read = [...history];
  }

  #inRoot(file: string): string {
    return path.relative(this.#root, file).split(path.sep).join('/');
  }
}
