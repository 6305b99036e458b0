/**
 * What the readers of several runners need: blocks of lines below headings, places in code, numbers, and a message without the noise
 * around it. Every expression takes time linear in the length of the line.
 */

/** Longer lines are cut before anything is looked for in them. */
export const LONGEST_LINE = 1_000;
/** Of more failures only the number is of use. */
export const MOST_FAILURES = 200;
/** Of one message. */
const MOST_LINES = 12;
const MOST_CHARACTERS = 800;

interface Block {
  readonly heading: RegExpExecArray;
  readonly body: readonly string[];
}

/** The lines below each line that `heading` matches, up to the next one or to one that `end` matches. */
export function blocksOf(lines: readonly string[], heading: RegExp, end?: RegExp): Block[] {
  const blocks: { readonly heading: RegExpExecArray; readonly body: string[] }[] = [];
  let open = false;
  for (const line of lines) {
    const found = heading.exec(line);
    if (found !== null) blocks.push({ heading: found, body: [] });
    if (found !== null) open = true;
    else if (end?.test(line)) open = false;
    else if (open) blocks.at(-1)?.body.push(line);
  }
  return blocks;
}

/** The sum of the number that the first group of `pattern` finds in each line that it matches; undefined: in none. */
export function sumOf(lines: readonly string[], pattern: RegExp): number | undefined {
  const found = lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
  return found.length === 0 ? undefined : found.reduce((sum, digits) => sum + Number(digits), 0);
}

const PLACE = /((?:[\w@.+-]*[/\\])*[\w@.+[\]-]+\.[A-Za-z]\w{0,4}):(\d+)/;
const PYTHON_PLACE = /^[E\s]*File "([^"]+)", line (\d+)/;
/** Of the runner, the language or a package, not of the project. */
const FOREIGN =
  /(?:^|[\s("/])(?:node:|ext:|node_modules[/\\]|vendor[/\\]|rustc[/\\]|site-packages[/\\]|dist-packages[/\\])|[/\\]gems[/\\][\w.-]+-\d|[/\\]lib[/\\](?:python|ruby)[\d.]+[/\\]|[/\\]usr[/\\]share[/\\]|[/\\]go[/\\]src[/\\]|^\s*at (?:java\.|jdk\.|org\.junit\.|org\.opentest4j\.)/;

/** The first place in code of the project that the lines name. */
export function placeIn(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    if (FOREIGN.test(line)) continue;
    const found = PYTHON_PLACE.exec(line) ?? PLACE.exec(line);
    if (found !== null) return `${found[1]?.replace(/^\.\//, '')}:${found[2]}`;
  }
  return undefined;
}

/** Frames of a stack, lines of source with their numbers, and the sign below them. */
const NOISE =
  /^\s*(?:at .*[:(].*|at [\w.$]+|❯ .+:\d+:\d+|>?\s*\d+\s*\|.*|\|\s*\^.*|[~^]+|› .+|(?:test at )?\S+:\d+:\d+)$/;

/** The text of a failure: no stack, no source, no blank lines, no common indentation, and not long. */
export function messageOf(lines: readonly string[]): string {
  const told = lines.filter((line) => line.trim() !== '' && !NOISE.test(line));
  const shown = told.slice(0, MOST_LINES);
  const indent = Math.min(...shown.map((line) => line.search(/\S/)));
  const text = shown
    .map((line) => line.slice(indent).trimEnd())
    .join('\n')
    .trimStart();
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

/** The lines before the first one that `pattern` matches. */
export function before(lines: readonly string[], pattern: RegExp): readonly string[] {
  const end = lines.findIndex((line) => pattern.test(line));
  return end < 0 ? lines : lines.slice(0, end);
}

/** The lines after the first one that `pattern` matches; none if there is none. */
export function after(lines: readonly string[], pattern: RegExp): readonly string[] {
  const start = lines.findIndex((line) => pattern.test(line));
  return start < 0 ? [] : lines.slice(start + 1);
}

/** What any of the patterns matches; none of them has flags. */
export function either(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join('|'));
}
