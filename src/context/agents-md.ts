/**
 * Finds the instructions that people write for agents: AGENTS.md of the user, of the project, of its folders.
 *
 * Invariants: at most one file per folder; an override shadows its neighbours even if it is blank; only regular files
 * are opened, so that a FIFO or a device cannot block the start; the same files give the same bytes.
 */

import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { nearFiles } from '../config/near-file.ts';
import { decodeText } from '../text/decode.ts';
import { errorMessage } from '../text/error-message.ts';
import { type FileStart, readStart, readWhole } from '../text/regular-file.ts';

const OVERRIDE = 'AGENTS.override.md';
const STANDARD = 'AGENTS.md';
const PROJECT_SEPARATOR = '\n\n--- project-doc ---\n\n';

export interface AgentsMdOptions {
  /** oagent's own folder, with the user's global file. */
  readonly home: string;
  /** Absolute. */
  readonly cwd: string;
  /** The most bytes of all project files together; 0 turns them off. The global file does not count. */
  readonly maxBytes: number;
  /** File names to try after AGENTS.md, in order. */
  readonly fallbackNames: readonly string[];
  /** Marks of a project's root, such as `.git`. Empty: only `cwd` is searched. */
  readonly rootMarkers: readonly string[];
}

interface AgentsMd {
  /** Ready to send; absent if no file has any text. */
  readonly text?: string;
  /** The files that it comes from, in order. */
  readonly sources: readonly string[];
  readonly warnings: readonly string[];
}

/** Reads the instructions for `cwd`. Never throws: an unreadable file is a warning. */
export function loadAgentsMd({ home, cwd, maxBytes, fallbackNames, rootMarkers }: AgentsMdOptions): AgentsMd {
  const sources: string[] = [];
  const warnings: string[] = [];
  const global = readGlobal(home, warnings);
  if (global !== undefined) sources.push(global.file);

  const parts: string[] = [];
  let left = maxBytes;
  for (const folder of maxBytes > 0 ? projectFolders(cwd, rootMarkers) : []) {
    const names = [OVERRIDE, STANDARD, ...fallbackNames];
    const file = firstRegularFile(folder, names);
    if (file === undefined) {
      warnings.push(...nearFiles(folder, names));
      continue;
    }
    const found = readUpTo(file, left, warnings);
    if (found === undefined || found.size === 0) continue;
    if (left === 0) {
      warnings.push(
        `Skipped project instructions ${file} because the ${maxBytes}-byte budget was exhausted by the files above it.`,
      );
      continue;
    }
    const text = textOf(file, found, warnings);
    if (text.trim() === '') continue;
    if (found.size > left) {
      warnings.push(
        `Loaded only ${left} of ${found.size} bytes from ${file}: project instructions are limited to ${maxBytes} bytes.`,
      );
    }
    left -= found.bytes.length;
    parts.push(text);
    sources.push(file);
  }

  const project = parts.length === 0 ? undefined : parts.join('\n\n');
  const text = [global?.text, project].filter((part) => part !== undefined).join(PROJECT_SEPARATOR);
  if (text === '') return { sources, warnings };
  const scope = project === undefined ? '' : ` for ${cwd}`;
  return {
    text: `# AGENTS.md instructions${scope}\n\n<INSTRUCTIONS>\n${text}\n</INSTRUCTIONS>`,
    sources,
    warnings,
  };
}

function readGlobal(home: string, warnings: string[]): { file: string; text: string } | undefined {
  for (const name of [OVERRIDE, STANDARD]) {
    const file = firstRegularFile(home, [name]);
    const found = file && readAll(file, warnings);
    const text = found && textOf(file, found, warnings).trim();
    if (file && text) return { file, text };
  }
  warnings.push(...nearFiles(home, [OVERRIDE, STANDARD]));
  return undefined;
}

/** The folders from the project's root down to `cwd`. */
function projectFolders(cwd: string, rootMarkers: readonly string[]): string[] {
  const folders: string[] = [];
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    folders.unshift(folder);
    if (rootMarkers.some((marker) => existsSync(path.join(folder, marker)))) return folders;
    if (path.dirname(folder) === folder) return [cwd];
  }
}

function firstRegularFile(folder: string, names: readonly string[]): string | undefined {
  return names.map((name) => path.join(folder, name)).find(isRegularFile);
}

function isRegularFile(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false;
  }
}

/** What was read, as text; an encoding that had to be guessed is a warning, and what is not text is left out with one. */
function textOf(file: string, { bytes, size }: FileStart, warnings: string[]): string {
  const found = decodeText(bytes, { isCut: bytes.length < size });
  if (!found.ok) warnings.push(`Skipped ${file}: ${found.problem}. Save it as UTF-8.`);
  else if (found.notice !== undefined) warnings.push(`${file}: ${found.notice}. Save it as UTF-8.`);
  return found.ok ? found.text : '';
}

function readAll(file: string, warnings: string[]): FileStart | undefined {
  try {
    const bytes = readWhole(file);
    return { bytes, size: bytes.length };
  } catch (error) {
    warnings.push(`Could not read ${file}: ${errorMessage(error)}`);
    return undefined;
  }
}

/** The first `limit` bytes of a file, and its size. */
function readUpTo(file: string, limit: number, warnings: string[]): FileStart | undefined {
  try {
    return readStart(file, limit);
  } catch (error) {
    warnings.push(`Could not read ${file}: ${errorMessage(error)}`);
    return undefined;
  }
}
