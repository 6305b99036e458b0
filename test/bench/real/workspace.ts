/**
 * The folder that an agent works in: a fresh git repository with the files of one task, and what became of it.
 *
 * Invariants: what was touched is found by comparing every file with what the task laid down, so that a commit or an
 * edited .gitignore hides nothing. What programs and agents leave for themselves does not count.
 * Does not: run agents.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RealTask, Solution } from './task.ts';

const GITIGNORE = '__pycache__/\n.pytest_cache/\n';
/** Left by Python, pytest and aider. */
const LEFTOVERS = /^(__pycache__|\.pytest_cache|\.git|\.aider.*)$/;

export interface Verdict {
  readonly right: boolean;
  /** Files that differ although the task does not let them. */
  readonly strangers: readonly string[];
}

/** Lays down the files without a repository. */
export function layFiles(folder: string, task: RealTask): void {
  for (const [file, text] of Object.entries(filesOf(task))) put(folder, file, text);
}

/** Makes the repository with one commit. */
export function makeWorkspace(folder: string, task: RealTask): void {
  layFiles(folder, task);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
  git('init', '--quiet', '--initial-branch', 'main');
  git('config', 'user.name', 'bench');
  git('config', 'user.email', 'bench@localhost');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'start');
}

/** Does to the folder what a solution says. */
export function applySolution(folder: string, { files = {} }: Solution): void {
  for (const [file, text] of Object.entries(files)) {
    if (text === null) rmSync(path.join(folder, file));
    else put(folder, file, text);
  }
}

/** Judges the folder and the final answer. */
export function verdictOf(folder: string, task: RealTask, output: string): Verdict {
  // Before the judge runs programs in there.
  const strangers = touchedFiles(folder, task).filter((file) => !task.mayChange.includes(file));
  return { right: strangers.length === 0 && isWanted(folder, task, output), strangers };
}

/** Files that were added, changed or deleted, in alphabetical order. */
export function touchedFiles(folder: string, task: RealTask): string[] {
  const before = filesOf(task);
  const after = new Set(listFiles(folder, ''));
  const isSame = (file: string) =>
    after.has(file) && readFileSync(path.join(folder, file), 'utf8') === before[file];
  return [...new Set([...Object.keys(before), ...after])].filter((file) => !isSame(file)).toSorted();
}

function filesOf(task: RealTask): RealTask['files'] {
  return { '.gitignore': GITIGNORE, ...task.files };
}

function isWanted(folder: string, task: RealTask, output: string): boolean {
  try {
    return task.judge(folder, output);
  } catch {
    return false;
  }
}

function listFiles(folder: string, below: string): string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true })
    .filter(({ name }) => !LEFTOVERS.test(name))
    .flatMap((entry) => {
      const file = path.posix.join(below, entry.name);
      return entry.isDirectory() ? listFiles(folder, file) : [file];
    });
}

function put(folder: string, file: string, text: string): void {
  const target = path.join(folder, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
}
