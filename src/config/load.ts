/**
 * Merges files and the command line into one effective configuration: defaults < config.toml < profile < a trusted
 * project's files < `-c` < flags.
 *
 * Invariants: each layer is checked by itself, so that an error names the place that caused it; relative paths are
 * absolute before layers are merged. Synchronous, because nothing can start before it.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { errorCode } from '../text/error-message.ts';
import { fileProblem } from '../text/file-problem.ts';
import { readWhole } from '../text/regular-file.ts';
import { checkLayer, type UnknownKey } from './check.ts';
import { type ConfigError, loadError, located, placed, printable } from './errors.ts';
import { userHome } from './home.ts';
import { inUse, nameWithSuggestion, type UnusedKeys, unknownText, unusedText } from './ignored.ts';
import { formatKeyPath } from './key-path.ts';
import { type Layer, layerFromBytes } from './layer.ts';
import { mcpProblems } from './mcp-servers.ts';
import { nearFiles } from './near-file.ts';
import { overridesTable } from './overrides.ts';
import { type ProjectHooks, projectLayers } from './project-layer.ts';
import { type Config, configSchema, PATH_KEYS } from './schema.ts';
import { isSecretKey } from './secrets.ts';
import { isTable, leaves, mergeTables, newTable, setAt, type Table, valueAt } from './table.ts';
import { findKey } from './toml-source.ts';

export interface LoadOptions {
  /** Absolute folder of config.toml; see oagentHome. */
  readonly home: string;
  /** Absolute: relative paths in `-c` and flags start here. */
  readonly cwd: string;
  /** `-p NAME`; wins over `profile` in the file and in `-c`. */
  readonly profile?: string;
  /** The argument of each `-c`, in order. */
  readonly overrides?: readonly string[];
  /** Settings from flags, or from a program that embeds oagent; undefined values are ignored. */
  readonly flags?: Table;
  /** Unknown keys are errors instead of warnings. */
  readonly strict?: boolean;
}

export interface LoadedConfig {
  readonly config: Config;
  /**
   * Where each value of `config` came from, by dotted key: `default`, the file's path, `profile NAME`, `-c`, `flag`.
   */
  readonly origins: ReadonlyMap<string, string>;
  /** For the user, one line each. */
  readonly warnings: readonly string[];
  /** The user's config.toml, absolute; it may not exist. */
  readonly path: string;
  /** The files of the project that count, as `origins` names them. */
  readonly projectFiles: readonly string[];
  /** What those files say of hooks; nobody has allowed them yet. */
  readonly projectHooks: readonly ProjectHooks[];
}

/**
 * Loads the configuration. A missing file counts as empty.
 * Throws a ConfigError for a file that cannot be read or parsed, a value of the wrong type, an unknown profile, a
 * malformed `-c`, and with `strict` for an unknown key.
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const file = path.join(options.home, 'config.toml');
  const user = readUserLayer(file);
  const overrides: Layer = {
    origin: '-c',
    values: overridesTable(options.overrides ?? []),
    baseDir: options.cwd,
  };
  const flags: Layer = {
    origin: 'flag',
    values: mergeTables(options.flags ?? {}),
    baseDir: options.cwd,
  };
  const strict = options.strict ?? false;
  const unused: UnusedKeys[] = [];
  const warnings = [
    ...nearFiles(options.home, ['config.toml', 'rules.toml']),
    ...checkLayers([user, overrides, flags], strict, unused),
  ];
  for (const layer of [user, overrides, flags]) resolvePaths(layer);

  const profile = profileLayers(options.profile, [flags, overrides, user], file);
  if (profile?.file !== undefined) {
    warnings.push(...checkLayers([profile.file], strict, unused));
    resolvePaths(profile.file);
  }
  // Lowest first.
  const below = [user, profile?.table, profile?.file].filter((layer) => layer !== undefined);
  const above = [overrides, flags];
  const settled = effective([...below, ...above], profile?.name);
  refuseBrokenServers(settled, [...below, ...above]);
  // Only the user's own settings decide whether the project's are used.
  const project = projectLayers(settled, options);
  warnings.push(...checkLayers(project.layers, strict, unused), ...project.warnings);
  for (const layer of project.layers) resolvePaths(layer);
  const layers = [...below, ...project.layers, ...above];
  const config = project.layers.length === 0 ? settled : effective(layers, profile?.name);
  warnings.push(...unusedWarning(inUse(unused, config), strict));

  const origins = originsOf(config, layers);
  if (options.profile !== undefined) origins.set('profile', 'flag');
  const projectFiles = project.layers.map(({ origin }) => origin);
  return { config, origins, warnings, path: file, projectFiles, projectHooks: project.hooks };
}

/** The layers, lowest first, merged into one configuration. */
function effective(layers: readonly Layer[], profile: string | undefined): Config {
  const merged = mergeTables(...layers.map((layer) => layer.values));
  delete merged.profiles;
  if (profile !== undefined) merged.profile = profile;
  return z.parse(configSchema, merged);
}

/** Only all layers together say how a server is started. @throws ConfigError */
function refuseBrokenServers(config: Config, layers: readonly Layer[]): void {
  const problems = mcpProblems(config).flatMap(({ path: key, message }) => {
    const layer = layers.findLast(({ values }) => valueAt(values, key) !== undefined);
    return layer === undefined ? [] : [pointAt(layer, key, `${formatKeyPath(key)}: ${message}`)];
  });
  if (problems.length > 0) throw loadError(...problems);
}

