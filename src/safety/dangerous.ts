/**
 * Classifies a script: known to only read, dangerous, plain, or not readable with certainty.
 *
 * Dangerous is a forced `rm`, even in a script that is not plain: after `;`, in subshells, substitutions, functions and
 * loops, after `sudo` and the like, in `bash -c`.
 * Invariants: dangerous wins over plain; if the script is broken, too long, or feeds a shell, a cruder scan decides,
 * which may be too strict but not too lenient. `bash -c SCRIPT` is read as SCRIPT, but is never known-safe.
 * A command assembled at run time (`$X -rf`) is not seen; that is what the sandbox is for. The disk is not looked at: a
 * known-safe script still needs the checks listed in commands.ts.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import type { SyntaxNode } from 'unbash';
import { knownSafeCommands } from './commands.ts';
import { type PlainCommand, parsePlainCommands, parseWithHereDocument } from './plain-commands.ts';

export type CommandKind = 'known-safe' | 'other' | 'dangerous' | 'unparsed';

interface Classification {
  readonly kind: CommandKind;
  /** The commands in order if the script is plain; for `bash -c SCRIPT` those of SCRIPT. */
  readonly segments: readonly PlainCommand[] | undefined;
}

/** What the model gets for a dangerous command if the user cannot be asked. */
export const DANGEROUS_REFUSED = 'rm -f style commands are not permitted. Use a safer approach';

/** Loaded with the first command, as in plain-commands.ts. */
const load = createRequire(import.meta.url);

/** Longer scripts get only the crude scan. UTF-16 units. */
const MAX_PARSED = 128 * 1024;
const MAX_DEPTH = 4;
/** Arguments of a wrapper that may be the name of what it runs. */
const MAX_WRAPPED = 64;

/** They run a command given in their arguments. */
const WRAPPERS: ReadonlySet<string> = new Set([
  ...['builtin', 'busybox', 'chroot', 'command', 'doas', 'env', 'exec', 'flock', 'ionice', 'nice', 'nohup'],
  ...[
    'parallel',
    'setsid',
    'stdbuf',
    'strace',
    'sudo',
    'time',
    'timeout',
    'toybox',
    'unshare',
    'watch',
    'xargs',
  ],
]);

const SHELLS: ReadonlySet<string> = new Set(['ash', 'bash', 'dash', 'ksh', 'sh', 'zsh']);

/** Classifies a script by its text alone. Pure and never throws, whatever the text. */
export function classify(command: string): Classification {
  const segments = plainSegments(command, 0) ?? parseWithHereDocument(command);
  if (scanCommands(command).some(isForcedRemoval) || isDangerousText(command)) {
    return { kind: 'dangerous', segments };
  }
  if (segments === undefined) return { kind: 'unparsed', segments };
  return { kind: knownSafeCommands(command) === undefined ? 'other' : 'known-safe', segments };
}

/**
 * The words of every command that can be found in a script, plain or not, and of those that wrappers and shells
 * would run. Words are decoded as far as they are literal. Only for finding what is forbidden, never for deciding what
 * is allowed: some may be missing, and some may never run.
 */
export function scanCommands(command: string): readonly (readonly string[])[] {
  return scan(command, 0);
}

function scan(script: string, depth: number): readonly (readonly string[])[] {
  if (depth > MAX_DEPTH) return [];
  const found = parsedCommands(script)?.commands ?? [];
  return found
    .flatMap(unwrapped)
    .flatMap((words) => [words, ...scriptsIn(words).flatMap((inner) => scan(inner, depth + 1))]);
}

/** The command and, if it is a wrapper, everything that it might run. */
function unwrapped(words: readonly string[]): readonly (readonly string[])[] {
  const name = nameOf(words);
  if (name !== 'find' && !WRAPPERS.has(name)) return [words];
  const starts: number[] = [];
  for (const [index, word] of words.entries()) {
    if (starts.length >= MAX_WRAPPED) break;
    if (name === 'find' ? /^-(?:exec|ok)/.test(words[index - 1] ?? '') : index > 0 && !word.startsWith('-')) {
      starts.push(index);
    }
  }
  return [words, ...starts.map((start) => words.slice(start))];
}

/** The scripts that `bash -c SCRIPT` and `eval WORDS` run. */
function scriptsIn(words: readonly string[]): readonly string[] {
  const name = nameOf(words);
  if (name === 'eval') return [words.slice(1).join(' ')];
  if (!SHELLS.has(name)) return [];
  return words.slice(1, MAX_WRAPPED).filter((word) => /[^\w./-]/.test(word));
}

function nameOf(words: readonly string[]): string {
  return path.posix.basename(words[0] ?? '');
}

/** `rm` with an option that means force in any spelling; `--` ends the options. Brace lists count as their letters. */
export function isForcedRemoval(words: readonly string[]): boolean {
  if (nameOf(words) !== 'rm') return false;
  const end = words.indexOf('--');
  return words.slice(1, end < 0 ? undefined : end).some((word) => /^(?:-(?!-).*f|--f)/s.test(word));
}

/** The literal words of all commands of a script, or undefined if it is too long or cannot be parsed. */
function parsedCommands(
  script: string,
): { readonly commands: readonly (readonly string[])[]; readonly isBroken: boolean } | undefined {
  if (script.length > MAX_PARSED) return undefined;
  const { parse, forEachChild } = load('unbash') as typeof import('unbash');
  const commands: string[][] = [];
  try {
    const root = parse(script);
    const pending: SyntaxNode[] = [root];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (node.type === 'Command' && node.name !== undefined) {
        const args = node.suffix.flatMap((part) => (part.type === 'Word' ? part.value : []));
        commands.push([node.name.value, ...args]);
      }
      forEachChild(node, (child) => pending.push(child));
    }
    return { commands, isBroken: (root.errors ?? []).length > 0 };
  } catch {
    return undefined;
  }
}

/**
 * The crude scan, for scripts whose commands cannot all be seen: one that does not parse (bash runs everything before
 * the error), or one with a shell in it, which may read its script from a pipe or a here-document.
 */
function isDangerousText(script: string): boolean {
  const parsed = parsedCommands(script);
  const runsShell = parsed?.commands.flatMap(unwrapped).some((words) => SHELLS.has(nameOf(words)));
  if (parsed !== undefined && !parsed.isBroken && runsShell !== true) return false;
  return script
    .replace(/["'\\]/g, '')
    .split(/[;&|(){}<>`\n\r]/)
    .some((piece) => {
      const words = piece.split(/[\s=]+/);
      return words.some((word, index) => nameOf([word]) === 'rm' && isForcedRemoval(words.slice(index)));
    });
}

/** The plain commands of a script; a lone `bash -c SCRIPT` or `bash -lc SCRIPT` is read as SCRIPT. */
function plainSegments(script: string, depth: number): readonly PlainCommand[] | undefined {
  const commands = parsePlainCommands(script);
  const [only, ...rest] = commands ?? [];
  if (only === undefined || rest.length > 0 || depth >= MAX_DEPTH || only.hasGlob) return commands;
  const [option = '', inner, ...more] = only.args;
  const isShell = (only.name === 'bash' || only.name === 'sh') && /^-l?c$/.test(option);
  if (!isShell || inner === undefined || more.length > 0) return commands;
  return plainSegments(inner, depth + 1);
}
