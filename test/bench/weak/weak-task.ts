/** What the weak model works on: a repository with a fault, the files without it, and the test that tells them apart. */
import { edited, type Files } from '../real/task.ts';

export interface WeakTask {
  readonly name: string;
  readonly language: 'javascript' | 'python';
  readonly prompt: string;
  readonly files: Files;
  /** The files to change, as they should be. */
  readonly fixed: Files;
  /** Runs the task's own test. */
  readonly test: string;
  /** What to search for; absent: the prompt names the file. */
  readonly find?: string;
  /** The model begins with a plan. */
  readonly isPlanned?: true;
}

/** The task without `fixed`, which is made from passages and what replaces them. */
export function weakTask({
  edits,
  ...task
}: Omit<WeakTask, 'fixed'> & {
  readonly edits: readonly (readonly [file: string, before: string, after: string])[];
}): WeakTask {
  let fixed: Files = {};
  for (const [file, before, after] of edits)
    fixed = { ...fixed, [file]: edited({ ...task.files, ...fixed }, file, before, after) };
  return { ...task, fixed };
}
