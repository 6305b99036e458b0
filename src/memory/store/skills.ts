/** Procedures that are files of their own, below `skills/`. */
import type { Sqlite } from '../../system/sqlite.ts';

export interface Skill {
  /** Below `skills/`, with slashes; of small letters, digits, dots, dashes and underscores. */
  readonly path: string;
  readonly text: string;
  /** Ids of sessions. */
  readonly threads: readonly string[];
  /** Milliseconds of the epoch. */
  readonly dated: number;
}

const PATH = /^[A-Za-z0-9_-][\w.-]{0,79}(?:\/[A-Za-z0-9_-][\w.-]{0,79}){0,3}$/;

/** Whether a file of a skill may have this path. */
export const isSkillPath = (path: string): boolean => PATH.test(path);

/** @throws Error for a path that is none. */
export function putSkill(store: Sqlite, { path, text, threads, dated }: Skill): void {
  if (!isSkillPath(path)) throw new Error(`${path} is not a name for a file of a skill`);
  store
    .sql('INSERT OR REPLACE INTO skills (path, text, threads, dated) VALUES (?, ?, ?, ?)')
    .run(path, text, JSON.stringify(threads), dated);
}

export function allSkills(store: Sqlite): Skill[] {
  return store
    .sql('SELECT path, text, threads, dated FROM skills ORDER BY path')
    .all()
    .map(({ path, text, threads, dated }) => ({
      path: String(path),
      text: String(text),
      threads: JSON.parse(String(threads)),
      dated: Number(dated),
    }))
    .filter(({ path }) => isSkillPath(path));
}
