/** Parses `-c key=value` from the command line. Unknown keys are found later, when the layers are checked. */
import { parse } from 'smol-toml';
import { ConfigError, printable } from './errors.ts';
import { readKeyPath } from './key-path.ts';
import { newTable, setAt, type Table } from './table.ts';

export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
}

/**
 * Parses one override. The first `=` outside a quoted key segment separates key and value; a value that is not TOML is
 * taken as text without surrounding quotes, so `-c model=qwen3:8b` needs none. Throws a ConfigError for a missing `=`
 * and for an empty key, and nothing else for any string.
 * @example parseOverride('projects."/a.b".trust_level=trusted')
 */
export function parseOverride(text: string): Override {
  const { segments, end } = readKeyPath(text, 0, '=');
  if (end >= text.length) {
    throw new ConfigError(`Invalid -c override \`${printable(text)}\`: no \`=\`. Write it as key=value.`);
  }
  if (segments.some((segment) => segment.name === '' && !segment.quoted)) {
    throw new ConfigError(`Invalid -c override \`${printable(text)}\`: empty key. Write it as key=value.`);
  }
  return { path: segments.map((segment) => segment.name), value: parseValue(text.slice(end + 1).trim()) };
}

function parseValue(text: string): unknown {
  try {
    const { _x_: value, ...rest } = parse(`_x_ = ${text}`);
    // A line break in the text can turn it into several keys: then it was not one TOML value.
    if (Object.keys(rest).length === 0) return value;
  } catch {
    // Not TOML: a plain word, as a shell user writes it.
  }
  return text.replace(/^["']+|["']+$/g, '');
}

/** All overrides as one table; later ones win. */
export function overridesTable(overrides: readonly string[]): Table {
  const table = newTable();
  for (const text of overrides) {
    const { path, value } = parseOverride(text);
    setAt(table, path, value);
  }
  return table;
}
