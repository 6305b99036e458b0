/** Adds and removes whole tables of the user's config.toml, such as one MCP server; see edit-config.ts. */
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'smol-toml';
import { appendedTo, editConfig, tomlName } from './edit-config.ts';
import { printable } from './errors.ts';
import { readKeyPath } from './key-path.ts';
import { isTable, mergeTables, newTable, removeAt, setAt, type Table, valueAt } from './table.ts';

/** @param path of a table that is not there yet. @throws ConfigError that says what to write by hand. */
export function addTable(home: string, path: readonly string[], table: Table): void {
  const added = newTable();
  setAt(added, path, table);
  const lines = stringify(added).trimEnd().split('\n');
  editConfig(home, {
    editions: (text) => [appendedTo(text, lines)],
    isWanted: (before, after) => isDeepStrictEqual(after, mergeTables(before, added)),
    byHand: `Add this to it yourself:\n${lines.map(printable).join('\n')}`,
  });
}

/** Comments in the table go with it; those right above the next one stay. @throws ConfigError that says what to remove by hand. */
export function removeTable(home: string, path: readonly string[]): void {
  editConfig(home, {
    editions: (text) => [withoutTable(text, path)],
    isWanted: (before, after) => {
      removeAt(before, path);
      return isDeepStrictEqual(withoutEmpty(after, path), withoutEmpty(before, path));
    },
    byHand: `Remove [${printable(tomlName(path))}] from it yourself.`,
  });
}

/** A table that has lost its last entry may be there or not. */
function withoutEmpty(values: Table, [top = '']: readonly string[]): Table {
  const table = valueAt(values, [top]);
  if (isTable(table) && Object.keys(table).length === 0) removeAt(values, [top]);
  return values;
}

function withoutTable(text: string, path: readonly string[]): string {
  const lines = text.split(/(?<=\n)/);
  const kept: string[] = [];
  let skipped: string[] | undefined;
  for (const line of lines) {
    const header = headerOf(line);
    if (header !== undefined) {
      kept.push(...commentsBelow(skipped ?? []));
      skipped = path.every((name, at) => header[at] === name) ? [] : undefined;
    }
    (skipped ?? kept).push(line);
  }
  return kept.join('');
}

/** Undefined: the line begins no table. */
function headerOf(line: string): string[] | undefined {
  const brackets = /^[ \t]*\[\[?/.exec(line)?.[0];
  if (brackets === undefined) return undefined;
  return readKeyPath(line, brackets.length, ']').segments.map(({ name }) => name);
}

/** The comments at the end belong to what follows. */
function commentsBelow(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => !line.trimStart().startsWith('#'));
  return lines.slice(last + 1);
}
