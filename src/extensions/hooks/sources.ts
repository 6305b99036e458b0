/**
 * Where hooks come from: the user's own config.toml and hooks.json, and the files of a project.
 *
 * Invariants: a file of a project is not opened unless the user trusts its folder, nor if it belongs to another user; what it says is
 * used only after the user has allowed exactly that (extension-trust.ts).
 */
import path from 'node:path';
import { printable } from '../../config/errors.ts';
import { type ExtensionTrust, extensionTrust } from '../../config/extension-trust.ts';
import { CLAUDE_SETTINGS, HOOK_FILES } from '../../config/hook-files.ts';
import { type ReadJson, readJsonFile, readProjectJson } from '../../config/json-file.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { holds, realPath } from '../../config/paths.ts';
import { contentHash, isEntry } from '../../config/project-file.ts';
import { isTable } from '../../config/table.ts';
import { howToTrust, projectFolders, projectTrust, trustWithin } from '../../config/trust.ts';
import { type Hook, hooksOf, isHookEvent, readHooks } from './hook.ts';

interface HookHome {
  /** Absolute. */
  readonly cwd: string;
  /** oagent's own folder. */
  readonly home: string;
  readonly loaded: Pick<LoadedConfig, 'config' | 'path' | 'projectHooks'>;
}

/** The hooks of one file. */
export interface HookSource {
  readonly file: string;
  readonly hooks: readonly Hook[];
  /** Absent: the user's own. */
  readonly project?: HookProject | undefined;
}

/** What ties the user's word to the hooks of a project. */
export interface HookProject {
  /** The file, from the project's root. */
  readonly name: string;
  /** As `projects` lists it. */
  readonly root: string;
  readonly id: string;
  readonly hash: string;
  /** All that would run, for the user. */
  readonly lines: readonly string[];
  readonly trust: ExtensionTrust;
}

/** In the order in which they run. */
export function findHooks(home: HookHome): {
  readonly sources: readonly HookSource[];
  /** For the user, one line each. */
  readonly warnings: readonly string[];
} {
  const warnings: string[] = [];
  const own = ownSources(home, warnings);
  const brought = projectSources(home, warnings);
  return { sources: [...own, ...brought].filter(({ hooks }) => hooks.length > 0), warnings };
}

function ownSources({ home, loaded }: HookHome, warnings: string[]): HookSource[] {
  const sources: HookSource[] = [];
  const { hooks } = loaded.config;
  if (hooks !== undefined) sources.push({ file: loaded.path, hooks: hooksOf(hooks) });
  const file = path.join(home, 'hooks.json');
  if (isEntry(file)) {
    const read = hooksIn(file, readJsonFile(file), false);
    warnings.push(...read.problems.map((problem) => ignored(file, problem)));
    sources.push({ file, hooks: read.hooks });
  }
  return sources;
}

/** The files of hooks that a project has, from its root down. Cheap, and opens none. */
function hookFiles(
  config: LoadedConfig['config'],
  { cwd, home }: Pick<HookHome, 'cwd' | 'home'>,
): { readonly file: string; readonly folder: string }[] {
  return projectFolders(config, cwd).flatMap((folder) =>
    HOOK_FILES.map((name) => ({ file: path.join(folder, name), folder })).filter(
      ({ file }) => isEntry(file) && !holds(realPath(home), realPath(file)),
    ),
  );
}

function projectSources(place: HookHome, warnings: string[]): HookSource[] {
  const { config, projectHooks } = place.loaded;
  const found = hookFiles(config, place);
  const distrusted = found.filter(({ folder }) => trustWithin(config, place.cwd, folder) !== 'trusted');
  const told = distrusted.filter(({ file }) => !isOfClaude(file));
  if (told.length > 0) warnings.push(distrustedText(place, told));
  const read = found
    .filter((one) => !distrusted.includes(one))
    .map(({ file, folder }) => ({ file, folder, ...hooksIn(file, readProjectJson(file, place.cwd), true) }));
  const inToml = projectHooks.map(({ file, folder, hooks }) => ({ file, folder, ...readHooks(hooks, true) }));
  return [...read, ...inToml].map(({ file, folder, hooks, problems }) => {
    warnings.push(...problems.map((problem) => ignored(file, problem)));
    return { file, hooks, project: projectOf({ file, folder, hooks }, place) };
  });
}

function projectOf(
  {
    file,
    folder,
    hooks,
  }: { readonly file: string; readonly folder: string; readonly hooks: readonly Hook[] },
  { cwd, loaded: { config } }: HookHome,
): HookProject {
  const { root } = projectTrust(config, cwd);
  const name = path.relative(root, file);
  const id = `hook:${name}`;
  // In another folder the same command is another program.
  const content = [path.relative(root, folder), hooks];
  const hash = contentHash(Buffer.from(JSON.stringify(content)));
  return { name, root, id, hash, lines: hooks.map(hookLine), trust: extensionTrust(config, root, id, hash) };
}

/** One hook for the user, whole. */
export function hookLine({ event, matcher, command }: Hook): string {
  return `${event}${matcher === undefined ? '' : ` (${matcher})`}: ${command}`;
}

function hooksIn(file: string, read: ReadJson, isOfProject: boolean): ReturnType<typeof readHooks> {
  if ('problem' in read) return { hooks: [], problems: [read.problem] };
  const given = isTable(read.value) ? (read.value.hooks ?? {}) : undefined;
  return readHooks(isOfClaude(file) ? ofKnownMoments(given) : given, isOfProject);
}

/** It has much else, perhaps no hook, and moments that are not here: about these nothing is said. */
function isOfClaude(file: string): boolean {
  return file.endsWith(CLAUDE_SETTINGS);
}

function ofKnownMoments(given: unknown): unknown {
  if (!isTable(given)) return given;
  return Object.fromEntries(Object.entries(given).filter(([event]) => isHookEvent(event)));
}

function ignored(file: string, problem: string): string {
  return `oagent is ignoring hooks in ${printable(file)}: ${printable(problem)}`;
}

function distrustedText(
  { cwd, home, loaded: { config } }: HookHome,
  files: readonly { file: string }[],
): string {
  return (
    `oagent is ignoring the project's hooks (${files.map(({ file }) => printable(file)).join(', ')}), because the ` +
    `folder is not trusted. ${howToTrust(projectTrust(config, cwd).root, home)}`
  );
}
