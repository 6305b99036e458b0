/**
 * Empty folders in place of protected names that do not exist yet, so that something can be mounted over them. Each
 * process records its own in a file in oagent's folder.
 *
 * Invariants: a placeholder is removed some seconds after its last command has ended, in this process or another one
 * (removing it on the host would remove the mount from every sandbox that still runs), and when oagent exits, but a `.git` at once; only what
 * is in a record and is empty is ever removed. Not at once: the kernel takes milliseconds to remove what was just a
 * mount point, and the next command of the turn needs it again. After a `kill -9` the next oagent removes what is in the
 * record of the dead process. Accepted: oagents with different home folders do not know of each other.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../config/make-folder.ts';
import { HeldFolder } from '../../system/held-folder.ts';
import { processStat } from '../../system/process-stat.ts';
import { errorCode } from '../../text/error-message.ts';
import { SandboxError } from './sandbox.ts';

/** A pause in which no command runs; longer than those between the commands of a turn that is in a hurry. */
const LINGER_MS = 5_000;

export class Placeholders {
  readonly #folder: string;
  readonly #own = `${process.pid}-${startTime(process.pid)}`;
  /** How many commands need each; none: it is still there from the last one. */
  readonly #claims = new Map<string, number>();
  #recorded = '';
  #lingering: NodeJS.Timeout | undefined;

  /** @param folder where the records are kept; created when needed */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** True if this process or another living one has a placeholder there, and nobody has put anything in its place. */
  isPlaceholder(file: string): boolean {
    return (this.#claims.has(file) || this.#othersHold(file)) && isEmptyOrMissing(file);
  }

  /**
   * Ensures that these folders exist until `release`. Returns those that were claimed, without those on a read-only
   * disk, where no command can create anything either.
   * @throws SandboxError if one cannot be created although a command might be able to; then none is claimed
   */
  claim(files: readonly string[]): string[] {
    if (files.length === 0) return [];
    clearTimeout(this.#lingering);
    // Before the folders exist, so that they are never without a record.
    this.#record([...this.#claims.keys(), ...files]);
    const claimed: string[] = [];
    try {
      for (const file of files) {
        if (!createFolder(file)) continue;
        if (this.#claims.size === 0) process.on('exit', this.#removeAll);
        this.#claims.set(file, (this.#claims.get(file) ?? 0) + 1);
        claimed.push(file);
      }
      return claimed;
    } catch (error) {
      this.release(claimed);
      this.removeUnused();
      throw error;
    } finally {
      if (claimed.length < files.length) this.#record([...this.#claims.keys()]);
    }
  }

  /** Gives claims back. Returns those that now contain or are something else. Never throws. */
  release(files: readonly string[]): string[] {
    for (const file of files) this.#claims.set(file, Math.max(0, (this.#claims.get(file) ?? 0) - 1));
    // Git and ripgrep take even an empty one for the end of a repository around it.
    this.removeUnused((file) => path.basename(file) === '.git');
    this.#lingering = setTimeout(() => this.removeUnused(), LINGER_MS).unref();
    return files.filter((file) => !isEmptyOrMissing(file));
  }

  /** Removes those that no command needs now: all, or those that `fits` accepts. Never throws. */
  removeUnused(fits: (file: string) => boolean = () => true): void {
    clearTimeout(this.#lingering);
    for (const [file, count] of this.#claims) {
      if (count > 0 || !fits(file)) continue;
      this.#claims.delete(file);
      if (isEmptyOrMissing(file) && !this.#othersHold(file)) removeEmpty(file);
    }
    if (this.#claims.size === 0) process.off('exit', this.#removeAll);
    this.#record([...this.#claims.keys()]);
  }

  /** Removes the empty folders that dead processes have left behind, and their records. Never throws. */
  removeLeftovers(): void {
    for (const name of this.#records()) {
      if (isAlive(name)) continue;
      const left = this.#paths(name).filter((file) => !this.isPlaceholder(file) && !removeEmpty(file));
      // The next oagent may be able to remove what is left.
      if (left.length === 0) rmSync(path.join(this.#folder, name), { force: true });
    }
  }

  readonly #removeAll = (): void => {
    for (const file of this.#claims.keys()) this.#claims.set(file, 0);
    this.removeUnused();
  };

  #record(files: readonly string[]): void {
    const record = path.join(this.#folder, this.#own);
    const text = files.length === 0 ? '' : JSON.stringify([...new Set(files)]);
    if (text === this.#recorded) return;
    this.#recorded = text;
    try {
      if (text === '') return rmSync(record, { force: true });
      makeFolder(this.#folder);
      writeFileSync(`${record}.new`, text, { mode: 0o600 });
      renameSync(`${record}.new`, record);
    } catch {
      // Without a record a kill leaves an empty folder for good, which is harmless.
    }
  }

  #othersHold(file: string): boolean {
    return this.#records().some(
      (name) => name !== this.#own && isAlive(name) && this.#paths(name).includes(file),
    );
  }

  #records(): string[] {
    try {
      return readdirSync(this.#folder).filter((name) => /^\d+-\d+$/.test(name));
    } catch {
      return [];
    }
  }

  #paths(name: string): string[] {
    try {
      const files: unknown = JSON.parse(readFileSync(path.join(this.#folder, name), 'utf8'));
      if (!Array.isArray(files)) return [];
      return files.filter((file): file is string => typeof file === 'string' && path.isAbsolute(file));
    } catch {
      return [];
    }
  }
}

/** False on a read-only disk. */
function createFolder(file: string): boolean {
  try {
    inHeld(file, (folder, name) => folder.makeFolder(name, 0o755));
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return true;
    if (code === 'EROFS') return false;
    throw new SandboxError(
      `cannot protect ${file}, which does not exist: a folder cannot be created there (${code}). ` +
        `Make ${path.dirname(file)} writable, or run with -s read-only.`,
    );
  }
}

/** The folder of a placeholder may be below one where commands can write, and could be exchanged for a link. */
function inHeld(file: string, work: (folder: HeldFolder, name: string) => void): void {
  const folder = HeldFolder.open(path.dirname(file));
  try {
    work(folder, path.basename(file));
  } finally {
    folder.close();
  }
}

/** True if the process that wrote this record still runs; another one with its pid has a different start time. */
function isAlive(record: string): boolean {
  const [pid, start] = record.split('-').map(Number);
  return pid !== undefined && start !== 0 && startTime(pid) === start;
}

/** When a process was started, in clock ticks since boot; 0 if there is no such process. */
function startTime(pid: number): number {
  const fields = processStat(pid);
  return fields[0] === 'Z' ? 0 : Number(fields[19] ?? 0);
}

function isEmptyOrMissing(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined || readdirSync(file).length === 0;
  } catch {
    return false;
  }
}

/** @returns false if it is still there and empty. */
function removeEmpty(file: string): boolean {
  try {
    inHeld(file, (folder, name) => folder.removeFolder(name));
    return true;
  } catch {
    // Not empty, not a folder, or gone: no longer ours.
    return !isEmptyFolder(file);
  }
}

function isEmptyFolder(file: string): boolean {
  try {
    return readdirSync(file).length === 0;
  } catch {
    return false;
  }
}
