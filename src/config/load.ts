/**
 * Merges files and the command line into one effective configuration: defaults < config.toml < profile < a trusted
 * project's files < `-c` < flags.
 *
 * Invariants: each layer is checked by itself, so that an error names the place that caused it; relative paths are
 * absolute before layers are merged. Synchronous, because nothing can start before it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { errorCode, errorMessage } from '../text/error-message.ts';
import { checkLayer, type UnknownKey } from './check.ts';
import { type ConfigError, loadError, located, placed, printable } from './errors.ts';
import { userHome } from './home.ts';
import { formatKeyPath } from './key-path.ts';
import { type Layer, layerFromBytes } from './layer.ts';
import { nearNameNotice } from './near-name.ts';
import { overridesTable } from './overrides.ts';
import { projectLayers } from './project-layer.ts';
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
  const warnings = [
    ...(user.text === undefined ? [nearNameNotice(options.home, 'config.toml')] : []),
    ...checkLayers([user, overrides, flags], strict),
  ].filter((warning) => warning !== undefined);
  for (const layer of [user, overrides, flags]) resolvePaths(layer);

  const named = profileName(options.profile, [flags, overrides, user]);
  const ofFile = named === undefined ? undefined : profileFile(options.home, named.name);
  if (ofFile !== undefined) {
    warnings.push(...checkLayers([ofFile], strict));
    resolvePaths(ofFile);
  }
  const profile = named && profileLayers(named, [flags, overrides, user], file, ofFile);
  // Lowest first.
  const below = [user, ...(profile ?? [])];
  const above = [overrides, flags];
  const settled = effective([...below, ...above], named?.name);
  // Only the user's own settings decide whether the project's are used.
  const project = projectLayers(settled, options);
  warnings.push(...checkLayers(project.layers, strict), ...project.warnings);
  for (const layer of project.layers) resolvePaths(layer);
  const layers = [...below, ...project.layers, ...above];
  const config = project.layers.length === 0 ? settled : effective(layers, named?.name);

  const origins = originsOf(config, layers);
  if (options.profile !== undefined) origins.set('profile', 'flag');
  return { config, origins, warnings, path: file };
}

/** The layers, lowest first, merged into one configuration. */
function effective(layers: readonly Layer[], profile: string | undefined): Config {
  const merged = mergeTables(...layers.map((layer) => layer.values));
  delete merged.profiles;
  if (profile !== undefined) merged.profile = profile;
  return z.parse(configSchema, merged);
}

function readUserLayer(file: string): Layer {
  const baseDir = path.dirname(file);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { origin: file, values: newTable(), baseDir };
    throw loadError(`${printable(file)}: cannot be read: ${printable(errorMessage(error))}`);
  }
  return layerFromBytes(file, bytes);
}

/** Checks all layers, throws if any is invalid, and returns warnings about encodings and ignored keys. */
function checkLayers(layers: readonly Layer[], strict: boolean): string[] {
  const problems: string[] = [];
  const ignored: Ignored[] = [];
  for (const layer of layers) {
    const checked = checkLayer(layer.values);
    for (const problem of checked.problems) {
      problems.push(pointAt(layer, problem.path, `${formatKeyPath(problem.path)}: ${problem.message}`));
    }
    ignored.push(...checked.unknown.map((key) => ({ layer, key })));
  }
  if (strict) {
    for (const { layer, key } of ignored)
      problems.push(pointAt(layer, key.path, `unknown configuration setting: ${nameWithSuggestion(key)}`));
  }
  if (problems.length > 0) throw loadError(...problems);
  const { codex = [], unknown = [] } = Object.groupBy(ignored, ({ key }) =>
    key.why === undefined ? 'unknown' : 'codex',
  );
  return [
    ...layers.flatMap(({ notice }) => notice ?? []),
    ...ignoring(codex, (settings) => `configuration ${settings} of Codex that it does not have`),
    ...ignoring(unknown, (settings) => `unrecognized configuration ${settings}`),
  ];
}

interface Ignored {
  readonly layer: Layer;
  readonly key: UnknownKey;
}

/** One line about these keys, if there are any. */
function ignoring(ignored: readonly Ignored[], what: (settings: string) => string): string[] {
  const count = ignored.length;
  if (count === 0) return [];
  const places = [...Map.groupBy(ignored, ({ layer }) => layer)].map(
    ([{ origin }, keys]) =>
      `${keys.map(({ key }) => nameWithSuggestion(key)).join(', ')} (${printable(origin)})`,
  );
  return [`oagent is ignoring ${count} ${what(count === 1 ? 'setting' : 'settings')}: ${places.join('; ')}`];
}

/** The message with the position in the layer's file, or with the name of the layer if there is none. */
function pointAt(layer: Layer, key: readonly PropertyKey[], message: string): string {
  const position = layer.text === undefined ? undefined : findKey(layer.text, key);
  if (layer.text === undefined || position === undefined) return `${printable(layer.origin)}: ${message}`;
  // The source line would show the secret.
  if (isSecretKey(key)) return placed(layer.origin, position, message);
  return located(layer.origin, layer.text, position, message);
}

function nameWithSuggestion({ path: key, suggestion, why }: UnknownKey): string {
  const name = formatKeyPath(key);
  if (why !== undefined) return `${name} (${why})`;
  return suggestion === undefined
    ? name
    : `${name} (did you mean ${formatKeyPath([...key.slice(0, -1), suggestion])}?)`;
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

interface ProfileName {
  readonly name: string;
  /** What names it; absent: the flag. */
  readonly naming?: Layer;
}

/** The profile named by the flag or else by the highest layer that names one. `layers`: highest first. */
function profileName(flag: string | undefined, layers: readonly Layer[]): ProfileName | undefined {
  if (flag !== undefined) return { name: flag };
  const naming = layers.find((layer) => typeof layer.values.profile === 'string');
  const name = naming?.values.profile;
  return typeof name === 'string' && naming !== undefined ? { name, naming } : undefined;
}

/** `NAME.config.toml` beside the user's file, as in Codex; undefined: there is none. */
function profileFile(home: string, name: string): Layer | undefined {
  const file = path.join(home, `${name}.config.toml`);
  // A name must not lead elsewhere.
  if (name === '' || name.includes('\0') || path.basename(file) !== `${name}.config.toml`) return undefined;
  const layer = readUserLayer(file);
  return layer.text === undefined ? undefined : layer;
}

/** The named profile: its table, then its file. */
function profileLayers(
  { name, naming }: ProfileName,
  layers: readonly Layer[],
  file: string,
  ofFile: Layer | undefined,
): readonly Layer[] {
  const profiles = mergeTables(
    ...layers.toReversed().map(({ values }) => (isTable(values.profiles) ? values.profiles : newTable())),
  );
  const values = profiles[name];
  const table = isTable(values)
    ? [{ origin: `profile ${printable(name)}`, values, baseDir: path.dirname(file) }]
    : [];
  const found = ofFile === undefined ? table : [...table, ofFile];
  if (found.length > 0) return found;
  throw unknownProfile(name, Object.keys(profiles), naming, file);
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
