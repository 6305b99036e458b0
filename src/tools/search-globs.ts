/**
 * Globs as people and models write them, as ripgrep takes them: several in one text, in quotes, with the backslashes of Windows,
 * with `./` or an absolute path in front, a folder, the name of a file type.
 */
import { statSync } from 'node:fs';
import path from 'node:path';

const WILDCARD = /[*?[{]/;
const MATCHES_ALL = /^(?:\*{1,2}\/)*\*{1,2}$/;

export interface SearchGlob {
  readonly isNegative: boolean;
  /** The folders without wildcards that it begins with, as far as they exist; empty: none. */
  readonly folder: string;
  /** What comes after that; empty: all that is in it. */
  readonly rest: string;
}

export function hasWildcard(text: string): boolean {
  return WILDCARD.test(text);
}

/** The globs in a text, which start at `cwd`. */
export function readGlobs(text: string, cwd: string): SearchGlob[] {
  return splitGlobs(text).flatMap((part) => {
    const isNegative = part.startsWith('!');
    const plain = plainGlob(isNegative ? part.slice(1) : part, cwd);
    return plain === '' || plain === '.' ? [] : [{ isNegative, ...splitFolder(plain, cwd) }];
  });
}

/** For ripgrep, relative to `cwd`; such a glob may start at `base` or at `cwd`. */
export function ripgrepGlobs({ isNegative, folder, rest }: SearchGlob, base: string): string[] {
  const isFolder = rest === '' || rest.endsWith('/');
  const tail = rest.replace(/\/+$/, '');
  const name = [...(folder === '' ? [] : [escaped(folder)]), ...(tail === '' ? [] : [tail])].join('/');
  const isBelow = name.includes('/') && base !== '.' && !path.isAbsolute(base);
  const starts = isBelow ? [name, `${escaped(base)}/${name}`] : [name];
  // A folder stands for what is in it; whether it is one cannot be told from a name without wildcards.
  const inside = isFolder || !hasWildcard(tail) ? starts.map((start) => `${start}/**`) : [];
  const anywhere = name.includes('/') ? [] : inside.map((start) => `**/${start}`);
  const type = /^\.?(\w{1,5})$/.exec(folder === '' ? tail : '')?.[1];
  const ofType = type === undefined || isFolder || isNegative ? [] : [`*.${type}`];
  const all = [...(isFolder ? [] : starts), ...inside, ...anywhere, ...ofType];
  return all.map((glob) => (isNegative ? `!${glob}` : glob));
}

function plainGlob(part: string, cwd: string): string {
  const bare = part.replace(/^(["'`])(.+)\1$/, '$2');
  // Nobody searches for a file with a star in its name; Windows has these between folders.
  const written = bare.includes('/') ? bare : bare.replaceAll('\\', '/');
  const local = written.startsWith(`${cwd}/`) ? written.slice(cwd.length + 1) : written;
  return local.replace(/^(?:\.?\/)+/, '');
}

/** A folder's name may have brackets, which are no wildcards then: `[id]/*.tsx`. */
function splitFolder(glob: string, cwd: string): { folder: string; rest: string } {
  const parts = glob.split('/').filter((part) => part !== '');
  let count = 0;
  // A lone name may be that of a folder anywhere.
  while (parts.length > 1 && count < parts.length && isFolder(path.join(cwd, ...parts.slice(0, count + 1))))
    count++;
  const rest = parts.slice(count).join('/') + (glob.endsWith('/') && count < parts.length ? '/' : '');
  return {
    folder: parts.slice(0, count).join('/'),
    rest: MATCHES_ALL.test(rest.replace(/\/$/, '')) ? '' : rest,
  };
}

function isFolder(file: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch {
    return false;
  }
}

function escaped(folder: string): string {
  return folder.replace(/[[\]{}*?!\\]/g, '\\$&');
}

/** `*.ts,*.tsx`, and with blanks, `;` or `|` between them, are two; `*.{ts,tsx}` is one, and so is the name of a folder with a blank. */
function splitGlobs(text: string): string[] {
  const byCommas = splitOutsideBraces(text.replace(/^(?:-g|--i?glob)[ =]/, ''), ',');
  return byCommas.flatMap((part) => {
    const parts = splitOutsideBraces(part, ' ;|');
    return parts.length > 1 && parts.every(hasWildcard) ? parts : [part.trim()];
  });
}

function splitOutsideBraces(text: string, separators: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '(') depth += 1;
    if (char === '}' || char === ')') depth -= 1;
    if (char !== undefined && (!separators.includes(char) || depth > 0)) continue;
    parts.push(text.slice(from, at).trim());
    from = at + 1;
  }
  return parts.filter((part) => part !== '');
}
