/**
 * What a file's name says about how to read its lines. An unknown name gets the rules that most languages share.
 */
import { isProse } from '../../../repo-index/reading/file-kinds.ts';

export interface Syntax {
  /** `sections`: headings divide it; `data`: braces around everything; `plain`: nothing divides it. */
  readonly form: 'code' | 'css' | 'json' | 'yaml' | 'sections' | 'prose' | 'plain';
  /** Blocks open with a brace, perhaps on a line after their first. */
  readonly hasBraces: boolean;
  readonly isPython: boolean;
  /** `#if` and its like, and labels at the start of a line. */
  readonly hasPreprocessor: boolean;
  /** Strings and comments that can span lines; their contents say nothing about structure. */
  readonly backticks: boolean;
  /** A backslash in them is a backslash. */
  readonly rawBackticks: boolean;
  readonly tripleQuotes: boolean;
  readonly slashComments: boolean;
  readonly hashComments: boolean;
  readonly heredocs: boolean;
}

const names = (list: string): ReadonlySet<string> => new Set(list.split(' '));
const SCRIPT = names('js jsx mjs cjs ts tsx mts cts vue svelte');
const PREPROCESSED = names('c h cc hh cpp hpp cxx hxx m mm ino cu cs');
const OTHER_BRACES = names('java go rs swift kt kts scala php dart groovy gradle zig proto d sol');
const CSS = names('css scss less');
const JSON_LIKE = names('json jsonc json5 geojson webmanifest');
const SECTIONS = names('toml ini cfg conf properties editorconfig gitconfig service desktop lock');
const PLAIN = names('txt text log csv tsv diff patch');
const PLAIN_NAME = /^(?:licen[cs]e|copying|notice|authors|contributors)$/;
const SHELL = names('sh bash zsh ksh bats rb pl');

export function syntaxOf(file: string): Syntax {
  const name = file.slice(file.lastIndexOf('/') + 1).toLowerCase();
  const extension = name.slice(name.lastIndexOf('.') + 1);
  const isC = PREPROCESSED.has(extension);
  const hasBraces = isC || SCRIPT.has(extension) || OTHER_BRACES.has(extension);
  const form = formOf(file, name, extension);
  return {
    form,
    hasBraces,
    isPython: /^py[ix]?$/.test(extension),
    hasPreprocessor: isC,
    backticks: SCRIPT.has(extension) || extension === 'go',
    rawBackticks: extension === 'go',
    tripleQuotes: (form === 'code' || form === 'sections') && !isC && !SCRIPT.has(extension),
    slashComments: hasBraces || form === 'css' || form === 'json' || extension === 'sql',
    hashComments: !hasBraces && form !== 'css' && form !== 'json',
    heredocs: SHELL.has(extension) || name === 'dockerfile',
  };
}

function formOf(file: string, name: string, extension: string): Syntax['form'] {
  if (PLAIN.has(extension) || PLAIN_NAME.test(name)) return 'plain';
  if (isProse(file)) return 'prose';
  if (CSS.has(extension)) return 'css';
  if (JSON_LIKE.has(extension)) return 'json';
  if (/^ya?ml$/.test(extension)) return 'yaml';
  return SECTIONS.has(extension) ? 'sections' : 'code';
}
