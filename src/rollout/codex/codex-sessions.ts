/** The sessions of Codex on this machine, which are never changed: finding, listing and importing them. */
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { userHome } from '../../config/home.ts';
import { makeFolder } from '../../config/make-folder.ts';
import { errorMessage } from '../../text/error-message.ts';
import { uuidv7 } from '../../text/uuid.ts';
import { findRollout, idOfFile, type RolloutFile, rolloutFiles, rolloutPath } from '../paths.ts';
import { RolloutError } from '../rollout-error.ts';
import { CodexConversion } from './codex-conversion.ts';
import { objectOf, textOf } from './codex-line.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Codex's folder: `$CODEX_HOME` or `~/.codex`. Undefined: there is no home. */
export function codexHome(env: Env): string | undefined {
  const home = userHome(env);
  return env.CODEX_HOME?.trim() || (home === undefined ? undefined : path.join(home, '.codex'));
}

/** All of them, oldest first. */
export function codexSessions(env: Env): RolloutFile[] {
  const home = codexHome(env);
  if (home === undefined) return [];
  return rolloutFiles(home).toSorted((a, b) => (path.basename(a.path) < path.basename(b.path) ? -1 : 1));
}

/** The session of Codex with this id. */
export function findCodexSession(env: Env, id: string): RolloutFile | undefined {
  const home = codexHome(env);
  return home === undefined ? undefined : findRollout(home, id);
}

/**
 * Copies a session of Codex into oagent's home, under its own id and with its own times.
 *
 * @param home oagent's. @param source a rollout of Codex.
 * @returns the new file, or the one that is already there.
 * @throws RolloutError if it is not a session of Codex, or cannot be read or written.
 */
export function importCodex(
  home: string,
  source: string,
  env: Env,
): RolloutFile & { readonly isNew: boolean } {
  const id = idOfFile(source);
  if (id === undefined)
    throw new RolloutError(`${source} is not named as a session of Codex is: rollout-TIME-ID.jsonl`);
  const known = findRollout(home, id);
  if (known !== undefined) return { ...known, isNew: false };
  try {
    const text = converted(source, id, nameOf(env, id));
    const { atime, mtime } = statSync(source);
    const file = rolloutPath(home, id, startOf(source) ?? mtime);
    write(file, text, atime, mtime);
    return { id, path: file, isArchived: false, hasLock: false, isNew: true };
  } catch (error) {
    if (error instanceof RolloutError) throw error;
    throw new RolloutError(`cannot import ${source}: ${errorMessage(error)}`);
  }
}

function converted(source: string, id: string, name: string | undefined): string {
  if (!statSync(source).isFile()) throw new RolloutError(`${source} is not a regular file`);
  const conversion = new CodexConversion();
  for (const line of readFileSync(source, 'utf8').split('\n')) conversion.add(line);
  const text = conversion.end(id, name);
  if (text === undefined)
    throw new RolloutError(`${source} is not a session of Codex: it does not say where it ran`);
  return text;
}

/** It appears as a whole. */
function write(file: string, text: string, atime: Date, mtime: Date): void {
  makeFolder(path.dirname(file));
  const draft = `${file}.${uuidv7()}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    utimesSync(draft, atime, mtime);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** The local time in the name of the file. */
function startOf(file: string): Date | undefined {
  const parts = /rollout-(\d+)-(\d+)-(\d+)T(\d+)-(\d+)-(\d+)-/
    .exec(path.basename(file))
    ?.slice(1)
    .map(Number);
  if (parts === undefined) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  return new Date(year, month - 1, day, hour, minute, second);
}

/** What the user called it: the last line of a session in Codex's index counts. */
function nameOf(env: Env, id: string): string | undefined {
  const home = codexHome(env);
  if (home === undefined) return undefined;
  let name: string | undefined;
  for (const line of readOr(path.join(home, 'session_index.jsonl')).split('\n')) {
    if (!line.includes(id)) continue;
    const entry = entryOf(line);
    if (entry?.id === id) name = textOf(entry.thread_name) ?? name;
  }
  return name || undefined;
}

function entryOf(line: string) {
  try {
    return objectOf(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
