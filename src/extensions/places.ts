/**
 * Where the user and the project keep what they add as files. Mostly there is nothing: how it is read is in read-place.ts,
 * which is loaded when there is something.
 *
 * Invariant: of a project only trusted folders count.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { userHome } from '../config/home.ts';
import { realPath } from '../config/paths.ts';
import { projectFolders, type TrustConfig, trustWithin } from '../config/trust.ts';

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

/** The nearest folder of the project comes first, then what is above it, then the user's own. */
export function placesOf({ cwd, home, env, trust }: Surroundings, names: PlaceNames): Places {
  const above = userHome(env);
  const own = [path.join(home, names.own)];
  const user = above === undefined ? [] : names.user.map((name) => userFolder(env, above, name));
  const ofUser = [...own, ...user].filter(existsSync).map((folder) => ({ folder, base: cwd }));
  const isOfUser = new Set(ofUser.map(({ folder }) => realPath(folder)));
  const folders = projectFolders(trust, cwd);
  const [within = cwd] = folders;
  const found = folders
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
