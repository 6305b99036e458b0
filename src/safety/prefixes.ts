/**
 * Which prefixes of a command may be saved as allowed, and which one to offer.
 *
 * A prefix that would allow arbitrary code or deletion is banned: interpreters, shells and wrappers without an operand
 * or with code as an option, `git` without a subcommand, forced `rm`. Rules that the user writes by hand are not
 * restricted.
 */
import path from 'node:path';
import { isForcedRemoval } from './dangerous.ts';
import type { PlainCommand } from './plain-commands.ts';

const INTERPRETERS: ReadonlySet<string> = new Set([
  ...[
    'ash',
    'awk',
    'bash',
    'bun',
    'cmd',
    'dash',
    'deno',
    'fish',
    'gawk',
    'groovy',
    'irb',
    'ipython',
    'jshell',
  ],
  ...['julia', 'ksh', 'lua', 'luajit', 'mawk', 'node', 'nodejs', 'osascript', 'perl', 'php', 'powershell'],
  ...[
    'pwsh',
    'py',
    'pypy',
    'python',
    'pythonw',
    'pyw',
    'r',
    'rscript',
    'ruby',
    'sh',
    'tclsh',
    'ts-node',
    'tsx',
  ],
  'zsh',
]);

/** They run any command, or run it with other rights, so a prefix of theirs says little. */
const WRAPPERS: ReadonlySet<string> = new Set([
  ...['builtin', 'busybox', 'chroot', 'command', 'doas', 'env', 'eval', 'exec', 'nice', 'nohup', 'parallel'],
  ...['pkexec', 'runuser', 'setsid', 'source', 'stdbuf', 'su', 'sudo', 'time', 'timeout', 'unshare', 'watch'],
  ...['xargs', '.'],
]);

/** Commands with subcommands: how many words the prefix has. */
const DEPTHS: ReadonlyMap<string, number> = new Map([
  ...[
    'bundle',
    'cargo',
    'composer',
    'docker',
    'dotnet',
    'git',
    'go',
    'gradle',
    'just',
    'kubectl',
    'make',
  ].map((name): [string, number] => [name, 2]),
  ...['mix', 'mvn', 'npm', 'npx', 'pip', 'pip3', 'pnpm', 'poetry', 'rake', 'swift', 'task', 'uv', 'yarn'].map(
    (name): [string, number] => [name, 2],
  ),
]);

/**
 * True if no rule may be saved that allows this prefix. An empty one and one with control characters are banned too.
 */
export function isBannedPrefix(prefix: readonly string[]): boolean {
  const [first = '', ...rest] = prefix;
  if (prefix.some((word) => /[\0-\x1f\x7f]/.test(word) || !word.isWellFormed())) return true;
  // python3.12 and python.exe are python, in whatever folder.
  const name = path.posix
    .basename(first)
    .toLowerCase()
    .replace(/\.exe$/, '')
    .replace(/(?<=[a-z])[\d.]+$/, '');
  if (name === '' || WRAPPERS.has(name) || first === '.') return true;
  if (name === 'rm') return rest.length === 0 || isForcedRemoval(prefix);
  if (name === 'git') return rest[0] === undefined || rest[0].startsWith('-');
  return INTERPRETERS.has(name) && !namesProgram(rest);
}

/** `-m pytest` and `script.py` name what runs; `-c CODE` is any code, and so is a program after unknown options. */
function namesProgram(args: readonly string[]): boolean {
  const [first, second] = args;
  if (first === undefined) return false;
  if (first === '-m') return second !== undefined && !second.startsWith('-');
  return !first.startsWith('-') && first !== 'eval';
}

/** True if a rule that allows `prefix` would by itself allow all of the commands. */
export function coversAll(prefix: readonly string[], segments: readonly PlainCommand[]): boolean {
  return segments.length > 0 && segments.every((segment) => startsWithPrefix(segment, prefix));
}

/** True if the command starts with exactly these words; a word with a glob is not literal. */
export function startsWithPrefix(segment: PlainCommand, prefix: readonly string[]): boolean {
  const words = [segment.name, ...segment.args];
  return prefix.every((word, index) => words[index] === word && !(segment.hasGlob && /[*?]/.test(word)));
}

/**
 * The prefix to offer with an approval of these commands: the model's proposal if it may be saved and covers them all,
 * otherwise the command with its subcommand (`cargo build`), otherwise its exact words. Undefined if no single prefix
 * that may be saved covers them all.
 */
export function suggestPrefix(
  segments: readonly PlainCommand[],
  proposed?: readonly string[],
): readonly string[] | undefined {
  const first = segments[0];
  if (first === undefined) return undefined;
  const candidates = [...(proposed === undefined ? [] : [proposed]), shortPrefix(first)];
  return candidates.find((prefix) => !isBannedPrefix(prefix) && coversAll(prefix, segments));
}

function shortPrefix({ name, args }: PlainCommand): readonly string[] {
  const words = [name, ...args];
  const depth = DEPTHS.get(name);
  if (depth === undefined || words.length < depth) return words;
  const script = words[1] === 'run' || words[1] === 'exec' ? 1 : 0;
  const prefix = words.slice(0, depth + script);
  return prefix.length === depth + script && prefix.every((word) => !word.startsWith('-')) ? prefix : words;
}
