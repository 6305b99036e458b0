/**
 * Parses a shell script that is nothing but plain commands joined by `&&`, `||`, `;`, `|` and line ends.
 *
 * Invariant: what is returned is, word for word, what `bash -c` would pass to each command (a word with a glob stands
 * for its matches). To be sure, two readings must agree, the parser's and this file's own decoding of each word, and
 * every character between two words must be a blank or a joining operator.
 * Anything that bash might expand, redirect, substitute, group, negate, time or put in the background makes the whole
 * script "not plain"; so do a backslash outside quotes (but for one behind a blank that continues the line), `!` outside single quotes, and anything except
 * printable ASCII outside quotes (some systems' bash splits words at such bytes).
 * Not valid for zsh, whose glob qualifiers run code.
 */
import { createRequire } from 'node:module';
import type { CommandNode, ParsedScript, Word } from 'unbash';

/** Loaded with the first command, not at start-up: the parser is as large as the rest of this code together. */
const load = createRequire(import.meta.url);

export interface PlainCommand {
  readonly name: string;
  readonly args: readonly string[];
  /** A word contains an unquoted `*` or `?`: bash replaces it with file names. */
  readonly hasGlob: boolean;
}

/** Longer scripts do not count as plain. UTF-16 units. */
const MAX_LENGTH = 4096;

/**
 * One piece of a word, in a script whose printable characters are `printable` (the inside of a character class).
 * Unquoted, `~` may only follow a letter, digit, `_`, `^` or `~` (`HEAD~2`), where it means
 * nothing to bash. In double quotes a backslash before `"` or `\` is an escape and before other text is itself.
 */
function pieceOf(printable: string): RegExp {
  const quotable = String.raw`${printable}\n`;
  const bare = String.raw`(?<bare>(?:[\w.\/:,=+@%^*?\-]|(?<=[\w^~])~)+)`;
  const single = `'(?<single>[[${quotable}]--[']]*)'`;
  const double = String.raw`"(?<double>(?:[[${quotable}]--["$\`\\!]]|\\[[${printable}]--[$\`!]])*)"`;
  return new RegExp(`${bare}|${single}|${double}`, 'gv');
}

const ASCII_PIECE = pieceOf(String.raw`\x20-\x7e\t`);

/** Unicode's classes take 13 ms to compile; hardly any command needs them. */
let unicodePiece: RegExp | undefined;

function pieceFor(text: string): RegExp {
  if (/^[\x20-\x7e\t\n]*$/.test(text)) return ASCII_PIECE;
  unicodePiece ??= pieceOf(String.raw`\p{L}\p{M}\p{N}\p{P}\p{S} \t`);
  return unicodePiece;
}

/** Behind a blank a continued line is nothing but another blank; elsewhere it could join two words. */
const BETWEEN_WORDS = /^[ \t](?:[ \t]|\\\n)*$/;
const BETWEEN_COMMANDS = /^(?:[ \t](?:[ \t]|\\\n)*)?(?:&&|\|\|?|;|\n)[ \t\n]*$/;
const BEFORE = /^[ \t\n]*$/;
const AFTER = /^[ \t]*;?[ \t\n]*$/;

/** The line that begins a here-document; nothing in its text may be expanded: the end is quoted, or the text has nothing to expand. */
const HERE_DOCUMENT = /^([^\n]*[ \t])<<(-?)[ \t]*(?:(['"])(\w+)\3|(\w+))(?=[ \t\n&|;])([^\n]*)\n(.*)$/s;

/**
 * The commands of a script that is plain but for one here-document at its end: `git commit -F - <<'EOF'`. Its text is what the last of
 * them reads, no command.
 */
export function parseWithHereDocument(script: string): readonly PlainCommand[] | undefined {
  const [, head = '', dash, , quoted, bare, tail = '', text = ''] = HERE_DOCUMENT.exec(script) ?? [];
  const end = quoted ?? bare;
  // If the head is plain by itself, the operator is in no quotes.
  if (end === undefined || parsePlainCommands(head) === undefined) return undefined;
  if (quoted === undefined && /[$`\\]/.test(text)) return undefined;
  const lines = text.split('\n').map((line) => (dash === '-' ? line.replace(/^\t+/, '') : line));
  const isAllText =
    lines.indexOf(end) >= 0 && lines.slice(lines.indexOf(end) + 1).every((line) => line === '');
  return isAllText ? parsePlainCommands(head + tail) : undefined;
}

/** The commands of `script` in order, or undefined if it is not plain. Never throws. */
export function parsePlainCommands(script: string): readonly PlainCommand[] | undefined {
  if (script.length > MAX_LENGTH) return undefined;
  const { parse } = load('unbash') as typeof import('unbash');
  const commands = wordsOfCommands(parse(script));
  if (commands === undefined) return undefined;

  const plain: PlainCommand[] = [];
  let end = 0;
  for (const words of commands) {
    const decoded: string[] = [];
    let hasGlob = false;
    for (const word of words) {
      const gap = script.slice(end, word.pos);
      const expected = decoded.length > 0 ? BETWEEN_WORDS : plain.length > 0 ? BETWEEN_COMMANDS : BEFORE;
      const piece = decodeWord(script.slice(word.pos, word.end));
      if (!expected.test(gap) || piece === undefined || piece.value !== word.value) return undefined;
      decoded.push(piece.value);
      hasGlob ||= piece.hasGlob;
      end = word.end;
    }
    const [name, ...args] = decoded;
    if (name === undefined) return undefined;
    plain.push({ name, args, hasGlob });
  }
  return plain.length > 0 && AFTER.test(script.slice(end)) ? plain : undefined;
}

/** The words of every command as the parser sees them, or undefined if there is anything other than words. */
function wordsOfCommands(script: ParsedScript): Word[][] | undefined {
  if (script.errors !== undefined && script.errors.length > 0) return undefined;
  const commands: Word[][] = [];
  for (const statement of script.commands) {
    if (statement.background === true) return undefined;
    const joined = statement.command.type === 'AndOr' ? statement.command.commands : [statement.command];
    for (const pipeline of joined) {
      if (pipeline.type === 'Pipeline' && pipeline.prefixes.length > 0) return undefined;
      for (const node of pipeline.type === 'Pipeline' ? pipeline.commands : [pipeline]) {
        const words = wordsOfCommand(node);
        if (words === undefined) return undefined;
        commands.push(words);
      }
    }
  }
  return commands;
}

function wordsOfCommand(node: CommandNode): Word[] | undefined {
  if (node.type !== 'Command' || node.name === undefined || node.prefix.length > 0) return undefined;
  const words: Word[] = [node.name];
  for (const argument of node.suffix) {
    if (argument.type !== 'Word') return undefined;
    words.push(argument);
  }
  return words;
}

function decodeWord(text: string): { value: string; hasGlob: boolean } | undefined {
  let value = '';
  let hasGlob = false;
  let end = 0;
  for (const match of text.matchAll(pieceFor(text))) {
    if (match.index !== end) return undefined;
    end += match[0].length;
    const { bare, single, double } = match.groups ?? {};
    if (bare !== undefined) hasGlob ||= /[*?]/.test(bare);
    value += bare ?? single ?? (double ?? '').replace(/\\(["\\])/g, '$1');
  }
  return end === text.length ? { value, hasGlob } : undefined;
}
