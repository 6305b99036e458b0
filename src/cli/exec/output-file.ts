/** Files that the user names for `exec` to write: `-o` for the last message, `--events` for all events. */
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { NamedFile } from '../../safety/named-file.ts';
import { untrustedFolders } from '../../safety/permissions.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { SessionError } from '../../session/session-error.ts';
import { errorCode } from '../../text/error-message.ts';
import { fileProblem } from '../../text/file-problem.ts';

/**
 * Checked now and not after an hour of work; the file itself is written only at the end.
 * @returns the function that writes it; it too throws SessionError.
 * @throws SessionError
 */
export function outputFile(file: string, plan: SessionPlan): (text: string) => void {
  const found = explained('-o', file, () => namedFile(file, plan));
  return (text) => explained('-o', file, () => found.write(text));
}

/**
 * The file of `--events`, empty: it is held open, so that no command can put another one in its place.
 * @returns its descriptor.
 * @throws SessionError
 */
export function openEvents(file: string, plan: SessionPlan): number {
  return explained('--events', file, () => namedFile(file, plan).open());
}

function explained<T>(flag: string, file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new SessionError(`${flag} ${file}: ${fileProblem(error)}`);
  }
}

function namedFile(file: string, { permissions }: SessionPlan): NamedFile {
  const target = path.resolve(file);
  const problem = whyNotWritable(target);
  if (problem !== undefined) throw new Error(problem);
  return NamedFile.find(target, [process.cwd(), ...untrustedFolders(permissions)]);
}

function whyNotWritable(target: string): string | undefined {
  const folder = path.dirname(target);
  try {
    const found = statSync(target, { throwIfNoEntry: false });
    if (found?.isDirectory()) return 'it is a folder';
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return 'its folder does not exist';
    accessSync(found ? target : folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return errorCode(error) === 'EACCES' ? 'it is not writable' : fileProblem(error);
  }
}
