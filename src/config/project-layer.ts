/**
 * A project's own configuration: the `.oagent/config.toml` files from its root down to the working directory.
 *
 * Invariants: such a file is data from a repository, so it is not even opened unless the user trusts its folder, and
 * not used if the user trusted different content; a key that widens what commands may do, starts programs, names
 * servers or decides trust is removed before anything reads it. The other keys are checked and merged in load.ts.
 */
import path from 'node:path';
import { renameAliases } from './aliases.ts';
import { printable } from './errors.ts';
import { formatKeyPath } from './key-path.ts';
import { type Layer, layerFromBytes } from './layer.ts';
import { nearFiles } from './near-file.ts';
import { folderName, holds, realPath } from './paths.ts';
import { contentHash, isEntry, projectFile, readRegularFile } from './project-file.ts';
import type { Config } from './schema.ts';
import { removeAt, type Table, valueAt } from './table.ts';
import { projectRoot, projectTrust } from './trust.ts';

/** Only the user sets these. `profile` would select among the user's own, `project_root_markers` where trust begins. */
export const FORBIDDEN_KEYS: readonly (readonly string[])[] = [
  ['sandbox_mode'],
  ['sandbox_workspace_write'],
  ['approval_policy'],
  ['shell_environment_policy'],
  ['notify'],
  ['history'],
  ['limits'],
  ['hooks'],
  ['mcp_servers'],
  ['model_provider'],
  ['model_providers'],
  ['oss_provider'],
  ['openai_base_url'],
  ['ollama', 'host'],
  ['ollama', 'headers'],
  ['index', 'chroma_url'],
  ['index', 'chroma_headers'],
  ['index', 'chroma_tenant'],
  ['index', 'chroma_database'],
  ['projects'],
  ['project_root_markers'],
  ['compact_prompt'],
  ['experimental_compact_prompt_file'],
  ['model_instructions_file'],
  ['developer_instructions'],
  ['profile'],
  ['profiles'],
];

/**
 * The layers of the project that contains `cwd`, lowest first: the nearest file wins.
 *
 * @param config the user's own settings, without any project's.
 * @param places `home` is oagent's own folder, which does not count as a project's; both absolute.
 * @returns the layers of trusted folders, without the forbidden keys, and warnings for the user, one line each.
 * @throws ConfigError for a trusted file that is not TOML.
 */
export function projectLayers(
  config: Config,
  { cwd, home }: { readonly cwd: string; readonly home: string },
): { readonly layers: readonly Layer[]; readonly warnings: readonly string[] } {
  const root = projectRoot(config, cwd);
  const folders = foldersBetween(root, folderName(cwd)).filter(
    (folder) =>
      isEntry(path.join(folder, '.oagent')) && !holds(realPath(path.join(folder, '.oagent')), realPath(home)),
  );
  const candidates = folders.filter((folder) => isEntry(projectFile(folder)));
  const near = folders.flatMap((folder) => nearFiles(path.join(folder, '.oagent'), ['config.toml']));
  if (candidates.length === 0) return { layers: [], warnings: near };

  const here = projectTrust(config, cwd);
  const trusted = (folder: string): boolean =>
    here.level === 'trusted' && projectTrust(config, folder).level === 'trusted';
  const warnings = near;
  const layers: Layer[] = [];
  const forbidden: string[] = [];
  for (const folder of candidates.filter(trusted)) {
    const file = projectFile(folder);
    const bytes = readRegularFile(file);
    if (typeof bytes === 'string') {
      warnings.push(`oagent is ignoring ${printable(file)}: ${bytes}`);
      continue;
    }
    const { hash: wanted } = projectTrust(config, folder);
    const hash = wanted === undefined ? undefined : contentHash(bytes);
    if (hash !== undefined && hash !== wanted) {
      const table = formatKeyPath(['projects', folder]);
      warnings.push(
        `oagent is ignoring ${printable(file)}, because its content is not what you trusted. To trust it as it is now, set ` +
          `trust_level = "trusted" and config_sha256 = "${hash}" under [${table}] in ${printable(path.join(home, 'config.toml'))}`,
      );
      continue;
    }
    const layer = layerFromBytes(file, bytes);
    const removed = removeForbidden(layer.values);
    if (removed.length > 0) forbidden.push(`${removed.join(', ')} (${printable(file)})`);
    layers.push(layer);
  }
  if (forbidden.length > 0) {
    warnings.push(
      `oagent is ignoring settings that only your own config.toml can make, not a project: ${forbidden.join('; ')}`,
    );
  }
  const distrusted = candidates.filter((folder) => !trusted(folder));
  if (distrusted.length > 0) {
    const table = formatKeyPath(['projects', here.level === 'trusted' ? root : here.root]);
    warnings.push(
      `oagent is ignoring the project's own configuration (${distrusted.map(projectFile).map(printable).join(', ')}), ` +
        `because the folder is not trusted. To trust it, set trust_level = "trusted" under [${table}] in ` +
        printable(path.join(home, 'config.toml')),
    );
  }
  return { layers, warnings };
}

/** From `top` down to `bottom`, both included; `top` is `bottom` or above it. */
function foldersBetween(top: string, bottom: string): string[] {
  const folders = [bottom];
  for (let folder = bottom; folder !== top && folder !== path.dirname(folder); ) {
    folder = path.dirname(folder);
    folders.unshift(folder);
  }
  return folders;
}

/** Removes the forbidden keys in place, under any name, and returns the names of those found. */
function removeForbidden(values: Table): string[] {
  renameAliases(values);
  const found = FORBIDDEN_KEYS.filter((key) => valueAt(values, key) !== undefined);
  for (const key of found) removeAt(values, key);
  return found.map(formatKeyPath);
}
