/**
 * What a project says about itself: the `.oagent/config.toml` files from its root down to the working directory.
 *
 * Owns: which of these files count, and which keys none of them may set. Invariants: such a file is data from a
 * repository, so it is not even opened where the user has not trusted its folder, and a key that widens what commands
 * may do, starts programs, names servers or decides trust is removed before anything reads it. Whatever stands in
 * its place (a pipe, a folder, a huge file) costs a warning.
 * Does not: check the values of the other keys or merge them (load.ts).
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { printable } from './errors.ts';
import { formatKeyPath } from './key-path.ts';
import { type Layer, layerFromBytes } from './layer.ts';
import type { Config } from './schema.ts';
import { removeAt, type Table, valueAt } from './table.ts';
import { holds, projectRoot, projectTrust, realPath } from './trust.ts';

/** The user alone sets these. `profile` would select among the user's own, `project_root_markers` where trust begins. */
export const FORBIDDEN_KEYS: readonly (readonly string[])[] = [
  ['sandbox_mode'],
  ['sandbox_workspace_write'],
  ['approval_policy'],
  ['shell_environment_policy'],
  ['notify'],
  ['hooks'],
  ['mcp_servers'],
  ['model_provider'],
  ['model_providers'],
  ['oss_provider'],
  ['openai_base_url'],
  ['ollama', 'host'],
  ['projects'],
  ['project_root_markers'],
  ['profile'],
  ['profiles'],
];

const SIZE_LIMIT = 2 ** 20;

/**
 * The layers of the project that holds `cwd`, lowest first: the nearest file wins.
 *
 * @param config what the user says, without any project.
 * @param places `home` is oagent's own folder, which is no project's; both absolute.
 * @returns the layers of trusted folders, without the forbidden keys, and for the user one line a warning.
 * @throws ConfigError for a trusted file that is not TOML.
 */
export function projectLayers(
  config: Config,
  { cwd, home }: { readonly cwd: string; readonly home: string },
): { readonly layers: readonly Layer[]; readonly warnings: readonly string[] } {
  const root = projectRoot(config, cwd);
  const folders = foldersBetween(root, realPath(cwd)).filter((folder) => isEntry(configFile(folder)));
  const candidates = folders.filter(
    (folder) => !holds(realPath(path.join(folder, '.oagent')), realPath(home)),
  );
  if (candidates.length === 0) return { layers: [], warnings: [] };

  const here = projectTrust(config, cwd);
  const trusted = (folder: string): boolean =>
    here.level === 'trusted' && projectTrust(config, folder).level === 'trusted';
  const warnings: string[] = [];
  const layers: Layer[] = [];
  const forbidden: string[] = [];
  for (const folder of candidates.filter(trusted)) {
    const file = configFile(folder);
    const bytes = readRegularFile(file);
    if (typeof bytes === 'string') {
      warnings.push(`oagent is ignoring ${printable(file)}: ${bytes}`);
      continue;
    }
    const layer = layerFromBytes(file, bytes);
    const removed = removeForbidden(layer.values);
    if (removed.length > 0) forbidden.push(`${removed.join(', ')} (${printable(file)})`);
    layers.push(layer);
  }
  if (forbidden.length > 0) {
    warnings.push(
      `oagent is ignoring settings that a project cannot make, only you in your own config.toml: ${forbidden.join('; ')}`,
    );
  }
  const distrusted = candidates.filter((folder) => !trusted(folder));
  if (distrusted.length > 0) {
    const table = formatKeyPath(['projects', here.level === 'trusted' ? root : here.root]);
    warnings.push(
      `oagent is ignoring the project's own configuration (${distrusted.map(configFile).map(printable).join(', ')}), ` +
        `because the folder is not trusted. If you trust it, set trust_level = "trusted" under [${table}] in ` +
        printable(path.join(home, 'config.toml')),
    );
  }
  return { layers, warnings };
}

const configFile = (folder: string): string => path.join(folder, '.oagent', 'config.toml');

/** From `top` down to `bottom`, both included; `top` is `bottom` or above it. */
function foldersBetween(top: string, bottom: string): string[] {
  const folders = [bottom];
  for (let folder = bottom; folder !== top && folder !== path.dirname(folder); ) {
    folder = path.dirname(folder);
    folders.unshift(folder);
  }
  return folders;
}

function isEntry(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** The bytes of a regular file of a size that a person writes, or why there are none. */
function readRegularFile(file: string): Buffer | string {
  let descriptor: number | undefined;
  try {
    // Before it is opened, because opening some devices has effects; after it, because it may have been replaced.
    const problem = problemOf(statSync(file));
    if (problem !== undefined) return problem;
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const opened = fstatSync(descriptor);
    const bytes = Buffer.alloc(opened.isFile() ? Math.min(opened.size, SIZE_LIMIT) : 0);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    }
    return problemOf(opened) ?? bytes.subarray(0, length);
  } catch (error) {
    return `it cannot be read: ${printable(error instanceof Error ? error.message : String(error))}`;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function problemOf(stat: { isFile(): boolean; readonly size: number }): string | undefined {
  if (!stat.isFile()) return 'it is not a regular file';
  return stat.size > SIZE_LIMIT ? 'it is larger than 1 MiB' : undefined;
}

/** Removes the forbidden keys in place and names those that were there. */
function removeForbidden(values: Table): string[] {
  const found = FORBIDDEN_KEYS.filter((key) => valueAt(values, key) !== undefined);
  for (const key of found) removeAt(values, key);
  return found.map(formatKeyPath);
}
