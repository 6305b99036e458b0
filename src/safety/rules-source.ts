/**
 * Parses and checks `rules.toml`: all its rules, or an error with file, line and reason. The examples of a rule are
 * tested against the rule.
 */
import { isUtf8 } from 'node:buffer';
import { parse, TomlError } from 'smol-toml';
import { located, type Position, placed, positionAt, printable } from '../config/errors.ts';
import { isTable, type Table } from '../config/table.ts';
import { findKey } from '../config/toml-source.ts';
import { errorCode } from '../text/error-message.ts';
import { readWhole } from '../text/regular-file.ts';
import { type PlainCommand, parsePlainCommands } from './plain-commands.ts';
import { startsWithPrefix } from './prefixes.ts';
import { type Reached, reach } from './reach.ts';
import { couldBe, isOpen, literal, programOf } from './reach-words.ts';

export type RuleKind = 'allow' | 'prompt' | 'forbidden';

export interface Rule {
  /** For each position, the words that match there. */
  readonly prefix: readonly (readonly string[])[];
  readonly decision: RuleKind;
  /** Allows these words and no more. */
  readonly isExact?: boolean;
  readonly reason?: string;
  /** Its line in the file, from 1. */
  readonly line: number;
}

/** Rules that cannot be used. The message is complete: it is shown unchanged, without a stack trace. */
export class RulesError extends Error {
  override readonly name = 'RulesError';
}

/** A rule that is not valid; `key` is where to point. */
class Flaw extends Error {
  readonly key: string | undefined;
  constructor(message: string, key?: string) {
    super(message);
    this.key = key;
  }
}

const KINDS: readonly RuleKind[] = ['forbidden', 'prompt', 'allow'];
const KEYS = ['prefix', 'decision', 'exact', 'reason', 'match', 'not_match'];

/** The words of an `allow` rule that the command begins with, exactly; all of its words if the rule is exact. */
export function allowedWords(
  segment: PlainCommand,
  { prefix, isExact }: Omit<Rule, 'line'>,
): string[] | undefined {
  const given = [segment.name, ...segment.args];
  const words = prefix.map((alternatives, index) => alternatives.find((word) => word === given[index]));
  const found = words.filter((word) => word !== undefined);
  if (found.length < words.length || (isExact === true && given.length > found.length)) return undefined;
  return startsWithPrefix(segment, found) ? found : undefined;
}

/** The words of a rule that a command begins with, or may. A folder in front of the program does not count. */
export function reachedWords(
  { words, start }: Reached,
  { prefix }: Omit<Rule, 'line'>,
): string[] | undefined {
  const found: string[] = [];
  for (const [index, alternatives] of prefix.entries()) {
    const word = words[start + index];
    if (word === undefined) return undefined;
    // It may be several words.
    if (index > 0 && isOpen(word)) return [...found, ...prefix.slice(index).map(([first = '']) => first)];
    const match = alternatives.find((wanted) =>
      index > 0 ? couldBe(word, wanted) : couldBe(programOf(word), programOf(literal(wanted)).text),
    );
    if (match === undefined || (index === 0 && isOpen(programOf(word)))) return undefined;
    found.push(match);
  }
  return found;
}

/** The text of the file, or undefined if there is none. Throws a RulesError. */
export function readRules(file: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readWhole(file);
  } catch (error) {
    // ENOTDIR: oagent's own folder cannot be there.
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw new RulesError(`Cannot read ${printable(file)}: ${messageOf(error)}`);
  }
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let start = 0;
  let line = 1;
  for (
    let end = bytes.indexOf(10);
    end >= 0 && isUtf8(bytes.subarray(start, end));
    end = bytes.indexOf(10, start)
  ) {
    start = end + 1;
    line++;
  }
  throw rulesError(placed(file, { line, column: 1 }, 'the line is not valid UTF-8'));
}

/** All rules of a text. Throws a RulesError that points at the first mistake. */
export function parseRules(file: string, text: string): readonly Rule[] {
  const table = parseTable(file, text);
  const unknown = Object.keys(table).find((key) => key !== 'rule');
  if (unknown !== undefined) {
    const position = findKey(text, [unknown]) ?? { line: 1, column: 1 };
    const reason = `unknown key ${JSON.stringify(unknown)}: rules are [[rule]] tables`;
    throw rulesError(located(file, text, position, printable(reason)));
  }
  const entries = Object.hasOwn(table, 'rule') ? table.rule : [];
  if (!Array.isArray(entries)) {
    const position = findKey(text, ['rule']) ?? { line: 1, column: 1 };
    throw rulesError(located(file, text, position, 'write rules as [[rule]], with double brackets'));
  }
  const places = rulePlaces(text, entries.length);
  return entries.map((entry: unknown, index) => {
    const place = places(index);
    try {
      return { ...checkRule(entry), line: place().line };
    } catch (error) {
      if (!(error instanceof Flaw)) throw error;
      throw rulesError(located(file, text, place(error.key), printable(error.message)));
    }
  });
}

