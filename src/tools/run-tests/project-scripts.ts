/** The script `test` of a package.json, a composer.json or a deno.json, and the commands that run it. */
import { isObject, parseJson } from '../../model/json-object.ts';
import type { JsonObject } from '../../protocol.ts';
import type { ProjectFolder } from './project-folder.ts';

interface ScriptRunner {
  /** The command that runs the script. */
  readonly command: RegExp;
  /** What the script is; undefined: there is none, or nothing can be written behind it. */
  readonly script: (folder: ProjectFolder) => string | undefined;
  /** What comes between the command and the arguments of the script. */
  readonly before?: string;
}

const SCRIPT_RUNNERS: readonly ScriptRunner[] = [
  { command: /^npm (?:run )?test$/, script: packageScript, before: '--' },
  { command: /^(?:pnpm|yarn|bun run) (?:run )?test$/, script: packageScript },
  { command: /^composer (?:run )?test$/, script: composerScript, before: '--' },
  { command: /^deno task test$/, script: denoTask },
];

/** @returns undefined: the command runs no script. */
export function scriptRunner(command: string): ScriptRunner | undefined {
  return SCRIPT_RUNNERS.find((one) => one.command.test(command));
}

/** Empty if there is no such file, or it is none. */
export function manifestOf(folder: ProjectFolder, name: string): JsonObject {
  const manifest = parseJson(folder.text(name) ?? '');
  return isObject(manifest) ? manifest : {};
}

export function packageScript(folder: ProjectFolder): string | undefined {
  return nonEmpty(memberOf(manifestOf(folder, 'package.json').scripts, 'test'));
}

/** Composer writes arguments behind each command of a script. */
function composerScript(folder: ProjectFolder): string | undefined {
  const test = composerTest(folder);
  return nonEmpty(Array.isArray(test) && test.length === 1 ? test[0] : test);
}

/** As it is in the file: a command or several. */
export function composerTest(folder: ProjectFolder): unknown {
  return memberOf(manifestOf(folder, 'composer.json').scripts, 'test');
}

export function denoTask(folder: ProjectFolder): string | undefined {
  const test = memberOf(manifestOf(folder, 'deno.json').tasks, 'test');
  return nonEmpty(isObject(test) ? test.command : test);
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
