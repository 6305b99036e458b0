/**
 * Saves a decision of the user: edits a few lines in a config.toml that the user wrote.
 *
 * Invariants: every other byte stays; the new text is parsed and must differ from the old one in exactly those values,
 * or nothing is written; the file is replaced atomically and only its owner can read it.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { encodeText } from '../text/decode.ts';
import { errorCode, errorMessage } from '../text/error-message.ts';
import { readWhole } from '../text/regular-file.ts';
import { ConfigError, printable } from './errors.ts';
import { layerFromBytes } from './layer.ts';
import { makeFolder } from './make-folder.ts';
import { realPath } from './paths.ts';
import { isTable, mergeTables, newTable, setAt, type Table, valueAt } from './table.ts';
import { findKey, parseToml } from './toml-source.ts';

/** The keys to write, in this order. */
type Settings = Readonly<Record<string, string | boolean>>;

/**
 * Sets keys of a table in `HOME/config.toml`. Creates the file if necessary. A config.toml that is a link stays one; its
 * target is written.
 *
 * @param home oagent's folder, absolute.
 * @throws ConfigError that says what to write by hand, if the file is broken, cannot be written, or writes the table
 * in a form that has no line to edit.
 */
export function setInConfig(home: string, table: readonly string[], settings: Settings): void {
  const added = newTable();
  setAt(added, table, settings);
  editConfig(home, {
    editions: (text, values) => editions(text, values, table, settings),
    isWanted: (before, after) => isDeepStrictEqual(after, mergeTables(before, added)),
    byHand: `Set ${linesOf(settings).join(' and ')} under [${printable(tomlName(table))}] in it yourself.`,
  });
}

export interface ConfigEdit {
  /** New texts, the most natural first. */
  readonly editions: (text: string, values: Table) => readonly string[];
  /** Whether a new content is the old one with nothing but the change. */
  readonly isWanted: (before: Table, after: Table) => boolean;
  /** What the user can do, if none of the texts will do. */
  readonly byHand: string;
}

/** Changes `HOME/config.toml` in the first of these ways that changes nothing else. @throws ConfigError, as setInConfig does. */
export function editConfig(home: string, { editions: ways, isWanted, byHand }: ConfigEdit): void {
  const file = realPath(path.join(home, 'config.toml'));
  const refused = (reason: string): ConfigError =>
    new ConfigError(`${printable(file)} was not changed: ${printable(reason)}.\n${byHand}`);
  let bytes: Buffer = Buffer.alloc(0);
  try {
    bytes = readWhole(file);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw refused(errorMessage(error));
  }
  // Throws if the file is not valid: a broken file is for its owner to fix.
  const { values, text, form } = layerFromBytes(file, bytes);
  const edited = ways(text, values).find((edition) => {
    const after = parsed(file, edition);
    return after !== undefined && isWanted(mergeTables(parseToml(file, text)), after);
  });
  if (edited === undefined) throw refused('its tables are written in a form that has no line to edit');
  const encoded = encodeText(edited, form);
  if (encoded === undefined) throw refused('its encoding has no bytes for what is to be written');
  try {
    makeFolder(home);
    replaceFile(file, encoded);
  } catch (error) {
    throw refused(errorMessage(error));
  }
}

/** Undefined: it is not TOML. */
function parsed(file: string, text: string): Table | undefined {
  try {
    return mergeTables(parseToml(file, text));
  } catch {
    return undefined;
  }
}

/** The ways to write it, the most natural first: in the table's lines, in a new table, or above all tables. */
function editions(text: string, values: Table, table: readonly string[], settings: Settings): string[] {
  const newline = newlineOf(text);
  const name = tomlName(table);
  const appended = appendedTo(text, [`[${name}]`, ...linesOf(settings)]);
  if (!isTable(valueAt(values, table))) return [appended];
  // Each line is inserted at the top of the table, so the last one goes first.
  const within = Object.entries(settings).reduceRight(
    (edited, [key, value]) => editLine(edited, [...table, key], value, newline),
    text,
  );
  const above = linesOf(settings).map((line) => `${name}.${line}${newline}`);
  return [within, appended, above.join('') + text];
}

const newlineOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

/** The lines as the end of the text, after a blank one. */
export function appendedTo(text: string, lines: readonly string[]): string {
  const newline = newlineOf(text);
  const separator = text === '' ? '' : text.endsWith('\n') ? newline : newline + newline;
  return text + separator + [...lines, ''].join(newline);
}

function editLine(text: string, path: readonly string[], value: string | boolean, newline: string): string {
  const key = path.at(-1) ?? '';
  // If the table has no such key, this is the offset of the table's name.
  const offset = offsetOf(text, path);
  const values = `(?:"[^"\\n]*"|'[^'\\n]*'|true|false)`;
  // The name may be one of several with dots between them.
  const names = [key, tomlValue(key), `'${key}'`].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^((?:${names.join('|')})[ \\t]*=[ \\t]*)${values}`);
  const [setting, before] = pattern.exec(text.slice(offset)) ?? [];
  if (setting !== undefined) {
    return `${text.slice(0, offset)}${before}${tomlValue(value)}${text.slice(offset + setting.length)}`;
  }
  const [line = ''] = linesOf({ [key]: value });
  const lineEnd = text.indexOf('\n', offset);
  if (lineEnd < 0) return `${text}${newline}${line}${newline}`;
  return `${text.slice(0, lineEnd + 1)}${line}${newline}${text.slice(lineEnd + 1)}`;
}

const linesOf = (settings: Settings): string[] =>
  Object.entries(settings).map(([key, value]) => `${tomlName([key])} = ${tomlValue(value)}`);

function offsetOf(text: string, key: readonly string[]): number {
  const position = findKey(text, key);
  if (position === undefined) return text.length;
  const before = text.split('\n').slice(0, position.line - 1);
  return before.reduce((sum, line) => sum + line.length + 1, 0) + position.column - 1;
}

function replaceFile(file: string, bytes: Buffer): void {
  const temporary = `${file}.${process.getBuiltinModule('node:crypto').randomUUID()}.tmp`;
  try {
    const descriptor = openSync(temporary, 'wx', 0o600);
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** JSON's escapes are valid in TOML; only DEL, which JSON does not escape, has to be. */
const tomlValue = (value: string | boolean): string => JSON.stringify(value).replaceAll('\x7f', '\\u007f');

export const tomlName = (table: readonly string[]): string =>
  table.map((name) => (/^[\w-]+$/.test(name) ? name : tomlValue(name))).join('.');
