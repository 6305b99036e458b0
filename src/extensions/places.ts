/**
 * Where the user and the project keep what they add as files.
 *
 * Invariants: of a project only trusted folders count, and no file that a link takes out of it; what belongs to another user does
 * not count anywhere. Nothing but regular files is opened, and none that is larger than a limit.
 */
import { closeSync, existsSync, fstatSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import { userHome } from '../config/home.ts';
import { isOurs } from '../config/owner.ts';
import { holds, realPath } from '../config/paths.ts';
import { projectFolders, projectRoot, type TrustConfig, trustWithin } from '../config/trust.ts';
import { type Hides, openUnhidden } from '../safety/reads.ts';
import { decodeText } from '../text/decode.ts';
import { errorMessage } from '../text/error-message.ts';

export interface Surroundings {
  /** Of the session, absolute. */
  readonly cwd: string;
  /** oagent's own folder. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly trust: TrustConfig;
}

export interface Place {
  /** It exists. */
  readonly folder: string;
  /** The folder that it is for: what is in it is about the files below. */
  readonly base: string;
  /** Of a project: its root, which no link may leave. */
  readonly within?: string;
}

export interface Places {
  /** The first that has a name decides what it means. */
  readonly used: readonly Place[];
  /** They exist in a project that the user does not trust, or not yet. */
  readonly untrusted: readonly string[];
}

/** Below the folders of a project; the user's are `user`, and `own` below oagent's own folder. */
export interface PlaceNames {
  readonly project: readonly string[];
  readonly own: string;
  readonly user: readonly string[];
}

const LIMIT = 2 ** 18;
const LIMIT_TEXT = '256 KiB';
/** More are not looked at: a folder with so many was not made for this. */
const MOST_ENTRIES = 500;

/** The nearest folder of the project comes first, then what is above it, then the user's own. */
export function placesOf({ cwd, home, env, trust }: Surroundings, names: PlaceNames): Places {
  const above = userHome(env);
  const own = [path.join(home, names.own)];
  const user = above === undefined ? [] : names.user.map((name) => userFolder(env, above, name));
  const ofUser = [...own, ...user].filter(existsSync).map((folder) => ({ folder, base: cwd }));
  const isOfUser = new Set(ofUser.map(({ folder }) => realPath(folder)));
  const within = projectRoot(trust, cwd);
  const found = projectFolders(trust, cwd)
    .toReversed()
    .flatMap((base) => names.project.map((name) => ({ folder: path.join(base, name), base, within })))
    .filter(({ folder }) => existsSync(folder) && !isOfUser.has(realPath(folder)));
  const isTrusted = ({ base }: Place): boolean => trustWithin(trust, cwd, base) === 'trusted';
  return {
    used: [...found.filter(isTrusted), ...ofUser],
    untrusted: found.filter((place) => !isTrusted(place)).map(({ folder }) => folder),
  };
}

/** Codex's folder can be elsewhere. */
function userFolder(env: NodeJS.ProcessEnv, home: string, name: string): string {
  const codex = env.CODEX_HOME?.trim();
  if (!codex || !path.isAbsolute(codex) || !name.startsWith('.codex/')) return path.join(home, name);
  return path.join(codex, name.slice('.codex/'.length));
}

export interface Entry {
  readonly name: string;
  readonly file: string;
}

/** Whether a link takes the file out of the project. */
export function leadsOut({ within }: Pick<Place, 'within'>, file: string): boolean {
  return within !== undefined && !holds(within, realPath(file));
}

export const LEADS_OUT = 'a link leads out of the project';

/** What a folder of the place holds, sorted, without hidden entries; nothing if it cannot be read. */
export function entriesIn(place: Pick<Place, 'within'>, folder: string): readonly Entry[] {
  if (leadsOut(place, folder)) return [];
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => !name.startsWith('.'))
    .toSorted()
    .slice(0, MOST_ENTRIES)
    .map((name) => ({ name, file: path.join(folder, name) }));
}

export interface Reading {
  /** Of a larger file the beginning is read, instead of nothing. */
  readonly isPart?: boolean;
  /** What must not be read for the model. */
  readonly hides?: Hides | undefined;
}

/** The text of a file in a place, with LF alone. @throws Error that says why it is not read. */
export function readIn(
  { folder, within }: Pick<Place, 'folder' | 'within'>,
  file: string,
  { isPart = false, hides = () => false }: Reading = {},
): string {
  if (!isOurs(file, within ?? folder)) throw new Error('it belongs to another user');
  // Looked at again while it is open: a link may be put there at any time.
  if (leadsOut({ within }, file)) throw new Error(LEADS_OUT);
  const descriptor = openUnhidden(file, (one) => leadsOut({ within }, one) || hides(one));
  if (descriptor === undefined) throw new Error('it must not be read');
  try {
    const { size } = fstatSync(descriptor);
    if (size > LIMIT && !isPart) throw new Error(`it is larger than ${LIMIT_TEXT}`);
    const bytes = Buffer.alloc(Math.min(size, LIMIT));
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    return textOf(bytes.subarray(0, length), length < size);
  } finally {
    closeSync(descriptor);
  }
}

function textOf(bytes: Buffer, isCut: boolean): string {
  const found = decodeText(bytes, { isCut });
  if (!found.ok) throw new Error(`${found.problem}; save it as UTF-8`);
  return found.text.replace(/\r\n?/g, '\n');
}

/** What is wrong with a file that is not used. */
export interface Broken {
  readonly file: string;
  readonly problem: string;
}

export function brokenBy(file: string, error: unknown): Broken {
  return { file, problem: errorMessage(error) };
}
