/**
 * The command for a part of the tests: a file, a folder, or the name of a test. A package further down that has tests of its own is tested
 * by its own command, in its own folder.
 */
import path from 'node:path';
import { holds, statOf } from '../../config/paths.ts';
import { filledCommand } from '../../text/filled-command.ts';
import { meantPath } from '../meant-path.ts';
import { notFoundMessage } from '../near-paths.ts';
import { nearestTests, type TestCommand } from './find-command.ts';
import { ProjectFolder } from './project-folder.ts';
import { scriptRunner } from './project-scripts.ts';
import { RUNNERS, type Target } from './runners.ts';

type Targeted = TestCommand | { readonly problem: string };

const PLACEHOLDER = '{target}';
/** `tests/test_calc.py`, `src/lib`; not `adds two numbers` or `sum/adds`. */
const LIKE_PATH =
  /^[^\s:]*(?:\/[^\s:]*\.\w{1,4}|\.(?:[cm]?[jt]sx?|py|rs|go|java|kts?|rb|php|exs?|swift|cs|fs|c|cc|cpp))$/;
/** `spec/sum_spec.rb:12`, also with a column. */
const LINE = /:(\d+)(?::\d+)?:?$/;

/** @param target as the model writes it; empty: all tests. */
export async function targeted(tests: TestCommand, target: string, cwd: string): Promise<Targeted> {
  const plain = target.trim();
  if (tests.command.includes(PLACEHOLDER))
    return { ...tests, command: filledCommand(tests.command, PLACEHOLDER, plain) };
  if (plain === '' || plain === '.') return tests;
  const meant = meantPath(plain, cwd).path;
  const kind = kindOf(meant);
  if (kind === undefined) {
    if (LIKE_PATH.test(plain)) return { problem: await notFoundMessage(meant, cwd) };
    if (plain.startsWith('-'))
      return { problem: `${plain} is an option: name a file, a folder or a test, or give no target` };
    return commandFor(tests, { kind: 'name', name: plain });
  }
  const near = nearestBelow(tests, kind === 'folder' ? meant : path.dirname(meant));
  const relative = path.relative(near.folder, meant);
  if (relative === '') return near;
  if (relative.split(path.sep)[0] === '..')
    return { problem: `${plain} is not in ${near.folder}, where the tests run` };
  const below = relative.replaceAll(path.sep, '/');
  if (kind === 'folder') return commandFor(near, { kind, path: below });
  return commandFor(near, { kind, path: below, line: lineOf(plain, meant) });
}

/** The line that a model has written behind the file. */
function lineOf(spelled: string, file: string): string | undefined {
  const found = LINE.exec(spelled);
  return found === null || file.endsWith(found[0]) ? undefined : found[1];
}

function kindOf(file: string): 'file' | 'folder' | undefined {
  const found = statOf(file);
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'folder' : 'file';
}

/** The tests of the nearest package that holds the folder, if that is below the one that is tested. */
function nearestBelow(tests: TestCommand, folder: string): TestCommand {
  if (!holds(tests.folder, folder)) return tests;
  const found = nearestTests(folder, tests.folder);
  return found === undefined || found.folder === tests.folder ? tests : found;
}

function commandFor({ command, folder }: TestCommand, target: Target): Targeted {
  const script = scriptRunner(command);
  const run = script === undefined ? command : (script.script(new ProjectFolder(folder, folder)) ?? '');
  // What is added goes to the last command.
  const last = run.split(/&&|;/).at(-1)?.trim() ?? '';
  const runner = RUNNERS.find(({ words }) => words.test(last));
  const part = runner?.part(target);
  if (runner === undefined || part === undefined || /[|<>]/.test(last)) {
    const what = target.kind === 'name' ? 'a name' : `a ${target.kind}`;
    return { problem: `\`${command}\` cannot be given ${what}: call run_tests without a target` };
  }
  if (script === undefined) return { command: joined(command, runner.replaces, part), folder };
  if (runner.replaces?.test(last)) {
    // Its own files would be tested too.
    return last === run.trim()
      ? { command: joined(last, runner.replaces, part), folder }
      : { problem: `\`${command}\` cannot be given a target: call run_tests without one` };
  }
  const words = [command, script.before, part].filter((word) => word !== undefined);
  return { command: words.join(' '), folder };
}

function joined(command: string, replaces: RegExp | undefined, part: string): string {
  return `${replaces === undefined ? command : command.replace(replaces, '')} ${part}`;
}
