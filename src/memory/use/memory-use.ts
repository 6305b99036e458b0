/**
 * The memories as a session uses them: what it is told at its start, what is recalled for a message, what a search finds.
 *
 * Invariants: nothing is read before it is asked for, and nothing is written but how often something was used; whatever is wrong
 * with the store, a turn goes on without; what the user has forgotten or switched off is not given any more from that moment on.
 */

import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import recalledFrame from '../../../prompts/memory/recalled.md?raw';
import type { RecalledMemory } from '../../protocol/sessions.ts';
import type { Event } from '../../protocol.ts';
import { estimateTokens } from '../../repo-index/search/pack.ts';
import type { QuestionVector } from '../../repo-index/vectors/embed-models.ts';
import type { Sqlite } from '../../system/sqlite.ts';
import { fill } from '../../text/fill.ts';
import { memorySource } from '../../text/memory-source.ts';
import { smallText } from '../../text/regular-file.ts';
import { isTurnEnd } from '../../text/turn-end.ts';
import { type MemoryFolder, memoryFolder } from '../folder.ts';
import { noteFiles } from '../manage/notes.ts';
import { memoryFile, openMemoryStore } from '../store/open-store.ts';
import { countUses } from '../store/uses.ts';
import { asksAboutPast } from './asks-past.ts';
import type { Meaning } from './meaning.ts';
import { type Memory, memoriesOf, toldLine } from './memories.ts';
import { isOfProject, type Project, projectName } from './project.ts';
import { Ranking } from './rank.ts';
import { openingText } from './summary.ts';

export interface MemoryUseOptions {
  /** oagent's own folder, absolute. */
  readonly home: string;
  readonly project: Project;
  /** Whether the session may use memories now. */
  readonly mayUse: () => boolean;
  /** Milliseconds of the epoch. */
  readonly now: () => number;
}

export interface Recalled {
  readonly memories: readonly RecalledMemory[];
  /** As the model gets it. */
  readonly text: string;
  /** The message asks about the past: before code. */
  readonly isFirst: boolean;
}

interface Said {
  readonly type: string;
  readonly content: string;
}

/** For one message. */
const MOST_RECALLED = 3;
const LEAST_NAME = 3;
const ID_CHARS = 8;
const DATE_CHARS = 10;
/** When a note was made: its date is told anyway. */
const STAMP = /^\d{4}(?:-\d\d){2}T\d\d(?:-\d\d){2}-/;
/** The end of the year 9999. */
const LATEST = Date.UTC(9999, 11, 31);

export class MemoryUse {
  readonly #options: MemoryUseOptions;
  readonly #folder: MemoryFolder;
  #store: Sqlite | undefined;
  #isBroken = false;
  #read: { readonly mark: string; readonly memories: readonly Memory[] } | undefined;
  /** Sessions whose memories were given since uses were counted. */
  #used: string[] = [];

  constructor(options: MemoryUseOptions) {
    this.#options = options;
    this.#folder = memoryFolder(options.home);
  }

