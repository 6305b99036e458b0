/**
 * Reads texts with tree-sitter, whatever is in them.
 *
 * The memory of WebAssembly only grows, a text can be made that takes gigabytes, hours, or the parser's stack, and of what has failed
 * nobody knows the state. Invariants: the memory has a limit; a runtime that has grown, or has failed, is collected before
 * another one is loaded; what a text gives depends on that text alone; no tree outlives its reader, and none throws.
 */
import type { Parser, Tree } from '@vscode/tree-sitter-wasm';
import { collectGarbage } from './collect-garbage.ts';
import type { Grammar } from './file-kinds.ts';
import { Parsers } from './parsers.ts';

/** Text beyond this (characters) is not parsed: one file would hold up the worker. */
const MOST_PARSED = 400_000;
/** Ordinary source of that size takes less than half a second, and recovering from its errors at every word takes hours. */
const MOST_MS = 5_000;
/** Bytes of the runtime's memory that stay after a text; it begins with 32 MB, in which all grammars and ordinary source find room. */
const MOST_KEPT = 48 * 2 ** 20;
/** The limit of the runtime's memory, in pages of 64 kB. */
const MOST_PAGES = 1_280;

export interface SyntaxLimits {
  /** At least 512. */
  readonly mostPages?: number;
  readonly mostMs?: number;
}

export class Syntax {
  readonly #mostPages: number;
  readonly #mostMs: number;
  #parsers: Parsers | undefined;
  /** A runtime was left, and holds its memory. */
  #isOneLeft = false;

  constructor({ mostPages = MOST_PAGES, mostMs = MOST_MS }: SyntaxLimits = {}) {
    this.#mostPages = mostPages;
    this.#mostMs = mostMs;
  }

  /** What the reader makes of the tree of a text; undefined if the text cannot be read. */
  async read<T>(text: string, grammar: Grammar, reader: (tree: Tree) => T): Promise<T | undefined> {
    if (text.length > MOST_PARSED) return undefined;
    const isFresh = this.#parsers === undefined;
    const attempt = (): Promise<{ readonly result: T | undefined } | undefined> =>
      this.#read(text, grammar, reader).then((result) => ({ result }), failed);
    const first = await attempt();
    // Perhaps there was no room for it beside what others have left.
    return first === undefined && !isFresh ? (await attempt())?.result : first?.result;
  }

  async #read<T>(text: string, grammar: Grammar, reader: (tree: Tree) => T): Promise<T | undefined> {
    const parsers = this.#current();
    const parser = await parsers.of(grammar);
    // Another text has ended this runtime meanwhile.
    if (parsers !== this.#parsers) return this.#read(text, grammar, reader);
    if (parser === undefined) return undefined;
    let isKept = false;
    try {
      const result = readWith(parser, text, this.#mostMs, reader);
      isKept = parsers.bytes() <= MOST_KEPT;
      return result;
    } finally {
      if (!isKept) this.#leave(parsers);
    }
  }

  #current(): Parsers {
    this.#collect();
    this.#parsers ??= new Parsers(this.#mostPages);
    return this.#parsers;
  }

  #leave(parsers: Parsers): void {
    if (parsers !== this.#parsers) return;
    this.#parsers = undefined;
    this.#isOneLeft = true;
    // Not now: its user has not returned.
    setImmediate(() => this.#collect());
  }

  #collect(): void {
    if (this.#isOneLeft) collectGarbage();
    this.#isOneLeft = false;
  }
}

/** The error is dropped before the next attempt: it holds the runtime that it comes from. */
const failed = (): undefined => undefined;

function readWith<T>(parser: Parser, text: string, mostMs: number, reader: (tree: Tree) => T): T | undefined {
  const end = performance.now() + mostMs;
  const tree = parser.parse(text, null, { progressCallback: () => performance.now() > end });
  if (tree === null) {
    // Or it would go on with this text.
    parser.reset();
    return undefined;
  }
  try {
    return reader(tree);
  } finally {
    tree.delete();
  }
}