function parseTable(file: string, text: string): Table {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError))
      throw rulesError(placed(file, { line: 1, column: 1 }, messageOf(error)));
    const reason = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '');
    throw rulesError(located(file, text, error, reason));
  }
}

const HEADER = /^[ \t]*\[\[[ \t]*(?:rule|"rule"|'rule')[ \t]*\]\]/gm;

/**
 * Locates the rule with an index, and a key in it. A header inside a string does not count: the text before it is not
 * valid TOML. Rules in another form (`rule = [{…}]`) are all located at their first mention.
 */
function rulePlaces(text: string, count: number): (index: number) => (key?: string) => Position {
  const headers = [...text.matchAll(HEADER)].map(({ index }) => index);
  const starts = headers.length === count ? headers : headers.filter((at) => isToml(text.slice(0, at)));
  const first = findKey(text, ['rule']) ?? { line: 1, column: 1 };
  if (starts.length !== count) return () => () => first;
  return (index) => (key) => {
    const start = starts[index] ?? 0;
    const inside = text.slice(start, starts[index + 1]);
    const at = findKey(inside, key === undefined ? ['rule'] : ['rule', key]) ?? { line: 1, column: 1 };
    return { line: positionAt(text, start).line + at.line - 1, column: at.column };
  };
}

function isToml(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

function checkRule(entry: unknown): Omit<Rule, 'line'> {
  if (!isTable(entry)) throw new Flaw('a rule must be a table');
  const unknown = Object.keys(entry).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw new Flaw(`unknown key ${JSON.stringify(unknown)}; a rule has ${KEYS.join(', ')}`, unknown);
  }
  const prefix = checkPrefix(entry.prefix);
  const decision = KINDS.find((kind) => kind === entry.decision);
  if (decision === undefined) {
    throw new Flaw('decision must be "allow", "prompt" or "forbidden"', 'decision');
  }
  const { reason } = entry;
  if (reason !== undefined && typeof reason !== 'string') throw new Flaw('reason must be a string', 'reason');
  const { exact = false } = entry;
  if (typeof exact !== 'boolean') throw new Flaw('exact must be true or false', 'exact');
  if (exact && decision !== 'allow') throw new Flaw('only a rule that allows can be exact', 'exact');
  const rule: Omit<Rule, 'line'> = exact
    ? { prefix, decision, isExact: true, reason }
    : { prefix, decision, reason };
  checkExamples(rule, entry, 'match');
  checkExamples(rule, entry, 'not_match');
  return rule;
}

function checkPrefix(value: unknown): readonly (readonly string[])[] {
  const words = Array.isArray(value)
    ? value.map((item: unknown) => (Array.isArray(item) ? item : [item]) as readonly unknown[])
    : [];
  const isWord = (word: unknown): word is string => typeof word === 'string' && word !== '';
  const prefix = words.filter((item): item is string[] => item.length > 0 && item.every(isWord));
  if (prefix.length === 0 || prefix.length !== words.length) {
    throw new Flaw('prefix must be a list of words, such as ["git", ["push", "fetch"]]', 'prefix');
  }
  return prefix;
}

/** Each example in `match` must contain a command that the rule matches, each in `not_match` none. */
function checkExamples(rule: Omit<Rule, 'line'>, entry: Table, key: 'match' | 'not_match'): void {
  const examples: unknown = entry[key] ?? [];
  if (!Array.isArray(examples)) throw new Flaw(`${key} must be a list of commands`, key);
  for (const example of examples as readonly unknown[]) {
    if (typeof example !== 'string') throw new Flaw(`${key} must be a list of commands`, key);
    const commands = parsePlainCommands(example);
    const shown = JSON.stringify(example);
    if (commands === undefined) throw new Flaw(`${key} example ${shown} is not a plain command`, key);
    const isMatch =
      rule.decision === 'allow'
        ? commands.some((command) => allowedWords(command, rule) !== undefined)
        : reach(example).commands.some((command) => reachedWords(command, rule) !== undefined);
    if (isMatch === (key === 'match')) continue;
    throw new Flaw(`${key} example ${shown} ${isMatch ? 'matches' : 'does not match'} the rule`, key);
  }
}

function rulesError(block: string): RulesError {
  return new RulesError(`Error loading rules.toml:\n${block}`);
}

/** The message of an error, safe to print. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? printable(error.message) : String(error);
}
