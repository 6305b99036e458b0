/**
 * The user's rules about commands: `rules.toml` in oagent's home.
 *
 *   [[rule]]
 *   prefix = ["git", ["push", "fetch"]]     # words; a list of words means any one of them
 *   decision = "prompt"                     # allow (outside the sandbox) | prompt | forbidden
 *   reason = "talks to the network"         # optional, for the user and the model
 *   match = ["git push origin"]             # optional examples, checked at load
 *   not_match = ["git status"]
 *   exact = true                            # an `allow` rule for these words and no more
 *
 * Invariants: the strictest rule wins; a script is allowed only if every command in it is; a rule is added by one write
 * at the end of the file, so that two processes adding one at the same moment lose neither.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { printable } from '../config/errors.ts';
import { makeFolder } from '../config/make-folder.ts';
import type { PlainCommand } from './plain-commands.ts';
import { mayBeSaved, type Offer } from './prefixes.ts';
import type { Reach } from './reach.ts';
import { literal, programOf } from './reach-words.ts';
import {
  allowedWords,
  messageOf,
  parseRules,
  type Rule,
  type RuleKind,
  RulesError,
  reachedWords,
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
 * needs a rule (`segments`) is allowed; asked about or forbidden if anything that it may run is.
 */
export function decideByRules(
  segments: readonly PlainCommand[] | undefined,
  { rules }: Rules,
  reached: Reach = NOTHING,
): FoundRule | undefined {
  for (const kind of STRICT) {
    for (const rule of rules) {
      const prefix = rule.decision === kind ? strictMatch(reached, rule) : undefined;
      if (prefix !== undefined) return decisionOf(rule, prefix);
    }
  }
  const matches = (segments ?? []).map((segment) => allowingRule(segment, rules));
  return matches.every((match) => match !== undefined) ? matches[0] : undefined;
}

const NOTHING: Reach = { commands: [], possible: [], named: new Set(), isObscure: false };
const STRICT: readonly RuleKind[] = ['forbidden', 'prompt'];

/** The rule that allows one command. */
export function allowingRule(segment: PlainCommand, rules: readonly Rule[]): FoundRule | undefined {
  for (const rule of rules) {
    const prefix = rule.decision === 'allow' ? allowedWords(segment, rule) : undefined;
    if (prefix !== undefined) return decisionOf(rule, prefix);
  }
  return undefined;
}

/** The words of the rule that something in the script begins with, or may. */
function strictMatch({ commands, possible, named }: Reach, rule: Rule): string[] | undefined {
  for (const list of [commands, possible]) {
    for (const command of list) {
      const words = reachedWords(command, rule);
      if (words !== undefined) return words;
    }
  }
  const isNamed = rule.prefix[0]?.some((name) => named.has(programOf(literal(name)).text));
  return isNamed === true ? rule.prefix.map(([first = '']) => first) : undefined;
}

type FoundRule = RuleDecision & { readonly line: number };

function decisionOf({ decision, reason, line }: Rule, prefix: readonly string[]): FoundRule {
  return { decision, prefix, line, reason };
}

/**
 * Saves what was offered: appends a rule to the file in `home`, which is created readable only for the user.
 * Nothing is written if the file already has that rule. Throws a RulesError for what is never offered, and for a file that is
 * broken or cannot be written; the file is then unchanged.
 */
export function appendRule(home: string, offer: Offer): void {
  const file = path.join(home, 'rules.toml');
  const { prefix, isExact } = offer;
  if (!mayBeSaved(offer)) {
    throw new RulesError(
      `A rule for \`${printable(prefix.join(' '))}\` would allow almost anything; it was not saved.`,
    );
  }
  const before = readRules(file) ?? '';
  if (parseRules(file, before).some((rule) => isSame(rule, offer))) return;

  const gap = before === '' ? '' : before.endsWith('\n') ? '\n' : '\n\n';
  const words = prefix.map((word) => JSON.stringify(word)).join(', ');
  const added = `${gap}[[rule]]\nprefix = [${words}]\ndecision = "allow"\n${isExact ? 'exact = true\n' : ''}`;
  // A file with `rule = [...]` parses by itself, but not with a [[rule]] after it.
  parseRules(file, before + added);
  try {
    makeFolder(home);
    append(file, Buffer.from(added));
  } catch (error) {
    throw new RulesError(`Cannot write ${printable(file)}: ${messageOf(error)}`);
  }
}

function isSame({ prefix, decision, isExact = false }: Rule, offer: Offer): boolean {
  const wanted = JSON.stringify(offer.prefix.map((word) => [word]));
  return decision === 'allow' && isExact === offer.isExact && JSON.stringify(prefix) === wanted;
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
