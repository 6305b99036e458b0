/** What a SKILL.md says of itself. */
import { frontMatter } from '../front-matter.ts';

export interface SkillText {
  readonly name: string;
  readonly description: string;
  /** Globs: it comes when one of these files is touched or named, not by the words of a message. */
  readonly paths: readonly string[];
  /** It comes when it is called by its name, and only then. */
  readonly isOnlyCalled: boolean;
  readonly body: string;
  /** Of the file, from 1. */
  readonly bodyLine: number;
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const MOST_DESCRIPTION = 1_024;
const MOST_PATHS = 50;
const LONGEST_PATH = 200;

export function isSkillName(name: string): boolean {
  return NAME.test(name);
}

/** @param folder the name of the folder that it is in. @throws Error that says what is wrong and what to do. */
export function readSkill(text: string, folder: string): SkillText {
  const { fields, body, bodyLine } = frontMatter(text);
  const name = textOf(fields.get('name')) || folder;
  const description = textOf(fields.get('description'));
  if (!isSkillName(name))
    throw new Error(
      `its name is ${JSON.stringify(name)}: write 1 to 64 of a-z, 0-9 and - as \`name:\` in its front matter`,
    );
  if (description === '')
    throw new Error('it has no description: write `description: when it is to be used` in its front matter');
  if (description.length > MOST_DESCRIPTION)
    throw new Error(
      `its description has ${description.length} characters: shorten it to ${MOST_DESCRIPTION}, the rest belongs below the front matter`,
    );
  if (body.trim() === '') throw new Error('it has no text: write below the front matter what is to be done');
  return {
    name,
    description,
    paths: pathsOf(fields.get('paths')),
    isOnlyCalled: textOf(fields.get('disable-model-invocation')).toLowerCase() === 'true',
    body: body.trimEnd(),
    bodyLine,
  };
}

/** On one line. */
function textOf(value: string | readonly string[] | undefined): string {
  return (typeof value === 'string' ? value : (value ?? []).join(', ')).replaceAll(/\s+/g, ' ').trim();
}

/** A list, or a text with commas between them. */
function pathsOf(value: string | readonly string[] | undefined): readonly string[] {
  const globs = typeof value === 'string' ? outsideBraces(value) : (value ?? []);
  const paths = globs.map((glob) => glob.trim().replace(/^\.?\//, '')).filter((glob) => glob !== '');
  const long = paths.find((glob) => glob.length > LONGEST_PATH);
  if (long !== undefined || paths.length > MOST_PATHS)
    throw new Error(`its paths: are more than ${MOST_PATHS}, or longer than ${LONGEST_PATH} characters`);
  return paths;
}

/** `src/{a,b}.ts, lib/**` are two. */
function outsideBraces(value: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const character of value) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === ',' && depth <= 0) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${character}`);
  }
  return parts;
}
