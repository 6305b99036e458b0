/**
 * Asks where to continue a session that ran in another folder: on the plain terminal, because both the view and the
 * trust question are about the folder.
 */
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { isSameFolder } from '../../config/paths.ts';
import { readSession } from '../../rollout/reconstruct.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { SessionError } from '../../session/session-error.ts';
import { chooseSession, type SessionChoice } from '../../session/stored.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';

/**
 * @param isPlain the line is edited by the terminal: not an escape sequence is written.
 * @returns the folder of the session, if it should continue there; undefined: here.
 * @throws SessionError if there is no such session, or it cannot be read.
 */
export async function chooseFolder(
  { home, cwd }: SessionPlan,
  choice: SessionChoice,
  { isPlain }: { readonly isPlain: boolean },
): Promise<string | undefined> {
  const { path: file } = chooseSession(home, cwd, choice);
  const there = folderOf(file);
  const isThere = statSync(there, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isThere || isSameFolder(there, cwd)) return undefined;
  const asking = createInterface({ input: process.stdin, output: process.stdout, terminal: !isPlain });
  try {
    const question = [
      'This session ran in another folder. Where should it continue?',
      `  1  there: ${sanitizeForTerminal(there)}`,
      `  2  here:  ${sanitizeForTerminal(cwd)}`,
      '1 or 2 [1]: ',
    ].join('\n');
    return (await asking.question(question)).trim() === '2' ? undefined : there;
  } finally {
    asking.close();
  }
}

function folderOf(file: string): string {
  try {
    return readSession(file, { shownItems: 0, withHistory: false }).cwd;
  } catch (error) {
    throw new SessionError((error as Error).message);
  }
}
