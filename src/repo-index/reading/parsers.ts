/**
 * One runtime of tree-sitter with a memory of its own, and its parsers, each loaded when the first text of its language is read.
 *
 * Invariants: nothing is loaded twice; a grammar that cannot be loaded counts as absent. The package is not bundled: its own folder
 * holds the grammars. Use it in a worker only: loading takes 30 ms a grammar.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Language, Parser } from '@vscode/tree-sitter-wasm';
import type { Grammar } from './file-kinds.ts';
import { largestFunction } from './largest-function.ts';

type Runtime = typeof import('@vscode/tree-sitter-wasm');

/** Bytes of a function of which V8's second compiler takes little more than its code: the lexers of most languages are below it. */
const MOST_TIERED = 30_000;
/** Together: a module that is loaded without them is compiled at once, by the quick compiler, and not again. */
const TIERING = ['tier-up', 'dynamic-tiering', 'lazy-compilation'];
const PACKAGE = '@vscode/tree-sitter-wasm';
/** Pages of 64 kB that the runtime asks for. */
const FIRST_PAGES = 512;

export class Parsers {
  readonly #memory: WebAssembly.Memory;
  readonly #parsers = new Map<Grammar, Promise<Parser | undefined>>();
  #runtime: Promise<Runtime> | undefined;

  /** @param mostPages the limit of its memory: a parser that needs more throws. */
  constructor(mostPages: number) {
    this.#memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: mostPages });
  }

  /** Undefined if the language cannot be read. Never throws: without the package there are no parsers. */
  of(grammar: Grammar): Promise<Parser | undefined> {
    const loading = this.#parsers.get(grammar) ?? inTurn(() => this.#load(grammar)).catch(() => undefined);
    this.#parsers.set(grammar, loading);
    return loading;
  }

  /** The size of its memory, which never becomes smaller. */
  bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  async #load(grammar: Grammar): Promise<Parser> {
    const require = createRequire(import.meta.url);
    this.#runtime ??= newRuntime(require, this.#memory);
    const { Language, Parser } = await this.#runtime;
    const folder = path.dirname(require.resolve(PACKAGE));
    const parser = new Parser();
    const bytes = readFileSync(path.join(folder, `tree-sitter-${grammar}.wasm`));
    const load = (): Promise<Language> => Language.load(bytes);
    parser.setLanguage(await (largestFunction(bytes) > MOST_TIERED ? withoutTiering(load) : load()));
    return parser;
  }
}

/** Of all that is loaded with the flags of V8, which are those of the whole process. */
let last: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work);
  // Without the result, which holds a runtime.
  last = result.then(ignore, ignore);
  return result;
}

/**
 * V8's second compiler takes up to 700 MB for the lexer of one grammar (PowerShell, Bash, C++), a function of thousands of cases,
 * and does not give all of it back. With the first one's code parsing is a tenth slower; the runtime itself, where most of the time goes,
 * is not concerned.
 */
async function withoutTiering<T>(load: () => Promise<T>): Promise<T> {
  for (const flag of TIERING) setFlagsFromString(`--no-wasm-${flag}`);
  try {
    return await load();
  } finally {
    for (const flag of TIERING) setFlagsFromString(`--wasm-${flag}`);
  }
}

/** A copy that shares nothing with earlier ones: the module keeps its one runtime in its own variables. */
async function newRuntime(require: NodeJS.Require, wasmMemory: WebAssembly.Memory): Promise<Runtime> {
  const runtime: Runtime = require(PACKAGE);
  // At once: it would hold a memory that has been left.
  delete require.cache[require.resolve(PACKAGE)];
  // What the runtime says when it gives up is not for the terminal.
  const options = { wasmMemory, print: ignore, printErr: ignore };
  await runtime.Parser.init(options as unknown as Parameters<typeof runtime.Parser.init>[0]);
  return runtime;
}

function ignore(): void {}
