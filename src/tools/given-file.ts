/** The file that a call names: found, allowed to be read, and opened. */
import { type Stats, statSync } from 'node:fs';
import type { JsonObject } from '../protocol.ts';
import { openUnhidden } from '../safety/reads.ts';
import { errorCode } from '../text/error-message.ts';
import { stringArgument } from './arguments.ts';
import { hiddenText } from './hidden-text.ts';
import { meantPath } from './meant-path.ts';
import { displayPath, notFoundMessage } from './near-paths.ts';
import type { ToolContext, ToolResult } from './tool.ts';
import { failure } from './tool-call-item.ts';

export interface GivenFile {
  /** The descriptor of a regular file; the caller closes it. */
  readonly file: number;
  readonly found: Stats;
  /** Absolute. */
  readonly path: string;
  /** As it is shown. */
  readonly shown: string;
  /** What the model should know about the name that it gave. */
  readonly note?: string | undefined;
}

/** @returns a result if it cannot be read. */
export async function openGiven(args: JsonObject, ctx: ToolContext): Promise<GivenFile | ToolResult> {
  const given = stringArgument(args, 'path') ?? '';
  if (given === '') return failure('path is empty: give the file to read');
  if (given.includes('\0')) return failure('path contains a NUL byte');
  const { path, note } = meantPath(given, ctx.cwd);
  const shown = displayPath(path, ctx.cwd);
  const hides = ctx.guard.hides?.() ?? (() => false);
  // Not even whether it exists.
  if (hides(path)) return failure(hiddenText(shown));
  const found = statOf(path);
  if (found === undefined) return failure(await notFoundMessage(path, ctx.cwd));
  const kind = kindProblem(found);
  if (kind !== undefined) return failure(`${shown} is ${kind}`);
  const file = openUnhidden(path, hides);
  return file === undefined ? failure(hiddenText(shown)) : { file, found, path, shown, note };
}

function statOf(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Why this cannot be read, or undefined for a regular file. */
function kindProblem(found: Stats): string | undefined {
  if (found.isFile()) return undefined;
  if (found.isDirectory()) return 'a directory: list it with ls in the shell, or search it with ripgrep';
  if (found.isFIFO()) return 'a FIFO, not a regular file';
  return found.isSocket() ? 'a socket, not a regular file' : 'a device, not a regular file';
}
