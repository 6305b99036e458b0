/** What the user is told of settings that have no effect. */
import type { UnknownKey } from './check.ts';
import type { CodexKey } from './codex-keys.ts';
import { printable } from './errors.ts';
import { formatKeyPath } from './key-path.ts';
import type { Layer } from './layer.ts';
import type { Config } from './schema.ts';

export interface UnusedKeys {
  readonly layer: Layer;
  readonly keys: readonly CodexKey[];
}

/** Without those of profiles and servers that are not in use: nothing is lost with them. */
export function inUse(
  unused: readonly UnusedKeys[],
  { profile, model_provider }: Pick<Config, 'profile' | 'model_provider'>,
): UnusedKeys[] {
  const counts = ({ path }: CodexKey): boolean => {
    if (path[0] === 'profiles' && path[1] !== profile) return false;
    const own = path[0] === 'profiles' ? path.slice(2) : path;
    return own[0] !== 'model_providers' || own[1] === model_provider;
  };
  return unused
    .map(({ layer, keys }) => ({ layer, keys: keys.filter(counts) }))
    .filter(({ keys }) => keys.length > 0);
}

/** One line for all of them. */
export function unusedText(unused: readonly UnusedKeys[]): string {
  const files = unused.map(({ layer, keys }) => {
    const byAdvice = Map.groupBy(keys, ({ advice }) => advice);
    const texts = [...byAdvice].map(
      ([advice, same]) => `${same.map(({ path }) => formatKeyPath(path)).join(', ')}: ${advice}`,
    );
    return `${texts.join('; ')} (${printable(layer.origin)})`;
  });
  return `oagent does not use these settings of Codex: ${files.join('; ')}`;
}

/** One line for all of them. */
export function unknownText(
  unknown: readonly { readonly layer: Layer; readonly keys: readonly UnknownKey[] }[],
): string {
  const count = unknown.reduce((sum, { keys }) => sum + keys.length, 0);
  const files = unknown.map(
    ({ layer, keys }) => `${keys.map(nameWithSuggestion).join(', ')} (${printable(layer.origin)})`,
  );
  return `oagent is ignoring ${count} unrecognized configuration setting${count === 1 ? '' : 's'}: ${files.join('; ')}`;
}

export function nameWithSuggestion({ path, suggestion }: UnknownKey): string {
  const name = formatKeyPath(path);
  return suggestion === undefined
    ? name
    : `${name} (did you mean ${formatKeyPath([...path.slice(0, -1), suggestion])}?)`;
}
