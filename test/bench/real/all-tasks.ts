/**
 * All real tasks, and which of them are meant by a list of names.
 *
 * Does not: know what is in them.
 */
import type { RealTask } from './task.ts';
import { codeSteps } from './tasks/code-steps.ts';
import { dataSteps } from './tasks/data-steps.ts';
import { questions } from './tasks/questions.ts';
import { severalJavaScript } from './tasks/several-javascript.ts';
import { severalMixed } from './tasks/several-mixed.ts';
import { severalPython } from './tasks/several-python.ts';
import { shellSteps } from './tasks/shell-steps.ts';
import { tenTasks } from './tasks/ten.ts';

/** Groups that can be named instead of tasks. */
const GROUPS: { readonly [group: string]: readonly RealTask[] } = {
  ten: tenTasks,
  more: [
    ...codeSteps,
    ...shellSteps,
    ...dataSteps,
    ...severalMixed,
    ...severalPython,
    ...severalJavaScript,
    ...questions,
  ],
};

export const allTasks: readonly RealTask[] = Object.values(GROUPS).flat();

/** The name of a task's group. */
export function groupOf(task: RealTask): string {
  return Object.keys(GROUPS).find((group) => GROUPS[group]?.includes(task)) ?? '';
}

/** The tasks of a comma-separated list of names, groups and kinds, each once, in the order of `allTasks`. @throws for an unknown name. */
export function tasksNamed(list: string): RealTask[] {
  const names = list.split(',').map((name) => name.trim());
  const handlesOf = (task: RealTask) => [groupOf(task), task.kind, task.name];
  const groups = [...allTasks.map(groupOf), ...allTasks.map(({ kind }) => kind)];
  const known = [...new Set(groups), ...allTasks.map(({ name }) => name)];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`no such task: ${unknown.join(', ')}. There are: ${known.join(', ')}`);
  return allTasks.filter((task) => handlesOf(task).some((handle) => names.includes(handle)));
}
