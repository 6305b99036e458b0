/** Looks for skills in all of their places. The first one of a name counts. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { nearFiles } from '../../config/near-file.ts';
import { realPath, statOf } from '../../config/paths.ts';
import type { Place, Places } from '../places.ts';
import { type Broken, brokenBy, entriesIn, LEADS_OUT, leadsOut, readIn } from '../read-place.ts';
import { readSkill, type SkillText } from './skill-file.ts';

export interface FoundSkill extends SkillText {
  /** SKILL.md, absolute. */
  readonly file: string;
  readonly place: Place;
}

export interface FoundSkills {
  readonly skills: readonly FoundSkill[];
  readonly broken: readonly Broken[];
  /** Those whose name another one has that was found before. */
  readonly shadowed: readonly { readonly name: string; readonly file: string; readonly by: string }[];
  readonly untrusted: readonly string[];
}

const FILE = 'SKILL.md';
/** Skills may be kept in groups. */
const DEPTH = 3;

export function findSkills({ used, untrusted }: Places): FoundSkills {
  const found = used.flatMap((place) => skillsIn(place.folder, place, DEPTH));
  const skills = new Map<string, FoundSkill>();
  const seen = new Set<string>();
  const shadowed: FoundSkills['shadowed'][number][] = [];
  for (const one of found) {
    if ('problem' in one) continue;
    const real = realPath(one.file);
    const first = skills.get(one.name);
    if (first === undefined) skills.set(one.name, one);
    // Not where a link leads to the same file.
    else if (!seen.has(real)) shadowed.push({ name: one.name, file: one.file, by: first.file });
    seen.add(real);
  }
  return {
    skills: [...skills.values()],
    broken: found.filter((one) => 'problem' in one),
    shadowed,
    untrusted,
  };
}

function skillsIn(folder: string, place: Place, depth: number): (FoundSkill | Broken)[] {
  return entriesIn(place, folder).flatMap(({ name, file }) => {
    if (leadsOut(place, file)) return [{ file, problem: LEADS_OUT }];
    if (!statOf(file)?.isDirectory()) return [];
    const text = path.join(file, FILE);
    if (isThere(text)) return [skillAt(text, name, place)];
    const near = nearFiles(file, [FILE]).map((problem) => ({ file: text, problem }));
    if (near.length > 0) return near;
    return depth > 1 ? skillsIn(file, place, depth - 1) : [];
  });
}

function skillAt(file: string, folder: string, place: Place): FoundSkill | Broken {
  try {
    return { ...readSkill(readIn(place, file), folder), file, place };
  } catch (error) {
    return brokenBy(file, error);
  }
}

function isThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
