/** Where memories are kept: one folder for all projects, below oagent's own. All of it is for its owner alone. */
import path from 'node:path';

export const SUMMARY_FILE = 'memory_summary.md';
export const HANDBOOK_FILE = 'MEMORY.md';
export const RAW_FILE = 'raw_memories.md';

export interface MemoryFolder {
  readonly root: string;
  /** What every session is told. */
  readonly summary: string;
  /** By topic, with the session and the date of each line. */
  readonly handbook: string;
  /** What was taken from each session, before it was merged. */
  readonly raw: string;
  /** A file for each session: `THREAD_ID.md`. */
  readonly rollouts: string;
  /** The user's own, which oagent only adds to. */
  readonly notes: string;
  readonly skills: string;
}

/** @param home oagent's own folder, absolute. */
export function memoryFolder(home: string): MemoryFolder {
  const root = path.join(home, 'memories');
  const at = (name: string): string => path.join(root, name);
  return {
    root,
    summary: at(SUMMARY_FILE),
    handbook: at(HANDBOOK_FILE),
    raw: at(RAW_FILE),
    rollouts: at('rollout_summaries'),
    notes: at('notes'),
    skills: at('skills'),
  };
}

/** All that is made from the database; the rest is the user's. */
export function generatedPlaces(home: string): string[] {
  const { summary, handbook, raw, rollouts, skills } = memoryFolder(home);
  return [summary, handbook, raw, rollouts, skills];
}