function readUserLayer(file: string): Layer {
  const baseDir = path.dirname(file);
  let bytes: Buffer;
  try {
    bytes = readWhole(file);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { origin: file, values: newTable(), baseDir };
    throw loadError(`${printable(file)}: cannot be read: ${printable(fileProblem(error))}`);
  }
  return layerFromBytes(file, bytes);
}

/**
 * Checks all layers, throws if any is invalid, and returns warnings about encodings and unknown keys. Adds to `unused` what
 * they have of Codex's keys.
 */
function checkLayers(layers: readonly Layer[], strict: boolean, unused: UnusedKeys[]): string[] {
  const problems: string[] = [];
  const ignored: { readonly layer: Layer; readonly keys: readonly UnknownKey[] }[] = [];
  for (const layer of layers) {
    const checked = checkLayer(layer.values);
    for (const problem of checked.problems) {
      problems.push(pointAt(layer, problem.path, `${formatKeyPath(problem.path)}: ${problem.message}`));
    }
    unused.push({ layer, keys: checked.unused });
    if (strict) {
      for (const key of checked.unknown) {
        problems.push(pointAt(layer, key.path, `unknown configuration setting: ${nameWithSuggestion(key)}`));
      }
    } else if (checked.unknown.length > 0) ignored.push({ layer, keys: checked.unknown });
  }
  if (problems.length > 0) throw loadError(...problems);
  const notices = layers.flatMap(({ notice }) => notice ?? []);
  return ignored.length === 0 ? notices : [...notices, unknownText(ignored)];
}

function unusedWarning(unused: readonly UnusedKeys[], strict: boolean): string[] {
  if (unused.length === 0) return [];
  if (!strict) return [unusedText(unused)];
  const problems = unused.flatMap(({ layer, keys }) =>
    keys.map(({ path: key, advice }) =>
      pointAt(layer, key, `${formatKeyPath(key)}: oagent does not use this setting of Codex: ${advice}`),
    ),
  );
  throw loadError(...problems);
}

/** The message with the position in the layer's file, or with the name of the layer if there is none. */
function pointAt(layer: Layer, key: readonly PropertyKey[], message: string): string {
  const position = layer.text === undefined ? undefined : findKey(layer.text, key);
  if (layer.text === undefined || position === undefined) return `${printable(layer.origin)}: ${message}`;
  // The source line would show the secret.
  if (isSecretKey(key)) return placed(layer.origin, position, message);
  return located(layer.origin, layer.text, position, message);
}

/** Makes the paths of a layer and its profiles absolute, in place. `~` is the user's home. */
function resolvePaths({ values, baseDir }: Layer): void {
  const profiles = isTable(values.profiles) ? Object.values(values.profiles) : [];
  const resolve = (name: unknown): unknown =>
    typeof name === 'string' ? path.resolve(baseDir, inHome(name)) : name;
  for (const table of [values, ...profiles]) {
    for (const key of PATH_KEYS) {
      const value = valueAt(table, key);
      if (value === undefined || !isTable(table)) continue;
      setAt(table, key, Array.isArray(value) ? value.map(resolve) : resolve(value));
    }
  }
}

/** `~` is the user's home, where there is one. */
function inHome(name: string): string {
  return name.replace(/^~(?=\/|$)/, (tilde) => userHome(process.env) ?? tilde);
}

interface Profile {
  readonly name: string;
  /** `[profiles.NAME]`. */
  readonly table: Layer | undefined;
  /** `NAME.config.toml` beside config.toml, where Codex has its profiles. */
  readonly file: Layer | undefined;
}

/** The profile named by the flag or else by the highest layer that names one. `layers`: highest first. */
function profileLayers(
  flag: string | undefined,
  layers: readonly Layer[],
  file: string,
): Profile | undefined {
  const naming = layers.find((layer) => typeof layer.values.profile === 'string');
  const name = flag ?? naming?.values.profile;
  if (typeof name !== 'string') return undefined;
  const profiles = mergeTables(
    ...layers.toReversed().map(({ values }) => (isTable(values.profiles) ? values.profiles : newTable())),
  );
  const values = profiles[name];
  const baseDir = path.dirname(file);
  const table = isTable(values) ? { origin: `profile ${printable(name)}`, values, baseDir } : undefined;
  const own = path.join(baseDir, `${name}.config.toml`);
  const isFile =
    path.basename(own) === `${name}.config.toml` && path.dirname(own) === baseDir && existsSync(own);
  if (table !== undefined || isFile) return { name, table, file: isFile ? readUserLayer(own) : undefined };
  throw unknownProfile(name, Object.keys(profiles), flag === undefined ? naming : undefined, file);
}

function unknownProfile(
  name: string,
  names: readonly string[],
  naming: Layer | undefined,
  file: string,
): ConfigError {
  const existing =
    names.length === 0 ? 'no profiles are defined' : `defined are: ${names.map(printable).join(', ')}`;
  const message = `config profile \`${printable(name)}\` not found; ${existing}`;
  return loadError(naming ? pointAt(naming, ['profile'], message) : `${printable(file)}: ${message}`);
}

/** For every value of the configuration, the highest layer that sets it. `layers`: lowest first. */
function originsOf(config: Config, layers: readonly Layer[]): Map<string, string> {
  const origins = new Map<string, string>();
  for (const leaf of leaves(config)) {
    const layer = layers.findLast(({ values }) => valueAt(values, leaf.path) !== undefined);
    origins.set(formatKeyPath(leaf.path), layer?.origin ?? 'default');
  }
  return origins;
}
