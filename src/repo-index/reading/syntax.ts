/**
 * Parsers of tree-sitter, loaded when the first file of a language is read.
 *
 * Invariants: nothing is loaded twice; a grammar that cannot be loaded counts as absent; trees are freed by the caller that asked
 * for them. The package is not bundled: its own folder holds the grammars. Use it in a worker only: loading takes 30 ms a grammar.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Parser, Tree } from '@vscode/tree-sitter-wasm';
import type { Grammar } from './file-kinds.ts';

const PACKAGE = '@vscode/tree-sitter-wasm';
/** Text beyond this (characters) is not parsed: one file would hold up the worker. */
const MOST_PARSED = 400_000;

export class Syntax {
  #runtime: Promise<typeof import('@vscode/tree-sitter-wasm')> | undefined;
  readonly #parsers = new Map<Grammar, Promise<Parser | undefined>>();

  /** The tree of a text, to be freed with `delete()`; undefined if the language cannot be read, or the text is too long. */
  async parse(text: string, grammar: Grammar): Promise<Tree | undefined> {
    if (text.length > MOST_PARSED) return undefined;
    const loading = this.#parsers.get(grammar) ?? this.#load(grammar);
    this.#parsers.set(grammar, loading);
    return (await loading)?.parse(text) ?? undefined;
  }

  /** Never throws: without the package there are no parsers. */
  async #load(grammar: Grammar): Promise<Parser | undefined> {
    try {
      const require = createRequire(import.meta.url);
      this.#runtime ??= loadRuntime(require);
      const { Language, Parser } = await this.#runtime;
      const folder = path.dirname(require.resolve(PACKAGE));
      const parser = new Parser();
      parser.setLanguage(await Language.load(readFileSync(path.join(folder, `tree-sitter-${grammar}.wasm`))));
      return parser;
    } catch {
      return undefined;
    }
  }
}

async function loadRuntime(require: NodeJS.Require): Promise<typeof import('@vscode/tree-sitter-wasm')> {
  const loaded: typeof import('@vscode/tree-sitter-wasm') = require(PACKAGE);
  await loaded.Parser.init();
  return loaded;
}
