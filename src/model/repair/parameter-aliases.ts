/**
 * Renames arguments to what the tool declares.
 *
 * Handles other spellings (`filePath`), names that other agents use (`cmd`, `file_path`, `query`), and the few that
 * also imply another unit: seconds for milliseconds, a last line for a number of lines. A declared name always means
 * itself; an alias counts only if the parameter it means was not given; the order is kept.
 */

import type { JsonObject } from '../../protocol.ts';
import type { ToolProperty } from '../chat.ts';
import { foldName } from './names.ts';

export type Properties = { readonly [name: string]: ToolProperty };

/** Parameter -> folded names that mean it, the most certain first. */
const ALIASES: { readonly [parameter: string]: readonly string[] } = {
  command: ['cmd', 'cmdline', 'script', 'code'],
  cmd: ['command', 'commandline', 'cmdline', 'script', 'code'],
  chars: ['input', 'text', 'stdin', 'data', 'keys'],
  session_id: ['session', 'id', 'processid', 'pid'],
  path: ['file', 'filepath', 'filename', 'pathtofile', 'directory', 'dir'],
  pattern: ['query', 'regex', 'search', 'regexp'],
  glob: ['include'],
  input: ['patch', 'diff', 'text'],
  offset: ['startline', 'line', 'start'],
  limit: ['endline'],
  timeout_ms: ['timeout', 'timeoutseconds'],
  yield_time_ms: ['timeoutms', 'timeout', 'timeoutseconds'],
  workdir: ['cwd', 'dir', 'directory'],
  plan: ['todos', 'steps', 'tasks', 'items'],
  content: ['contents', 'filetext', 'filecontent', 'text'],
  old_string: ['oldstr', 'oldtext', 'old', 'search', 'find', 'oldcode', 'oldcontent', 'original'],
  new_string: ['newstr', 'newtext', 'new', 'replace', 'newcode', 'newcontent', 'replacement'],
  step: ['content', 'task', 'description', 'title', 'text'],
};
/** A `timeout` below this is in seconds: nobody means to wait less than a second. */
const SECONDS_BELOW = 1000;

/** `given` under declared names. Nulls, and keys that mean no declared parameter, are dropped. */
export function renameParameters(given: JsonObject, properties: Properties): JsonObject {
  const meant = new Map<string, string>();
  const taken = new Set<string>();
  const take = (key: string, parameter: string): void => {
    meant.set(key, parameter);
    taken.add(parameter);
  };
  const keys = Object.keys(given).filter((key) => given[key] !== null && given[key] !== undefined);
  for (const key of keys) if (Object.hasOwn(properties, key)) take(key, key);
  const names = Object.keys(properties);
  for (const key of keys) {
    const same = names.find((name) => foldName(name) === foldName(key));
    if (!meant.has(key) && same !== undefined && !taken.has(same)) take(key, same);
  }
  for (const name of names) {
    const key = taken.has(name) ? undefined : findAlias(name, keys, meant);
    if (key !== undefined) take(key, name);
  }
  const renamed: JsonObject = {};
  for (const key of keys) {
    const name = meant.get(key);
    if (name !== undefined) renamed[name] = convert(given, key, name, keyOf(meant, 'offset'));
  }
  return renamed;
}

function findAlias(
  name: string,
  keys: readonly string[],
  meant: ReadonlyMap<string, string>,
): string | undefined {
  for (const alias of Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? []) : []) {
    const key = keys.find((one) => !meant.has(one) && foldName(one) === alias);
    if (key !== undefined) return key;
  }
  return undefined;
}

function keyOf(meant: ReadonlyMap<string, string>, parameter: string): string | undefined {
  for (const [key, name] of meant) if (name === parameter) return key;
  return undefined;
}

function convert(given: JsonObject, key: string, name: string, offsetKey: string | undefined): unknown {
  const value = given[key];
  const folded = foldName(key);
  if (folded === 'timeout' || folded === 'timeoutseconds') {
    const time = asNumber(value);
    if (time === null) return value;
    return Math.round(folded === 'timeoutseconds' || time < SECONDS_BELOW ? time * 1000 : time);
  }
  if (name === 'limit' && folded === 'endline') {
    const end = asNumber(value);
    const start = offsetKey === undefined ? 1 : asNumber(given[offsetKey]);
    return end === null || start === null ? value : end - start + 1;
  }
  return value;
}

function asNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '' || value.length > 20) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
