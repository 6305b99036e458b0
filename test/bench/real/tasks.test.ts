/** The judges of the real tasks: each is tried on files nobody touched, on a right solution and on wrong ones. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allTasks, groupOf, tasksNamed } from './all-tasks.ts';
import type { RealTask, Solution } from './task.ts';
import { applySolution, layFiles, makeWorkspace, touchedFiles, verdictOf } from './workspace.ts';

let root = '';
let made = 0;
beforeAll(() => {
  root = mkdtempSync(path.join(realpathSync(tmpdir()), 'real-tasks-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function workspace(task: RealTask, solution: Solution = {}): string {
  made += 1;
  const folder = path.join(root, String(made));
  layFiles(folder, task);
  applySolution(folder, solution);
  return folder;
}

function verdict(task: RealTask, solution: Solution = {}) {
  return verdictOf(workspace(task, solution), task, solution.output ?? '');
}

const isThere = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

test('names are unique, and there are twenty tasks beside the ten, of each kind, and several to each', () => {
  const names = allTasks.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(allTasks.filter((task) => groupOf(task) === 'ten')).toHaveLength(10);
  const more = allTasks.filter((task) => groupOf(task) === 'more');
  const counts = Object.groupBy(more, ({ kind }) => kind);
  expect(Object.fromEntries(Object.entries(counts).map(([kind, tasks]) => [kind, tasks.length]))).toEqual({
    one: 19,
    several: 12,
    question: 6,
  });
});

test('tasks are found by name and by group, and an unknown name is told', () => {
  expect(tasksNamed('fix-js, ten').map(({ name }) => name)).toEqual(
    allTasks.slice(0, 10).map(({ name }) => name),
  );
  expect(tasksNamed('question').every(({ kind }) => kind === 'question')).toBe(true);
  expect(tasksNamed('toml,create').map(({ name }) => name)).toEqual(['create', 'toml']);
  expect(() => tasksNamed('create,nowhere')).toThrow(
    /^no such task: nowhere\. There are: ten, more, one, question, several, fix-py, /,
  );
});

describe.each(allTasks)('$name', (task) => {
  test.skipIf(task.needs?.some((program) => !isThere(program)))('is judged rightly', () => {
    expect(verdict(task)).toEqual({ right: task.isDoneAtStart === true, strangers: [] });
    expect(verdict(task, task.reference)).toEqual({ right: true, strangers: [] });
    for (const wrong of task.wrong ?? []) expect(verdict(task, wrong).right).toBe(false);
    const touched = workspace(task, task.reference);
    writeFileSync(path.join(touched, 'stranger.txt'), '');
    expect(verdictOf(touched, task, task.reference.output ?? '')).toEqual({
      right: false,
      strangers: ['stranger.txt'],
    });
  });
});

test('what is touched is found in spite of a commit and of .gitignore, and leftovers do not count', () => {
  const task = tasksNamed('delete')[0] as RealTask;
  const folder = path.join(root, 'repository');
  makeWorkspace(folder, task);
  applySolution(folder, {
    files: {
      '.gitignore': '*\n',
      'new/file.txt': 'new\n',
      'calc.py': 'pass\n',
      'old_notes.md': null,
      '__pycache__/calc.pyc': 'x',
      '.pytest_cache/v/x': 'x',
      '.aider.chat.history.md': 'x',
    },
  });
  spawnSync('git', ['commit', '--all', '--quiet', '--message', 'mine'], { cwd: folder });
  expect(touchedFiles(folder, task)).toEqual(['.gitignore', 'calc.py', 'new/file.txt', 'old_notes.md']);
});
