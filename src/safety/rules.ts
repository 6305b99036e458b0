/**
 * The user's rules about commands: `rules.toml` in oagent's home.
 *
 *   [[rule]]
 *   prefix = ["git", ["push", "fetch"]]     # words; a list of words means any one of them
 *   decision = "prompt"                     # allow (outside the sandbox) | prompt | forbidden
 *   reason = "talks to the network"         # optional, for the user and the model
 *   match = ["git push origin"]             # optional examples, checked at load
 *   not_match = ["git status"]
 *
 * Invariants: the strictest rule wins; a script is allowed only if every command in it is; a rule is added by one write
 * at the end of the file, so that two processes adding one at the same moment lose neither.
 */

import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { printable } from '../config/errors.ts';
import { makeFolder } from '../config/make-folder.ts';
import type { PlainCommand } from './plain-commands.ts';
import { isBannedPrefix } from './prefixes.ts';
import {
  KINDS,
  matchedWords,
  messageOf,
  parseRules,
  type Rule,
  type RuleKind,
  RulesError,
  readRules,
} from './rules-source.ts';

export interface Rules {
  /** Absolute; the file may not exist. */
  readonly file: string;
  readonly rules: readonly Rule[];
}

/** What the rules say about a whole script. */
export interface RuleDecision {
  readonly decision: RuleKind;
  readonly reason?: string;
  /** The words that matched. */
  readonly prefix: readonly string[];
}

export const NO_RULES: Rules = { file: '', rules: [] };

/**
 * The rules in `home` (absolute); none without a file. Throws a RulesError for a file that cannot be read, is not TOML,
 * has an unknown key or a wrong value, or whose examples fail.
 */
export function loadRules(home: string): Rules {
  const file = path.join(home, 'rules.toml');
  const text = readRules(file);
  return { file, rules: text === undefined ? [] : parseRules(file, text) };
}

/**
 * What the rules say about a script, or undefined if they say nothing. Allowed only if the script is plain and each of its commands that
 * needs a rule (`segments`) is allowed; asked about or forbidden if any command is, even one of `scanned`, words that were merely found
 * in it (scanCommands).
 */
export function decideByRules(
  segments: readonly PlainCommand[] | undefined,
  { rules }: Rules,
  scanned: readonly (readonly string[])[] = [],
): RuleDecision | undefined {
  const plain = segments ?? [];
  const found = scanned.map(([name = '', ...args]): PlainCommand => ({ name, args, hasGlob: false }));
  const matches = plain.map((segment) => matchingRule(segment, rules));
  const strict = [...matches, ...found.map((command) => matchingRule(command, rules))];
  for (const kind of ['forbidden', 'prompt']) {
    const match = strict.find((candidate) => candidate?.decision === kind);
    if (match !== undefined) return match;
  }
  return matches.every((match) => match !== undefined) ? matches[0] : undefined;
}

/** The strictest rule that matches one command. */
export function matchingRule(
  segment: PlainCommand,
  rules: readonly Rule[],
): (RuleDecision & { readonly line: number }) | undefined {
  for (const kind of KINDS) {
    for (const rule of rules) {
      const prefix = rule.decision === kind ? matchedWords(segment, rule) : undefined;
      if (prefix === undefined) continue;
      const { decision, reason, line } = rule;
      return { decision, prefix, line, reason };
    }
  }
  return undefined;
}

/**
 * Saves `prefix` as allowed: appends a rule to the file in `home`, which is created readable only for the user.
 * Nothing is written if the file already has that rule. Throws a RulesError for a banned prefix, and for a file that is
 * broken or cannot be written; the file is then unchanged.
 */
export function appendPrefixRule(home: string, prefix: readonly string[]): void {
  const file = path.join(home, 'rules.toml');
  if (isBannedPrefix(prefix)) {
    throw new RulesError(
      `A rule for \`${printable(prefix.join(' '))}\` would allow almost anything; it was not saved.`,
    );
  }
  const before = readRules(file) ?? '';
  const wanted = JSON.stringify(prefix.map((word) => [word]));
  const existing = parseRules(file, before);
  if (existing.some((rule) => rule.decision === 'allow' && JSON.stringify(rule.prefix) === wanted)) return;

  const gap = before === '' ? '' : before.endsWith('\n') ? '\n' : '\n\n';
  const words = prefix.map((word) => JSON.stringify(word)).join(', ');
  const added = `${gap}[[rule]]\nprefix = [${words}]\ndecision = "allow"\n`;
  // A file with `rule = [...]` parses by itself, but not with a [[rule]] after it.
  parseRules(file, before + added);
  try {
    makeFolder(home);
    append(file, Buffer.from(added));
  } catch (error) {
    throw new RulesError(`Cannot write ${printable(file)}: ${messageOf(error)}`);
  }
}

/** Appends all bytes in one write, or nothing. */
function append(file: string, bytes: Buffer): void {
  const descriptor = openSync(file, 'a', 0o600);
  try {
    const written = writeSync(descriptor, bytes);
    if (written === bytes.length) return;
    // The disk is full: half a rule would make the file unreadable.
    ftruncateSync(descriptor, fstatSync(descriptor).size - written);
    throw new Error('the disk is full');
  } finally {
    closeSync(descriptor);
  }
}
