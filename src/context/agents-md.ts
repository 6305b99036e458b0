/**
 * Finds the instructions that people write for agents: AGENTS.md of the user, of the project, of its folders.
 *
 * Invariants: what a folder says that the user does not trust is never an instruction: it is quoted, or left out if the user has said
 * no; at most one file per folder; an override shadows its neighbours even if it is blank; only regular files are opened, so that a FIFO
 * or a device cannot block the start; the same files give the same bytes.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import quoted from '../../prompts/quoted-agents-md.md?raw';
import { printable } from '../config/errors.ts';
import { nearFiles } from '../config/near-file.ts';
import { isOurs } from '../config/owner.ts';
import { holds, realPath } from '../config/paths.ts';
import { projectFolders, projectRoot, type TrustConfig, trustWithin } from '../config/trust.ts';
import { decodeText } from '../text/decode.ts';
import { errorMessage } from '../text/error-message.ts';
import { fill } from '../text/fill.ts';
import { type FileStart, readStart, readWhole } from '../text/regular-file.ts';

const OVERRIDE = 'AGENTS.override.md';
const STANDARD = 'AGENTS.md';
const PROJECT_SEPARATOR = '\n\n--- project-doc ---\n\n';
/** Nobody relies on what is only quoted, and a stranger must not fill the window. */
const QUOTED_BYTES = 4_096;

export interface AgentsMdOptions {
  /** oagent's own folder, with the user's global file. */
  readonly home: string;
  /** Absolute. */
  readonly cwd: string;
  /** The most bytes of all project files together; 0 turns them off. The global file does not count. */
  readonly maxBytes: number;
  /** File names to try after AGENTS.md, in order. */
  readonly fallbackNames: readonly string[];
  /** Where the project begins, and whom the user trusts. */
  readonly trust: TrustConfig;
}

interface Instructions {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
}

interface AgentsMd {
  /** Ready to send; absent if no file has any text. */
  readonly text?: string;
  /** The files that it comes from, in order. */
  readonly sources: readonly string[];
  /** What is obeyed of the project's own, from its root down. */
  readonly obeyed: readonly Instructions[];
  readonly warnings: readonly string[];
}

/** Reads the instructions for `cwd`. Never throws: an unreadable file is a warning. */
export function loadAgentsMd(options: AgentsMdOptions): AgentsMd {
  const { home, cwd, maxBytes } = options;
  const warnings: string[] = [];
  const global = readGlobal(home, warnings);
  const found = maxBytes > 0 ? projectFiles(options, warnings) : [];
  const obeyed = readWithin(
    found.filter(({ level }) => level === 'trusted'),
    maxBytes,
    warnings,
  );
  const strange = found.filter(({ level }) => level === 'unknown');
  const material = readWithin(strange, Math.min(maxBytes, QUOTED_BYTES), warnings);
  const refused = found.filter(({ level }) => level === 'untrusted');
  warnings.push(...distrusted('quoted to the model, not obeyed', material.sources));
  warnings.push(
    ...distrusted(
      'left out',
      refused.map(({ file }) => file),
    ),
  );

  const instructions = [global?.text, obeyed.text].filter((part) => part !== undefined);
  const scope = obeyed.text === undefined ? '' : ` for ${cwd}`;
  const parts = [
    instructions.length === 0
      ? undefined
      : inTags(`# AGENTS.md instructions${scope}`, instructions.join(PROJECT_SEPARATOR)),
    material.text === undefined ? undefined : quotedText(material.text, cwd),
  ].filter((part) => part !== undefined);
  const sources = [...(global === undefined ? [] : [global.file]), ...obeyed.sources, ...material.sources];
  const rest = { sources, obeyed: obeyed.parts, warnings };
  return parts.length === 0 ? rest : { text: parts.join('\n\n'), ...rest };
}

function distrusted(what: string, files: readonly string[]): string[] {
  if (files.length === 0) return [];
  const [is, folder] = files.length === 1 ? ['is', 'its folder is'] : ['are', 'their folders are'];
  return [`${files.map(printable).join(', ')} ${is} ${what}: ${folder} not trusted (--trust trusts it once)`];
}

function inTags(head: string, text: string): string {
  return `${head}\n\n<INSTRUCTIONS>\n${text}\n</INSTRUCTIONS>`;
}

/** Each line is marked, so that none can look like anything else than a part of the quotation. */
function quotedText(text: string, cwd: string): string {
  const lines = text.trimEnd().split(/\r\n|[\r\n\u0085\u2028\u2029]/);
  const marked = lines.map((line) => `> ${line}`).join('\n');
  return inTags(fill(quoted, { cwd }), marked);
}

interface ProjectFile {
  readonly file: string;
  readonly level: ReturnType<typeof trustWithin>;
}

/** The one file of each folder from the project's root down. */
function projectFiles({ cwd, fallbackNames, trust }: AgentsMdOptions, warnings: string[]): ProjectFile[] {
  const fallbacks = fallbackNames.filter(isName);
  for (const name of fallbackNames.filter((other) => !isName(other)))
    warnings.push(
      `project_doc_fallback_filenames: ${printable(name)} is not the name of a file; it is ignored`,
    );
  const names = [OVERRIDE, STANDARD, ...fallbacks];
  const root = projectRoot(trust, cwd);
  return projectFolders(trust, cwd).flatMap((folder) => {
    const file = firstRegularFile(folder, names);
    if (file === undefined) {
      warnings.push(...nearFiles(folder, names));
      return [];
    }
    if (!isOurs(file, cwd)) {
      warnings.push(`Skipped ${file}: it belongs to another user.`);
      return [];
    }
    const level = trustWithin(trust, cwd, folder);
    // A repository can hold a link to any file of the user's.
    if (level !== 'trusted' && !holds(root, realPath(file))) {
      warnings.push(`Skipped ${file}: it leads out of a project that is not trusted.`);
      return [];
    }
    return [{ file, level }];
  });
}

function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && !name.includes(path.sep);
}

interface FilesRead {
  readonly text?: string;
  readonly parts: readonly Instructions[];
  readonly sources: readonly string[];
}

/** The texts of the files, as far as they fit. */
function readWithin(files: readonly ProjectFile[], maxBytes: number, warnings: string[]): FilesRead {
  const parts: Instructions[] = [];
  let left = maxBytes;
  for (const { file } of files) {
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
    parts.push({ file, text });
  }
  const sources = parts.map(({ file }) => file);
  return parts.length === 0
    ? { parts, sources }
    : { text: parts.map(({ text }) => text).join('\n\n'), parts, sources };
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
