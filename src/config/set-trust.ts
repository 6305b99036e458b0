/**
 * Writes the user's decision about a folder into config.toml.
 *
 * Owns: the edit of one line in a file that the user wrote. Invariants: every other byte stays; the new text is
 * parsed and must differ from the old one in that one value, or nothing is written; the file is replaced in one
 * step and is readable for its owner alone. Does not: decide, or create a folder other than oagent's own.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError, printable } from './errors.ts';
import { layerFromBytes } from './layer.ts';
import { isTable, mergeTables, type Table } from './table.ts';
import { findKey, parseToml } from './toml-source.ts';
import { realPath, type TrustLevel } from './trust.ts';

const SETTING = /^(?:trust_level|"trust_level"|'trust_level')[ \t]*=[ \t]*(?:"[^"\n]*"|'[^'\n]*')/;

/**
 * Sets `[projects."DIR"] trust_level` in `HOME/config.toml`, creating the file if need be. A config.toml that is a
 * link stays one; its target is written.
 *
 * @param home oagent's folder, absolute.
 * @param dir the trusted or untrusted folder, absolute.
 * @throws ConfigError that says what to write by hand, if the file is broken, cannot be written, or spells the table
 * in a way that has no line to change.
 */
export function setTrust(home: string, dir: string, level: TrustLevel): void {
  const file = realPath(path.join(home, 'config.toml'));
  if (!path.isAbsolute(dir) || dir.includes('\ufffd') || !dir.isWellFormed()) {
    throw new ConfigError(
      `${printable(dir)}: trust cannot be saved for a folder whose name is not absolute, valid UTF-8`,
    );
  }
  const bytes = readIfExists(file, dir, level);
  const before = bytes.toString('utf8');
  // Throws where the file is not valid: a broken file is mended by its owner, not by us.
  const { values, text = '' } = layerFromBytes(file, bytes);
  const mark = before.slice(0, before.length - text.length);
  const edited = editText(text, values, dir, level);
  if (!changesOnly(text, edited, file, dir, level)) {
    throw byHand(file, dir, level, 'its tables are written in a form that has no line to change');
  }
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    replaceFile(file, Buffer.from(mark + edited));
  } catch (error) {
    throw byHand(file, dir, level, reasonOf(error));
  }
}

function readIfExists(file: string, dir: string, level: TrustLevel): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw byHand(file, dir, level, reasonOf(error));
  }
}

function editText(text: string, values: Table, dir: string, level: TrustLevel): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const line = `trust_level = "${level}"`;
  const projects = isTable(values.projects) ? values.projects : {};
  if (!Object.hasOwn(projects, dir)) {
    const separator = text === '' ? '' : text.endsWith('\n') ? newline : newline + newline;
    return `${text}${separator}[projects.${tomlString(dir)}]${newline}${line}${newline}`;
  }
  // Where the table has no such key, this is the place of the table's own name.
  const offset = offsetOf(text, ['projects', dir, 'trust_level']);
  const setting = SETTING.exec(text.slice(offset))?.[0];
  if (setting !== undefined) {
    const value = setting.replace(/(["'])[^"']*\1$/, `"${level}"`);
    return text.slice(0, offset) + value + text.slice(offset + setting.length);
  }
  const lineEnd = text.indexOf('\n', offset);
  if (lineEnd < 0) return `${text}${newline}${line}${newline}`;
  return `${text.slice(0, lineEnd + 1)}${line}${newline}${text.slice(lineEnd + 1)}`;
}

function offsetOf(text: string, key: readonly string[]): number {
  const position = findKey(text, key);
  if (position === undefined) return text.length;
  const before = text.split('\n').slice(0, position.line - 1);
  return before.reduce((sum, line) => sum + line.length + 1, 0) + position.column - 1;
}

/** True if the new text says what the old one says, and the new level. */
function changesOnly(before: string, after: string, file: string, dir: string, level: TrustLevel): boolean {
  try {
    const wanted = mergeTables(parseToml(file, before), { projects: { [dir]: { trust_level: level } } });
    return isDeepStrictEqual(mergeTables(parseToml(file, after)), wanted);
  } catch {
    return false;
  }
}

function replaceFile(file: string, bytes: Buffer): void {
  const temporary = `${file}.${randomUUID()}.tmp`;
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

function byHand(file: string, dir: string, level: TrustLevel, reason: string): ConfigError {
  return new ConfigError(
    `${printable(file)} was left as it is: ${printable(reason)}.\n` +
      `Set trust_level = "${level}" under [projects.${printable(tomlString(dir))}] in it yourself.`,
  );
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A TOML basic string. JSON's escapes are TOML's, but for DEL, which JSON leaves as it is. */
function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\x7f', '\\u007f');
}
