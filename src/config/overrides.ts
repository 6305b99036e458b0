/**
 * `-c key=value` of the command line.
 *
 * Owns: how such a string is read. Invariant: any string gives a table or a ConfigError, nothing else.
 * Does not: know which keys exist; a wrong one is found when the layers are checked.
 */
import { parse } from 'smol-toml';
import { ConfigError, printable } from './errors.ts';
import { readKeyPath } from './key-path.ts';
import { newTable, setAt, type Table } from './table.ts';

export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
}

/**
 * Reads one override. The first `=` outside a quoted key segment divides key and value; the value is TOML, or else
 * the text itself without surrounding quotes, so `-c model=qwen3:8b` needs none. Throws a ConfigError for a
 * missing `=` and for an empty key.
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
    // A line break in the text can make further keys of it: then it was no TOML value.
    if (Object.keys(rest).length === 0) return value;
  } catch {
    // No TOML value: a plain word, as a shell user writes it.
  }
  return text.replace(/^["']+|["']+$/g, '');
}

/** All overrides as one table, later ones winning. */
export function overridesTable(overrides: readonly string[]): Table {
  const table = newTable();
  for (const text of overrides) {
    const { path, value } = parseOverride(text);
    setAt(table, path, value);
  }
  return table;
}
