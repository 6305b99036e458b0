/**
 * Saves the user's decision about a folder: edits two lines in a config.toml that the user wrote.
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
import { projectHash } from './project-file.ts';
import { isTable, mergeTables, type Table } from './table.ts';
import { findKey, parseToml } from './toml-source.ts';
import type { TrustLevel } from './trust.ts';

/** The keys to write, in this order. */
type Settings = Readonly<Record<string, string>>;

/**
 * Sets `[projects."DIR"] trust_level` in `HOME/config.toml`; for `trusted` also `config_sha256`, which ties the trust
 * to the present content of the folder's own configuration. Creates the file if necessary. A config.toml that is a link
 * stays one; its target is written.
 *
 * @param home oagent's folder, absolute.
 * @param dir the trusted or untrusted folder, absolute.
 * @throws ConfigError that says what to write by hand, if the file is broken, cannot be written, or writes the table
 * in a form that has no line to edit.
 */
export function setTrust(home: string, dir: string, level: TrustLevel): void {
  const file = realPath(path.join(home, 'config.toml'));
  if (!path.isAbsolute(dir) || dir.includes('\ufffd') || !dir.isWellFormed()) {
    throw new ConfigError(
      `${printable(dir)}: trust can only be saved for a folder with an absolute path in valid UTF-8`,
    );
  }
  const settings: Settings = {
    trust_level: level,
    ...(level === 'trusted' ? { config_sha256: projectHash(dir) } : {}),
  };
  const byHand = (reason: string): ConfigError => refusal(file, dir, settings, reason);
  let bytes: Buffer = Buffer.alloc(0);
  try {
    bytes = readWhole(file);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw byHand(errorMessage(error));
  }
  // Throws if the file is not valid: a broken file is for its owner to fix.
  const { values, text, form } = layerFromBytes(file, bytes);
  const edited = editText(text, values, dir, settings);
  if (!changesOnly(text, edited, file, dir, settings)) {
    throw byHand('its tables are written in a form that has no line to edit');
  }
  const encoded = encodeText(edited, form);
  if (encoded === undefined) throw byHand('its encoding has no bytes for the name of the folder');
  try {
    makeFolder(home);
    replaceFile(file, encoded);
  } catch (error) {
    throw byHand(errorMessage(error));
  }
}

function editText(text: string, values: Table, dir: string, settings: Settings): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const projects = isTable(values.projects) ? values.projects : {};
  if (!Object.hasOwn(projects, dir)) {
    const separator = text === '' ? '' : text.endsWith('\n') ? newline : newline + newline;
    const lines = [`[projects.${tomlString(dir)}]`, ...linesOf(settings), ''];
    return text + separator + lines.join(newline);
  }
  // Each line is inserted at the top of the table, so the last one goes first.
  return Object.entries(settings).reduceRight(
    (edited, [key, value]) => editLine(edited, dir, key, value, newline),
    text,
  );
}

function editLine(text: string, dir: string, key: string, value: string, newline: string): string {
  // If the table has no such key, this is the offset of the table's name.
  const offset = offsetOf(text, ['projects', dir, key]);
  const pattern = new RegExp(`^(?:${key}|"${key}"|'${key}')[ \\t]*=[ \\t]*(?:"[^"\\n]*"|'[^'\\n]*')`);
  const setting = pattern.exec(text.slice(offset))?.[0];
  if (setting !== undefined) {
    const changed = setting.replace(/(["'])[^"']*\1$/, `"${value}"`);
    return text.slice(0, offset) + changed + text.slice(offset + setting.length);
  }
  const line = `${key} = "${value}"`;
  const lineEnd = text.indexOf('\n', offset);
  if (lineEnd < 0) return `${text}${newline}${line}${newline}`;
  return `${text.slice(0, lineEnd + 1)}${line}${newline}${text.slice(lineEnd + 1)}`;
}

const linesOf = (settings: Settings): string[] =>
  Object.entries(settings).map(([key, value]) => `${key} = "${value}"`);

function offsetOf(text: string, key: readonly string[]): number {
  const position = findKey(text, key);
  if (position === undefined) return text.length;
  const before = text.split('\n').slice(0, position.line - 1);
  return before.reduce((sum, line) => sum + line.length + 1, 0) + position.column - 1;
}

/** True if the new text means the same as the old one, plus the settings. */
function changesOnly(before: string, after: string, file: string, dir: string, settings: Settings): boolean {
  try {
    const wanted = mergeTables(parseToml(file, before), { projects: { [dir]: settings } });
    return isDeepStrictEqual(mergeTables(parseToml(file, after)), wanted);
  } catch {
    return false;
  }
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

function refusal(file: string, dir: string, settings: Settings, reason: string): ConfigError {
  return new ConfigError(
    `${printable(file)} was not changed: ${printable(reason)}.\n` +
      `Set ${linesOf(settings).join(' and ')} under [projects.${printable(tomlString(dir))}] in it yourself.`,
  );
}

/** A TOML basic string. JSON's escapes are valid in TOML; only DEL, which JSON does not escape, has to be. */
function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\x7f', '\\u007f');
}
