/**
 * Parsers of tree-sitter, loaded when the first file of a language is read.
 *
 * Owns: the WebAssembly runtime and its grammars. Invariants: nothing is loaded twice; a grammar that cannot be
 * loaded counts as absent; trees are freed by whoever asked for them. Does not: know what a chunk is.
 *
 * The package is not bundled: its own folder holds the grammars. Use in a worker only: loading takes 30 ms a grammar.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Parser, Tree } from '@vscode/tree-sitter-wasm';
import type { Grammar } from './file-kinds.ts';

const PACKAGE = '@vscode/tree-sitter-wasm';
/** Text beyond this (characters) is not parsed: one file would hold up the worker. */
const MOST_PARSED = 400_000;

export interface Syntax {
  /** The tree of a text, to be freed with `delete()`; undefined if the language cannot be read, or the text is too long. */
  readonly parse: (text: string, grammar: Grammar) => Promise<Tree | undefined>;
}

/** @throws never: without the package every answer is undefined. */
export function createSyntax(): Syntax {
  let runtime: Promise<typeof import('@vscode/tree-sitter-wasm')> | undefined;
  const parsers = new Map<Grammar, Promise<Parser | undefined>>();
  const load = async (grammar: Grammar): Promise<Parser | undefined> => {
    try {
      const require = createRequire(import.meta.url);
      runtime ??= (async () => {
        const loaded: typeof import('@vscode/tree-sitter-wasm') = require(PACKAGE);
        await loaded.Parser.init();
        return loaded;
      })();
      const { Language, Parser } = await runtime;
      const folder = path.dirname(require.resolve(PACKAGE));
      const parser = new Parser();
      parser.setLanguage(await Language.load(readFileSync(path.join(folder, `tree-sitter-${grammar}.wasm`))));
      return parser;
    } catch {
      return undefined;
    }
  };
  return {
    async parse(text, grammar) {
      if (text.length > MOST_PARSED) return undefined;
      const loading = parsers.get(grammar) ?? load(grammar);
      parsers.set(grammar, loading);
      return (await loading)?.parse(text) ?? undefined;
    },
  };
}
