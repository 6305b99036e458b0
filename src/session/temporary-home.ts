/** Stands in for oagent's own folder where the user has no home; it goes with the process. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

let made: string | undefined;

/** The same for the whole process. @throws a system error if it cannot be created. */
export function temporaryHome(): string {
  made ??= make();
  return made;
}

function make(): string {
  const temporary = os.tmpdir();
  // A relative TMPDIR could be in the project.
  const folder = mkdtempSync(path.join(path.isAbsolute(temporary) ? temporary : '/tmp', 'oagent-home-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
