/** What `oagent config show` and `oagent config schema` print: never a secret, and nothing that controls the terminal. */
import { toJSONSchema } from 'zod/mini';
import { printable } from '../../config/errors.ts';
import { formatKeyPath } from '../../config/key-path.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { configSchema as schema } from '../../config/schema.ts';
import { maskSecret } from '../../config/secrets.ts';
import { leaves } from '../../config/table.ts';
import { jsonText } from '../../text/json-text.ts';

interface Row {
  readonly path: readonly string[];
  readonly key: string;
  readonly value: unknown;
  readonly origin: string;
}

/**
 * Every effective value and where it comes from, ending in a line break. As text: the top-level keys, then a
 * group per table, in columns. As JSON: `{path, values: {KEY: {value, origin}}}`.
 */
export function configShow(loaded: LoadedConfig, { json }: { readonly json: boolean }): string {
  const rows: Row[] = [...leaves(loaded.config)].map(({ path, value }) => {
    const key = formatKeyPath(path);
    return { path, key, value: maskSecret(path, value), origin: loaded.origins.get(key) ?? 'default' };
  });
  return json ? showJson(loaded.path, rows) : showText(loaded.path, rows);
}

function showJson(path: string, rows: readonly Row[]): string {
  const values = Object.fromEntries(rows.map(({ key, value, origin }) => [key, { value, origin }]));
  return `${jsonText({ path, values }, 2)}\n`;
}

function showText(path: string, rows: readonly Row[]): string {
  const nameWidth = widest(rows.map(nameOf));
  // One long value must not push all origins off the screen.
  const valueWidth = Math.min(40, widest(rows.map(shownValue)));
  const groups = Map.groupBy(rows, (row) => formatKeyPath(row.path.slice(0, -1)));
  const lines = [`# ${printable(path)}`];
  for (const group of [...groups.keys()].sort()) {
    lines.push('', ...(group === '' ? [] : [`[${group}]`]));
    for (const row of groups.get(group) ?? []) {
      lines.push(
        `${nameOf(row).padEnd(nameWidth)} = ${shownValue(row).padEnd(valueWidth)}  # ${printable(row.origin)}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

const nameOf = (row: Row): string => formatKeyPath(row.path.slice(-1));

const shownValue = (row: Row): string => printable(JSON.stringify(row.value));

const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));

/** The JSON schema of config.toml, for editors, ending in a line break. */
export function configSchema(): string {
  return `${JSON.stringify(toJSONSchema(schema, { io: 'input' }), null, 2)}\n`;
}
