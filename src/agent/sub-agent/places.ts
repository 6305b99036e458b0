/**
 * Checks the places that an answer names, as `path:line`.
 *
 * A place holds if the file has the line and one of the steps was about the file. A name that exists once elsewhere becomes its path; a line
 * that cannot be is left out, and a file that is not there is said to be none. Text without places stays as it is.
 */
import path from 'node:path';
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
  /** All that was shown before the answer. */
  readonly seen: string;
}

/** More are left as they are. */
const MOST_PLACES = 60;
const NO_FILE = '[no such file]';
/** Names that are searched for in all of the project. */
const MOST_SEARCHES = 10;

export async function checkPlaces(text: string, about: About): Promise<Checked> {
  const cited = citations(text).slice(0, MOST_PLACES);
  const files = new Files(about);
  let rest = 0;
  let checked = '';
  let held = 0;
  let all = 0;
  for (const one of cited) {
    const place = await check(one, text, files, about.seen);
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
async function check(cited: Cited, text: string, files: Files, seen: string): Promise<Place | undefined> {
  const file = await files.find(cited.path);
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

/** The files of one answer, each read once. */
class Files {
  readonly #about: About;
  readonly #known = new Map<string, FoundFile | undefined>();
  #searches = 0;

  constructor(about: About) {
    this.#about = about;
  }

  async find(spelled: string): Promise<FoundFile | undefined> {
    if (!this.#known.has(spelled)) this.#known.set(spelled, await this.#look(spelled));
    return this.#known.get(spelled);
  }

  async #look(spelled: string): Promise<FoundFile | undefined> {
    const { cwd } = this.#about;
    const wanted = path.resolve(cwd, spelled);
    const found = this.#read(wanted);
    if (found !== undefined || this.#searches >= MOST_SEARCHES) return found;
    this.#searches += 1;
    const [other, ...more] = await sameNames(wanted, cwd);
    return other === undefined || more.length > 0 ? undefined : this.#read(other);
  }

  #read(file: string): FoundFile | undefined {
    const { cwd, hides } = this.#about;
    const lines = readForPlaces(file, hides);
    return lines && { shown: displayPath(file, cwd), lines };
  }
}
