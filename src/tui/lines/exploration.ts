/**
 * What a call looks at in the repository: which files it reads, what it searches for, which folders it lists.
 *
 * Invariant: a call is an exploration only if everything it does is known to be one. This is for display; what may
 * run is decided elsewhere.
 */
import type { Item } from '../../protocol.ts';
import { innerCommand } from '../../text/shell-word.ts';
import { pipelinesOf } from './shell-text.ts';

export interface Exploration {
  readonly verb: 'Read' | 'Search' | 'List';
  /** Foreign text, as it was given: files, `PATTERN in PATH`, folders. */
  readonly what: readonly string[];
}

/** What an item looks at; undefined if it does anything else, or is the user's own command. */
export function explorationOf(item: Item): readonly Exploration[] | undefined {
  if (item.type === 'command_execution') {
    return item.source === 'user' ? undefined : commandExplorations(innerCommand(item.command));
  }
  if (item.type !== 'tool_call') return undefined;
  const argument = (name: string): string => {
    const value = item.arguments[name];
    return typeof value === 'string' ? value : '';
  };
  if (item.tool === 'read_file' || item.tool === 'view_image')
    return [{ verb: 'Read', what: [argument('path')] }];
  if (item.tool !== 'ripgrep') return undefined;
  return [search(argument('pattern'), [argument('path'), argument('glob')])];
}

const FORMATTERS: ReadonlySet<string> = new Set([
  ...['cat', 'column', 'cut', 'fmt', 'grep', 'head', 'less', 'nl', 'rg', 'sort', 'tail', 'tr', 'uniq', 'wc'],
]);
/** Flags whose value is the next word: of search commands, of commands that show parts of files. */
const SEARCH_VALUED =
  /^(?:-[mABCegtTdj]|--(?:max-count|glob|iglob|type|context|max-depth|regexp|include|exclude|extension))$/;
const READ_VALUED = /^(?:-[ncL]|--(?:lines|bytes|level))$/;

function commandExplorations(script: string): readonly Exploration[] | undefined {
  const explorations: Exploration[] = [];
  for (const [first = [], ...others] of pipelinesOf(script) ?? [[['?']]]) {
    if (first[0] === 'cd') continue;
    const exploration = commandExploration(first);
    if (exploration === undefined || !others.every(([name = '']) => FORMATTERS.has(name))) return undefined;
    explorations.push(exploration);
  }
  return explorations.length === 0 ? undefined : explorations;
}

function commandExploration([name = '', ...args]: readonly string[]): Exploration | undefined {
  switch (name) {
    case 'cat':
    case 'nl':
    case 'head':
    case 'tail':
    case 'less':
    case 'bat':
    case 'wc':
      return read(operands(args, READ_VALUED));
    case 'sed': {
      const [, ...files] = operands(args.slice(1));
      const isPrint = args[0] === '-n' && /^[\d,$]+p$/.test(args[1] ?? '');
      return isPrint && args.length > 2 ? read(files) : undefined;
    }
    case 'ls':
    case 'tree':
      return { verb: 'List', what: orHere(operands(args, READ_VALUED)) };
    case 'find':
      return findExploration(args);
    case 'fd': {
      const [pattern = '', ...folders] = operands(args);
      return args.some((arg) => /^-[xX]|^--exec/.test(arg)) ? undefined : search(pattern, folders);
    }
    case 'rg':
    case 'grep':
      return searchExploration(args);
    case 'git':
      return args[0] === 'grep' ? searchExploration(args.slice(1)) : undefined;
    default:
      return undefined;
  }
}

function searchExploration(args: readonly string[]): Exploration | undefined {
  if (args.some((arg) => arg.startsWith('--pre'))) return undefined;
  if (args.includes('--files')) return { verb: 'List', what: orHere(operands(args)) };
  const flag = args.findIndex((arg) => arg === '-e' || arg === '--regexp');
  if (flag >= 0) return search(args[flag + 1] ?? '', operands(args));
  const [pattern = '', ...where] = operands(args);
  return search(pattern, where);
}

function findExploration(args: readonly string[]): Exploration | undefined {
  if (args.some((arg) => /^-(?:exec|ok|delete|fprint|fls)/.test(arg))) return undefined;
  const options = args.findIndex((arg) => arg.startsWith('-') || arg === '!');
  const folders = options < 0 ? args : args.slice(0, options);
  const name = args.findIndex((arg) => /^-(?:i?name|i?path|i?regex)$/.test(arg));
  if (name < 0) return { verb: 'List', what: orHere(folders) };
  return search(args[name + 1] ?? '', folders);
}

function read(files: readonly string[]): Exploration | undefined {
  return files.length === 0 ? undefined : { verb: 'Read', what: files };
}

function search(pattern: string, where: readonly string[]): Exploration {
  const places = where.filter((place) => place !== '' && place !== '.');
  return { verb: 'Search', what: [places.length === 0 ? pattern : `${pattern} in ${places.join(', ')}`] };
}

function orHere(folders: readonly string[]): readonly string[] {
  return folders.length === 0 ? ['.'] : folders;
}

/** The arguments that are neither flags nor values of flags. */
function operands(args: readonly string[], valued = SEARCH_VALUED): string[] {
  const found: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') return [...found, ...args.slice(at + 1)];
    if (valued.test(arg)) at += 1;
    else if (!arg.startsWith('-') || arg === '-') found.push(arg);
  }
  return found;
}
