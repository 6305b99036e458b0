/**
 * The settings at the beginning of a Markdown file, between two lines of dashes.
 *
 * Values are text or lists of texts, whatever YAML would make of them. What people write without the quotation marks that YAML
 * wants is understood as it is meant.
 */
import { FAILSAFE_SCHEMA, load, YAMLException } from 'js-yaml';

export interface FrontMatter {
  readonly fields: ReadonlyMap<string, string | readonly string[]>;
  readonly body: string;
  /** Of the file, from 1. */
  readonly bodyLine: number;
}

/** No file needs more, and reading it takes time. */
const MOST_CHARS = 16_384;
const FENCE = /^---[ \t]*$/;
/** Cannot be YAML, but is what people write: a colon and a blank, or a star, in a text without quotation marks. */
const BARE_VALUE = /^([A-Za-z][\w-]*):[ \t]+(?!["'|>[{&])(\S.*)$/gm;
/** `[file] [line]` is a text, not a list. */
const HINT = /^(argument-hint):[ \t]+(?!["'|>])(\S.*)$/gm;

/** @param text with LF alone. @throws Error that says what is wrong and what to do. */
export function frontMatter(text: string): FrontMatter {
  const lines = text.split('\n');
  if (!FENCE.test(lines[0] ?? '')) return { fields: new Map(), body: text, bodyLine: 1 };
  const end = lines.findIndex((line, at) => at > 0 && FENCE.test(line));
  if (end < 0) throw new Error('its front matter has no end: write a line with --- below it');
  const source = lines.slice(1, end).join('\n');
  if (source.length > MOST_CHARS) throw new Error(`its front matter is longer than ${MOST_CHARS} characters`);
  return { fields: fieldsOf(source), body: lines.slice(end + 1).join('\n'), bodyLine: end + 2 };
}

function fieldsOf(source: string): FrontMatter['fields'] {
  if (source.trim() === '') return new Map();
  const hinted = quoted(source, HINT);
  let value: unknown;
  try {
    value = parsed(hinted);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    value = parsedBare(hinted, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('its front matter has to be lines such as `description: TEXT`');
  return new Map(
    Object.entries(value).flatMap(([key, said]) => {
      const known = textsOf(said);
      return known === undefined ? [] : [[key, known] as const];
    }),
  );
}

function parsedBare(source: string, first: YAMLException): unknown {
  try {
    return parsed(quoted(source, BARE_VALUE));
  } catch {
    // Counted from the first line of the file.
    const line = (first.mark?.line ?? 0) + 2;
    throw new Error(`its front matter cannot be read: line ${line}: ${first.reason}. Put the text in quotes`);
  }
}

const parsed = (source: string): unknown => load(source, { schema: FAILSAFE_SCHEMA });

function quoted(source: string, line: RegExp): string {
  return source.replace(
    line,
    (_, key: string, text: string) => `${key}: '${text.trim().replaceAll("'", "''")}'`,
  );
}

/** Undefined: a table, of which there is none that we know. */
function textsOf(value: unknown): string | readonly string[] | undefined {
  if (typeof value === 'string') return value.trim();
  if (!Array.isArray(value)) return undefined;
  return value.filter((one): one is string => typeof one === 'string');
}
