/** What has changed in a repository since its index was made, as far as git says it at once. */
import path from 'node:path';
import { checkedOut, git, ignoreRules } from '../../system/git.ts';
import { gitFolders } from '../../system/git-folders.ts';
import { smallText } from '../../text/regular-file.ts';
import type { Store } from '../store/store.ts';
import { IGNORE_FILE } from './file-kinds.ts';
import { look } from './files.ts';

export interface ChangesSince {
  /** Files that are not as the index has them: new, changed, gone. */
  readonly files: number;
  /** Another commit is checked out. */
  readonly isHeadMoved: boolean;
}

const NONE: ChangesSince = { files: 0, isHeadMoved: false };

/** Nothing without a repository. @throws GitRefused; Error if git fails. */
export async function changesSince(root: string, store: Store): Promise<ChangesSince> {
  if (gitFolders(root) === undefined) return NONE;
  const rules = smallText(path.join(root, IGNORE_FILE)) === undefined ? [] : ['-X', IGNORE_FILE];
  const args = ['ls-files', '-z', '-t', '--modified', '--others', ...ignoreRules(root), ...rules];
  const [{ commit = '' }, list] = await Promise.all([checkedOut(root), git(args, { cwd: root })]);
  const known = String(store.sql("SELECT value FROM meta WHERE key = 'head'").get()?.value ?? '');
  // A tag, a blank and the name; a file that is changed and gone is listed twice.
  const names = new Set(list.toString().split('\0'));
  const changed = [...names].filter((entry) => isChanged(root, store, entry.slice(2), entry.startsWith('?')));
  return { files: changed.length, isHeadMoved: commit !== known };
}

function isChanged(root: string, store: Store, name: string, isUntracked: boolean): boolean {
  const facts = look(root, name);
  const file = store.file(name);
  // A tracked file that the index does not have is one that it leaves out.
  if (file === undefined) return isUntracked && facts !== undefined;
  return facts?.mtime !== file.mtime || facts.size !== file.size;
}
