/** `-o FILE`: the file for the last message. */
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { NamedFile } from '../../safety/named-file.ts';
import { untrustedFolders } from '../../safety/permissions.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { SessionError } from '../../session/session-error.ts';
import { errorMessage } from '../../text/error-message.ts';

/**
 * Checked now and not after an hour of work; the file itself is written only at the end.
 * @returns the function that writes it; it too throws SessionError.
 * @throws SessionError
 */
export function outputFile(file: string, { permissions }: SessionPlan): (text: string) => void {
  const explained = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new SessionError(`-o ${file}: ${errorMessage(error)}`);
    }
  };
  const target = path.resolve(file);
  const found = explained(() => {
    const problem = whyNotWritable(target);
    if (problem !== undefined) throw new Error(problem);
    return NamedFile.find(target, [process.cwd(), ...untrustedFolders(permissions)]);
  });
  return (text) => explained(() => found.write(text));
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
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'EACCES' ? 'it is not writable' : message;
  }
}
