/**
 * What may be offered to be allowed for ever, outside the sandbox: a short list. Programs that run others, or a file's or a package's
 * commands, are not on it, nor is what writes wherever its arguments say. Rules that the user writes by hand are not restricted.
 */
import { isPlainCall } from './git-allowed.ts';
import type { PlainCommand } from './plain-commands.ts';

/** A rule that allows commands which begin with these words, or only these words. */
export interface Offer {
  readonly prefix: readonly string[];
  readonly isExact: boolean;
}

/** With any further arguments: a rule for git holds only for calls that run nothing else (git-allowed.ts). */
const GIT: ReadonlySet<string> = new Set([
  ...['add', 'branch', 'commit', 'fetch', 'merge', 'pull', 'push', 'stash', 'switch', 'tag'],
]);

/** They run code of the project, which the model can change, so it is up to the user each time that something else is asked. */
const EXACT: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['cargo', new Set(['build', 'check', 'clippy', 'test'])],
  ['go', new Set(['build', 'test', 'vet'])],
]);

/** True if oagent may save a rule that allows this. */
export function mayBeSaved({ prefix, isExact }: Offer): boolean {
  const [name = '', subcommand = ''] = prefix;
  if (prefix.some((word) => /[\0-\x1f\x7f]/.test(word) || !word.isWellFormed())) return false;
  if (name === 'git') return GIT.has(subcommand) && isPlainCall(prefix, 2);
  return isExact && EXACT.get(name)?.has(subcommand) === true;
}

/**
 * What to offer with an approval of these commands: the model's proposal if it may be saved, otherwise git with its subcommand, or
 * the exact words. Undefined if no single rule that may be saved covers all of them.
 */
export function offerFor(segments: readonly PlainCommand[], proposed?: readonly string[]): Offer | undefined {
  const [first] = segments;
  if (first === undefined) return undefined;
  const words = [first.name, ...first.args];
  const offers: Offer[] = [
    ...(proposed === undefined ? [] : [{ prefix: proposed, isExact: false }]),
    { prefix: words.slice(0, 2), isExact: false },
    { prefix: words, isExact: true },
  ];
  return offers.find((offer) => mayBeSaved(offer) && segments.every((segment) => isCovered(segment, offer)));
}

function isCovered(segment: PlainCommand, { prefix, isExact }: Offer): boolean {
  if (!startsWithPrefix(segment, prefix) || (isExact && segment.args.length >= prefix.length)) return false;
  return segment.name !== 'git' || isPlainCall([segment.name, ...segment.args], prefix.length);
}

/** True if the command starts with exactly these words; a word with a glob is not literal. */
export function startsWithPrefix(segment: PlainCommand, prefix: readonly string[]): boolean {
  const words = [segment.name, ...segment.args];
  return prefix.every((word, index) => words[index] === word && !(segment.hasGlob && /[*?]/.test(word)));
}
