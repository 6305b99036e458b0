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
import path from 'node:path';
import { knownSafeCommands } from './commands.ts';
import { type PlainCommand, parsePlainCommands, parseWithHereDocument } from './plain-commands.ts';
import { type Reach, type Reached, reach } from './reach.ts';

export type CommandKind = 'known-safe' | 'other' | 'dangerous' | 'unparsed';

interface Classification {
  readonly kind: CommandKind;
  /** The commands in order if the script is plain; for `bash -c SCRIPT` those of SCRIPT. */
  readonly segments: readonly PlainCommand[] | undefined;
  /** All that it may run. */
  readonly reach: Reach;
}

/** What the model gets for a dangerous command if the user cannot be asked. */
export const DANGEROUS_REFUSED = 'rm -f style commands are not permitted. Use a safer approach';

const MAX_DEPTH = 4;

/** Classifies a script by its text alone. Pure and never throws, whatever the text. */
export function classify(command: string): Classification {
  const segments = plainSegments(command, 0) ?? parseWithHereDocument(command);
  const reached = reach(command);
  const found = { segments, reach: reached };
  if (forcesRemoval(reached) || (reached.isObscure && isDangerousText(command))) {
    return { kind: 'dangerous', ...found };
  }
  if (segments === undefined) return { kind: 'unparsed', ...found };
  return { kind: knownSafeCommands(command) === undefined ? 'other' : 'known-safe', ...found };
}

/** Each is looked at to its end; nobody writes more. */
const MOST_REMOVALS = 1000;

function forcesRemoval({ commands }: Reach): boolean {
  const removals = commands.filter(({ words, start }) => nameOf([words[start]?.text ?? '']) === 'rm');
  return removals.length > MOST_REMOVALS || removals.some((found) => isForcedRemoval(wordsOf(found)));
}

function wordsOf({ words, start }: Reached): readonly string[] {
  return words.slice(start).map(({ text }) => text);
}

function nameOf(words: readonly string[]): string {
  return path.posix.basename(words[0] ?? '');
}

/** `rm` with an option that means force in any spelling; `--` ends the options. Brace lists count as their letters. */
function isForcedRemoval(words: readonly string[]): boolean {
  if (nameOf(words) !== 'rm') return false;
  const end = words.indexOf('--');
  return words.slice(1, end < 0 ? undefined : end).some((word) => /^(?:-(?!-).*f|--f)/s.test(word));
}

/**
 * The crude scan, for scripts whose commands cannot all be seen: one that does not parse (bash runs everything before
 * the error), or one with a shell in it, which may read its script from a pipe or a here-document.
 */
function isDangerousText(script: string): boolean {
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
