/** Reads an older folder of memories that the user names. It is not changed; links in it are not followed. */
import { closeSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isFolder, realPath } from '../../config/paths.ts';
import { decodeText } from '../../text/decode.ts';
import { errorMessage } from '../../text/error-message.ts';
import { openRegular } from '../../text/regular-file.ts';
import { HANDBOOK_FILE, RAW_FILE, SUMMARY_FILE } from '../folder.ts';
import { type OldLine, oldLines } from './old-lines.ts';
import { type OldRecord, oldRawMemories, oldRolloutSummary } from './old-records.ts';

const MIB = 2 ** 20;
const MOST_FILES = 5_000;
const ROLLOUTS = 'rollout_summaries';
const SKILLS = 'skills';
const SKILL_DEPTH = 3;

export interface OldFolder {
  readonly handbook: readonly OldLine[];
  readonly summary: readonly OldLine[];
  readonly raw: readonly OldRecord[];
  readonly rollouts: readonly OldRecord[];
  /** Texts by their paths below `skills/`. */
  readonly skills: readonly (readonly [path: string, text: string])[];
  /** What was left out, and why. */
  readonly problems: readonly string[];
}

/** @param folder absolute. @throws Error if there is nothing to take over. */
export function readOldFolder(folder: string, own: string): OldFolder {
  if (!isFolder(folder)) throw new Error(`${folder} is not a folder`);
  if (realPath(folder) === realPath(own)) throw new Error(`${folder} is oagent's own folder of memories`);
  const problems: string[] = [];
  const read = (name: string): string | undefined => {
    try {
      return textOf(path.join(folder, name));
    } catch (error) {
      problems.push(`${name}: ${errorMessage(error)}`);
      return undefined;
    }
  };
  const [handbook, summary, raw] = [HANDBOOK_FILE, SUMMARY_FILE, RAW_FILE].map(read);
  const rollouts = filesIn(folder, ROLLOUTS, 1).filter((name) => name.endsWith('.md'));
  const skills = filesIn(folder, SKILLS, SKILL_DEPTH);
  if ([handbook, summary, raw].every((text) => text === undefined) && rollouts.length + skills.length === 0) {
    const names = [HANDBOOK_FILE, SUMMARY_FILE, RAW_FILE, `${ROLLOUTS}/*.md`, `${SKILLS}/`].join(', ');
    throw new Error([`${folder} has none of ${names}`, ...problems].join('; '));
  }
  return {
    handbook: oldLines(handbook ?? ''),
    summary: oldLines(summary ?? ''),
    raw: oldRawMemories(raw ?? ''),
    rollouts: rollouts.flatMap((name) => {
      const text = read(`${ROLLOUTS}/${name}`);
      const record = text === undefined ? undefined : oldRolloutSummary(name, text);
      if (text !== undefined && record === undefined)
        problems.push(`${ROLLOUTS}/${name}: it does not say its session`);
      return record ?? [];
    }),
    skills: skills.flatMap((name): [string, string][] => {
      const text = read(`${SKILLS}/${name}`);
      return text === undefined ? [] : [[name, text]];
    }),
    problems,
  };
}

/** Undefined: there is none. @throws Error */
function textOf(file: string): string | undefined {
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  const { descriptor, stats } = openRegular(file, { isLinkFollowed: false });
  try {
    if (stats.size > MIB) throw new Error('it is larger than 1 MiB');
    const decoded = decodeText(readFileSync(descriptor));
    if (!decoded.ok) throw new Error(decoded.problem);
    return decoded.text;
  } finally {
    closeSync(descriptor);
  }
}

/** Paths below `folder/name` with slashes, sorted. */
function filesIn(folder: string, name: string, depth: number): string[] {
  const at = path.join(folder, name);
  if (!lstatSync(at, { throwIfNoEntry: false })?.isDirectory()) return [];
  const found = readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return [entry.name];
    if (!entry.isDirectory() || depth <= 1) return [];
    return filesIn(at, entry.name, depth - 1).map((inner) => `${entry.name}/${inner}`);
  });
  return found.sort().slice(0, MOST_FILES);
}
