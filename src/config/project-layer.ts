/**
 * A project's own configuration: the `.oagent/config.toml` files from its root down to the working directory.
 *
 * Invariants: such a file is data from a repository, so it is not even opened unless the user trusts its folder, and
 * not used if the user trusted different content, or if it belongs to another user; a key that is not in PROJECT_KEYS is removed before
 * anything reads it. The other keys are checked and merged in load.ts.
 */
import path from 'node:path';
import { isCloudName } from '../text/cloud-name.ts';
import { renameAliases } from './aliases.ts';
import { printable } from './errors.ts';
import { formatKeyPath } from './key-path.ts';
import { knownKeys } from './known-keys.ts';
import { type Layer, layerFromBytes } from './layer.ts';
import { nearFiles } from './near-file.ts';
import { isOurs } from './owner.ts';
import { holds, realPath } from './paths.ts';
import { contentHash, isEntry, projectFile, readRegularFile } from './project-file.ts';
import type { Config } from './schema.ts';
import { isTable, removeAt, type Table } from './table.ts';
import { howToTrust, projectFolders, projectRoot, projectTrust, trustWithin } from './trust.ts';

/**
 * All that a project may set: how the model works on it, in the limits of the user's own machine. Nothing that names a server, a program,
 * a file elsewhere, or what commands may do; whatever the schema gets besides is the user's until it is listed here.
 */
export const PROJECT_KEYS: readonly (readonly string[])[] = [
  // Not one that runs in the cloud: what the model reads would leave the machine.
  ['model'],
  ['models'],
  ['model_context_window'],
  ['model_auto_compact_token_limit'],
  ['model_reasoning_effort'],
  ['model_reasoning_max_tokens'],
  ['tool_output_token_limit'],
  ['project_doc_max_bytes'],
  ['project_doc_fallback_filenames'],
  ['hide_agent_reasoning'],
  ['show_raw_agent_reasoning'],
  ['include_environment_context'],
  ['background_terminal_max_timeout'],
  ['tools', 'unified_exec'],
  ['index', 'enabled'],
  ['index', 'inject_tokens'],
  ['ollama', 'temperature'],
  ['ollama', 'top_p'],
];

/** Keys of Codex that would start programs. */
const FOREIGN_KEYS: readonly string[] = ['mcp_servers'];

/** What a file of the project says of hooks: they are no settings, but offered to the user (extensions/hooks/sources.ts). */
export interface ProjectHooks {
  readonly file: string;
  /** Whose `.oagent` it is in. */
  readonly folder: string;
  readonly hooks: unknown;
}

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
): {
  readonly layers: readonly Layer[];
  readonly hooks: readonly ProjectHooks[];
  readonly warnings: readonly string[];
} {
  const root = projectRoot(config, cwd);
  const folders = projectFolders(config, cwd).filter(
    (folder) =>
      isEntry(path.join(folder, '.oagent')) && !holds(realPath(path.join(folder, '.oagent')), realPath(home)),
  );
  const candidates = folders.filter((folder) => isEntry(projectFile(folder)));
  const near = folders.flatMap((folder) => nearFiles(path.join(folder, '.oagent'), ['config.toml']));
  if (candidates.length === 0) return { layers: [], hooks: [], warnings: near };

  const here = projectTrust(config, cwd);
  const trusted = (folder: string): boolean => trustWithin(config, cwd, folder) === 'trusted';
  const warnings = near;
  const layers: Layer[] = [];
  const forbidden: string[] = [];
  const hooks: ProjectHooks[] = [];
  for (const folder of candidates.filter(trusted)) {
    const file = projectFile(folder);
    const bytes = isOurs(file, cwd) ? readRegularFile(file) : 'it belongs to another user';
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
    if (layer.values.hooks !== undefined) hooks.push({ file, folder, hooks: layer.values.hooks });
    delete layer.values.hooks;
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
    warnings.push(
      `oagent is ignoring the project's own configuration (${distrusted.map(projectFile).map(printable).join(', ')}), ` +
        `because the folder is not trusted. ${howToTrust(here.level === 'trusted' ? root : here.root, home)}`,
    );
  }
  return { layers, hooks, warnings };
}

/** Removes in place what only the user sets, under any name, and returns the names of it. */
function removeForbidden(values: Table): string[] {
  renameAliases(values);
  const found = forbiddenIn(values, []);
  for (const key of found) removeAt(values, key);
  const cloud = typeof values.model === 'string' && isCloudName(values.model) ? [values.model] : [];
  if (cloud.length > 0) removeAt(values, ['model']);
  return [
    ...found.map(formatKeyPath),
    ...cloud.map((name) => `model (${printable(name)} runs in the cloud)`),
  ];
}

/** What the schema does not know either is left for the check of all layers, which knows what was meant. */
function forbiddenIn(table: Table, above: readonly string[]): (readonly string[])[] {
  const known = knownKeys(above);
  return Object.entries(table).flatMap(([name, value]) => {
    const key = [...above, name];
    const within = PROJECT_KEYS.filter((allowed) => key.every((part, at) => part === allowed[at]));
    if (within.some((allowed) => allowed.length === key.length)) return [];
    if (within.length > 0) return isTable(value) ? forbiddenIn(value, key) : [];
    return known.includes(name) || (above.length === 0 && FOREIGN_KEYS.includes(name)) ? [key] : [];
  });
}
