/**
 * The entries of a queue, one after the other: each time the first one that is neither done nor was asked in this run.
 *
 * An entry is known by its text. Of equal ones as many are left as have not been done or asked yet. A file is read again
 * for every entry, so lines may be added, changed, moved and removed while it is worked on.
 */
import { setTimeout } from 'node:timers/promises';
import type { AskedPrompt } from '../../../rollout/asked-prompts.ts';
import { UsageError } from '../../../session/session-error.ts';
import { unlessAborted } from '../../../system/within.ts';
import { typedCommand } from '../../../text/typed-command.ts';
import { linesOf, type QueueEntry, type QueueLine, QueueLines, type QueueProblem } from './queue-lines.ts';
import type { QueueInput } from './queue-place.ts';

export interface QueuePlace {
  readonly entry: QueueEntry;
  /** Which one it is, from 1. */
  readonly at: number;
  /** How many there are; undefined: that is not known before the end. */
  readonly of: number | undefined;
}

export interface QueueSource {
  /** Undefined: nothing is left. @throws UsageError for a line that is no entry */
  next(signal: AbortSignal): Promise<QueuePlace | undefined>;
  /** As far as they are known. */
  readonly entries: readonly QueueEntry[];
  /** Of the entries, those that earlier runs have done. */
  readonly doneBefore: readonly QueueEntry[];
}

/** @param asked what the session was asked before. @throws UsageError */
export async function openSource(
  name: string,
  input: QueueInput,
  asked: readonly AskedPrompt[],
  signal: AbortSignal,
): Promise<QueueSource> {
  const refuse: Refuse = ({ line, problem }) => {
    throw new UsageError(`--queue ${name}: line ${line}: ${problem}`);
  };
  if (input.kind === 'file') {
    const read = (): QueueEntry[] =>
      linesOf(input.read()).map((line) => ('text' in line ? line : refuse(line)));
    return new FileSource(read, asked);
  }
  const source = new StreamSource(input.chunks[Symbol.asyncIterator](), refuse);
  // Which of the messages of the session belong to an entry is only known when all entries are.
  if (input.isWhole || asked.length > 0) await source.readAll(asked, signal);
  return source;
}

type Refuse = (line: QueueProblem) => never;

/** A line without its end that was written just now may be half of one. */
const SETTLED_MS = 300;

class FileSource implements QueueSource {
  readonly #read: () => QueueEntry[];
  readonly #asked: readonly AskedPrompt[];
  readonly #begun: QueueEntry[] = [];
  entries: readonly QueueEntry[] = [];
  doneBefore: readonly QueueEntry[] = [];

  constructor(read: () => QueueEntry[], asked: readonly AskedPrompt[]) {
    this.#read = read;
    this.#asked = asked;
    this.#look();
  }

  async next(signal: AbortSignal): Promise<QueuePlace | undefined> {
    let entry = this.#look();
    while (entry?.isOpen) {
      const { text } = entry;
      await setTimeout(SETTLED_MS, undefined, { signal });
      entry = this.#look();
      if (entry?.text === text) break;
    }
    if (entry === undefined) return undefined;
    this.#begun.push(entry);
    return { entry, at: this.entries.indexOf(entry) + 1, of: this.entries.length };
  }

  #look(): QueueEntry | undefined {
    this.entries = this.#read();
    const { done, left } = divided(this.entries, doneOf(this.#asked, this.entries));
    this.doneBefore = done;
    return divided(left, this.#begun.map(keyOf)).left[0];
  }
}

class StreamSource implements QueueSource {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #refuse: Refuse;
  readonly #lines = new QueueLines();
  readonly #found: QueueLine[] = [];
  #taken = 0;
  #isOver = false;
  doneBefore: readonly QueueEntry[] = [];

  constructor(chunks: AsyncIterator<Buffer>, refuse: Refuse) {
    this.#chunks = chunks;
    this.#refuse = refuse;
  }

  get entries(): readonly QueueEntry[] {
    return this.#found.filter((line) => 'text' in line);
  }

  async readAll(asked: readonly AskedPrompt[], signal: AbortSignal): Promise<void> {
    while (!this.#isOver) await this.#more(signal);
    const entries = this.#found.map((line) => ('text' in line ? line : this.#refuse(line)));
    this.doneBefore = divided(entries, doneOf(asked, entries)).done;
  }

  async next(signal: AbortSignal): Promise<QueuePlace | undefined> {
    for (;;) {
      while (this.#taken === this.#found.length && !this.#isOver) await this.#more(signal);
      const line = this.#found[this.#taken];
      if (line === undefined) return undefined;
      this.#taken += 1;
      if (!('text' in line)) return this.#refuse(line);
      if (this.doneBefore.includes(line)) continue;
      const { entries } = this;
      return { entry: line, at: entries.indexOf(line) + 1, of: this.#isOver ? entries.length : undefined };
    }
  }

  async #more(signal: AbortSignal): Promise<void> {
    const { done, value } = await unlessAborted(this.#chunks.next(), signal);
    if (done !== true) this.#found.push(...this.#lines.add(Buffer.from(value)));
    this.#isOver = done === true || this.#lines.isTooLong;
    if (this.#isOver) this.#found.push(...this.#lines.end());
  }
}

/** @param keys of what was asked already: each stands for one entry. */
function divided(
  entries: readonly QueueEntry[],
  keys: readonly string[],
): { readonly done: readonly QueueEntry[]; readonly left: readonly QueueEntry[] } {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const [done, left]: [QueueEntry[], QueueEntry[]] = [[], []];
  for (const entry of entries) {
    const count = counts.get(keyOf(entry)) ?? 0;
    counts.set(keyOf(entry), count - 1);
    (count > 0 ? done : left).push(entry);
  }
  return { done, left };
}

/** The keys of what was done. The messages up to the next entry belong to the one before: rounds of `--until`, or what was typed. */
function doneOf(asked: readonly AskedPrompt[], entries: readonly QueueEntry[]): readonly string[] {
  const known = new Set(entries.map(keyOf));
  const groups: { readonly key: string; isDone: boolean }[] = [];
  for (const { text, isDone } of asked) {
    const key = keyOf({ text });
    const last = groups.at(-1);
    if (known.has(key)) groups.push({ key, isDone });
    else if (last !== undefined) last.isDone = isDone;
  }
  return groups.filter(({ isDone }) => isDone).map(({ key }) => key);
}

/** The session has commands with their names in small letters. */
function keyOf({ text }: Pick<QueueEntry, 'text'>): string {
  const typed = typedCommand(text);
  return typed === undefined ? text : `/${typed.name.toLowerCase()} ${typed.args}`.trim();
}
