/**
 * Checks the places that an answer names, as `path:line`.
 *
 * A place holds if the file has the line and one of the steps was about the file. A name that exists once elsewhere becomes its path; a line
 * that cannot be is left out, and a file that is not there is said to be none. Text without places stays as it is.
 */
import path from 'node:path';
import type { Item } from '../../protocol.ts';
import type { Hides } from '../../safety/reads.ts';
import { displayPath } from '../../tools/near-paths.ts';
import { sameNames } from '../../tools/same-name.ts';
import { type Cited, citations } from './citations.ts';
import { namedLine } from './named-line.ts';
import { readForPlaces } from './place-file.ts';

export interface Checked {
  readonly text: string;
  /** Places that were named, and those that hold or were set right. */
  readonly all: number;
  readonly held: number;
}

interface About {
  readonly cwd: string;
  readonly hides: Hides;
  /** What was done before the answer. */
  readonly seen: readonly Item[];
}

/** More are left as they are. */
const MOST_PLACES = 60;
const NO_FILE = '[no such file]';

export async function checkPlaces(text: string, about: About): Promise<Checked> {
  const cited = citations(text).slice(0, MOST_PLACES);
  const seen = about.seen.map(JSON.stringify as (item: Item) => string).join('\n');
  let rest = 0;
  let checked = '';
  let held = 0;
  let all = 0;
  for (const one of cited) {
    const place = await check(one, text, about, seen);
    if (place === undefined) continue;
    all += 1;
    if (place.holds) held += 1;
    checked += text.slice(rest, one.at) + place.text;
    rest = one.end;
  }
  return { text: checked + text.slice(rest), all, held };
}

interface Place {
  readonly text: string;
  readonly holds: boolean;
}

/** Undefined: it may be something else than a place. */
async function check(cited: Cited, text: string, about: About, seen: string): Promise<Place | undefined> {
  const file = await fileOf(cited.path, about);
  if (file === undefined) return cited.isCertain ? { text: NO_FILE, holds: false } : undefined;
  const { shown, lines } = file;
  const isSeen = seen.includes(path.basename(shown));
  if (!isSeen || cited.first < 1 || cited.first > lines.length) return { text: shown, holds: false };
  const meant = namedLine(text, cited, lines);
  if (meant !== undefined) return { text: `${shown}:${meant}`, holds: true };
  const last = Math.min(cited.last, lines.length);
  return { text: `${shown}:${cited.first}${last > cited.first ? `-${last}` : ''}`, holds: true };
}

interface FoundFile {
  /** As the model should write it. */
  readonly shown: string;
  readonly lines: readonly string[];
}

async function fileOf(spelled: string, { cwd, hides }: About): Promise<FoundFile | undefined> {
  const wanted = path.resolve(cwd, spelled);
  const lines = readForPlaces(wanted, hides);
  if (lines !== undefined) return { shown: displayPath(wanted, cwd), lines };
  const [other, ...more] = await sameNames(wanted, cwd);
  if (other === undefined || more.length > 0) return undefined;
  const found = readForPlaces(other, hides);
  return found && { shown: displayPath(other, cwd), lines: found };
}
