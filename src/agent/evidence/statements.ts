/**
 * The sentences of an answer that state something: its prose without code, quotations, headings and tables. Pure; a
 * sentence that cannot be recognised with certainty is left out. File names become `FILE`, other code `CODE`.
 */

export interface Statement {
  /** Without Markdown marks. */
  readonly text: string;
  /** The names that FILE stands for, in order. */
  readonly files: readonly string[];
}

/** The most characters of an answer that are read. */
const MAX_LENGTH = 20_000;
const MAX_SENTENCE = 400;

const EXTENSIONS =
  'py|js|jsx|ts|tsx|mjs|cjs|mts|cts|json|jsonc|md|mdx|rst|txt|toml|ya?ml|html?|css|scss|less|sh|bash|c|cc|cpp|h|hpp|go|rs|java|kt|kts|rb|php|cs|swift|sql|xml|ini|cfg|conf|lock|csv|vue|svelte|lua|pl|r|scala|dart|exs?|hs|ml|zig|gradle|env|log|proto|tf';

const FILE = new RegExp(
  String.raw`^(?:[\w@~.-]*/)*(?:[\w@-][\w@.+-]*\.(?:${EXTENSIONS})|Makefile|Dockerfile|README|LICENSE|\.\w+)$`,
);

/** A file name without backticks; not `Node.js`. */
const BARE_FILE = new RegExp(
  String.raw`(?<![\w@/.-])(?![A-Z]\w*\.js\b)(?:[\w@.-]+/)*[\w-][\w.-]*\.(?:${EXTENSIONS})(?![\w/-]|\.\w)`,
  'g',
);

export function statements(answer: string): readonly Statement[] {
  return paragraphs(answer.slice(0, MAX_LENGTH).replaceAll('\0', '')).flatMap((paragraph) =>
    paragraph
      .split(/(?<=[.!?✅🎉])\s+/u)
      .filter((sentence) => sentence.length <= MAX_SENTENCE)
      .flatMap((sentence) => statement(sentence)),
  );
}

/** Ends a paragraph and is not part of one: quotations, headings, tables, HTML, link targets, indented code. */
const NO_PROSE = /^\s*(?:[>#|<]|\[[^\]]*\]:)|^(?: {4}|\t)/;

/** Lists are left out: what an item means depends on the text before the list. */
function paragraphs(answer: string): readonly string[] {
  const found: string[] = [];
  let lines: string[] = [];
  let isInItem = false;
  const close = (): void => {
    if (!isInItem) found.push(lines.join(' '));
    lines = [];
    isInItem = false;
  };
  const prose = answer.replace(/^[ \t]*(```|~~~)[\s\S]*?(?:^[ \t]*\1.*$|$(?![\s\S]))/gm, '\n');
  for (const line of prose.split('\n')) {
    const isItem = /^\s*(?:[-*+]|\d+[.)])\s/.test(line);
    const isMore = isInItem && /^\s/.test(line);
    if (line.trim() === '' || isItem || (NO_PROSE.test(line) && !isMore)) close();
    isInItem ||= isItem;
    if (isItem || isMore || !NO_PROSE.test(line)) lines.push(line.trim());
  }
  close();
  return found;
}

function statement(sentence: string): readonly Statement[] {
  const files: string[] = [];
  const file = (name: string): string => {
    files.push(name);
    return 'FILE';
  };
  const text = sentence
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(`+)([^`]+)\1/g, (_, __, code: string) => codeText(code.trim()))
    .replace(/["“][^"”]*["”]/g, 'QUOTE')
    .replace(/\*+/g, '')
    .replace(/\0([^\0]*)\0|(?:https?:\/\/\S+)/g, (_, name?: string) =>
      name === undefined ? 'URL' : `\0${name}\0`,
    )
    .replace(BARE_FILE, (name) => `\0${name}\0`)
    .replace(/\0+([^\0]+)\0+/g, (_, name: string) => file(name))
    .replace(/\s+/g, ' ')
    // A tick: another kind of bullet.
    .replace(/^[^\p{L}\p{N}(]+/u, '')
    .trim();
  return text === '' ? [] : [{ text, files }];
}

/** A command or function that tests counts as `the tests`. */
function codeText(code: string): string {
  if (FILE.test(code)) return `\0${code}\0`;
  return /test/i.test(code) ? 'tests' : 'CODE';
}