  /**
   * What a conversation is told where it begins, and again after a compaction: the same lines, but for those that the
   * summary no longer has.
   */
  opening(): (numCtx: number) => string | undefined {
    let told: readonly string[] | undefined;
    return (numCtx) => {
      if (!this.#options.mayUse()) return undefined;
      const lines = (smallText(this.#folder.summary) ?? '').split('\n');
      told ??= lines;
      const held = new Set(lines);
      const kept = told.filter((line) => held.has(line)).join('\n');
      return openingText(kept, this.#options.project, numCtx);
    };
  }

  /** Reads them, so that the first message need not wait for it. */
  prepare(): void {
    this.#memories();
  }

  /** Of all that may ever be recalled, here or elsewhere; undefined: the session may not use them now. */
  texts(): readonly string[] | undefined {
    if (!this.#options.mayUse()) return undefined;
    return this.#memories().flatMap(({ shown, isTrusted }) => (isTrusted ? [shown] : []));
  }

  /** What a message's vector says; loaded where there is one. */
  async meaningOf(question: QuestionVector): Promise<Meaning> {
    const { Meaning } = await import('./meaning.ts');
    return new Meaning(this.#options.home, question);
  }

  /**
   * What a message is about, without what the history already has; undefined: nothing is.
   *
   * @param meaning of the message; undefined: words alone decide.
   */
  recall(
    message: string,
    budgetTokens: number,
    history: readonly Said[],
    meaning?: Meaning,
  ): Recalled | undefined {
    const visible = this.#visible(message);
    const byWords = new Ranking(visible).about(message).map(({ memory }) => memory);
    const found = meaning?.about(message, byWords, visible) ?? byWords;
    const fresh = found.filter((memory) => !isSaid(memory, history));
    const taken = this.#within(fresh, MOST_RECALLED, budgetTokens);
    if (taken.length === 0) return undefined;
    this.#used.push(...taken.flatMap(({ threads }) => threads));
    return {
      memories: taken.map((memory) => this.#shown(memory)),
      text: this.#textOf(taken),
      isFirst: asksAboutPast(message),
    };
  }

  /** The best that have any of the words, as a model reads them; empty: none. */
  search(query: string, { limit, maxBytes }: { readonly limit: number; readonly maxBytes: number }): string {
    const found = new Ranking(this.#visible(query)).search(query).map(({ memory }) => memory);
    const taken = this.#within(found, limit, estimateTokens(' '.repeat(maxBytes)));
    this.#used.push(...taken.flatMap(({ threads }) => threads));
    return taken.length === 0 ? '' : this.#textOf(taken);
  }

  /** Between turns, what has been used is counted. */
  readonly hear = (event: Pick<Event, 'type'>): void => {
    if (isTurnEnd(event)) setImmediate(() => this.countUses());
  };

  /** Keeps what has been used. Never throws. */
  countUses(): void {
    const threads = this.#used;
    this.#used = [];
    if (threads.length === 0 || this.#store === undefined) return;
    try {
      countUses(this.#store, threads, this.#options.now());
    } catch {
      // The count is a guess at what is worth keeping; the next use is counted.
    }
  }

  close(): void {
    this.countUses();
    this.#store?.close();
    this.#store = undefined;
    this.#isBroken = true;
  }

  /** What may be given for this message: of other projects only what the user prefers, or what the message names. */
  #visible(message: string): Memory[] {
    if (!this.#options.mayUse()) return [];
    const words = new Set(message.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}_.-]*[\p{L}\p{N}]/gu));
    return this.#memories().filter(({ folder, kind, isTrusted }) => {
      if (!isTrusted) return false;
      if (isOfProject(folder, this.#options.project) || kind === 'preference') return true;
      const name = projectName(folder).toLowerCase();
      return name.length >= LEAST_NAME && words.has(name);
    });
  }

  #memories(): readonly Memory[] {
    const mark = this.#mark();
    if (this.#read?.mark === mark) return this.#read.memories;
    let memories: Memory[];
    try {
      memories = memoriesOf(this.#opened(), this.#folder);
    } catch {
      memories = memoriesOf(undefined, this.#folder);
    }
    this.#read = { mark: this.#mark(), memories };
    return memories;
  }

  /** Changes with everything that is read. */
  #mark(): string {
    const { notes } = this.#folder;
    const stats = noteFiles(notes)
      .toSorted()
      .map((name) => {
        const file = statSync(path.join(notes, name), { throwIfNoEntry: false });
        return `${name} ${file?.mtimeMs} ${file?.size}`;
      });
    return [this.#version(), ...stats].join('\n');
  }

  #version(): string {
    try {
      return String(this.#opened()?.sql('PRAGMA data_version').get()?.data_version);
    } catch {
      return 'broken';
    }
  }

  #opened(): Sqlite | undefined {
    if (this.#store !== undefined || this.#isBroken) return this.#store;
    if (!existsSync(memoryFile(this.#options.home))) return undefined;
    try {
      this.#store = openMemoryStore(this.#options.home);
    } catch {
      this.#isBroken = true;
    }
    return this.#store;
  }

  /** Of one source only the best. */
  #within(ranked: readonly Memory[], most: number, budgetTokens: number): Memory[] {
    const taken: Memory[] = [];
    for (const memory of ranked) {
      if (taken.length >= most) break;
      if (taken.some(({ source, shown }) => source === memory.source && shown === memory.shown)) continue;
      if (estimateTokens(this.#textOf([...taken, memory])) <= budgetTokens) taken.push(memory);
    }
    return taken;
  }

  #textOf(memories: readonly Memory[]): string {
    const lines = memories.map((memory) => {
      const { text, thread, note, ...source } = this.#shown(memory);
      const short = { thread: thread?.slice(0, ID_CHARS), note: note?.replace(STAMP, '') };
      return `- ${memorySource({ ...source, ...short })}: ${text}`;
    });
    return fill(recalledFrame, { memories: lines.join('\n') });
  }

  #shown({ shown, dated, threads, note, folder }: Memory): RecalledMemory {
    const isOwn = isOfProject(folder, this.#options.project);
    return {
      text: shown,
      date: day(dated),
      thread: threads.at(-1),
      note: note === undefined ? undefined : toldLine(note),
      project: isOwn ? undefined : toldLine(projectName(folder)),
    };
  }
}

/** What is in the database may have been changed by hand. */
function day(at: number): string {
  return new Date(Math.max(0, Math.min(LATEST, at || 0))).toISOString().slice(0, DATE_CHARS);
}

/** The summary has other quotation marks. */
function isSaid({ shown, text }: Memory, history: readonly Said[]): boolean {
  const forms = [...new Set([shown, text, shown.replaceAll('"', "'")])];
  return history.some(({ content }) => forms.some((form) => content.includes(form)));
}
