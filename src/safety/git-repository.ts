/**
 * Checks that a repository's configuration and hooks make none of `git status`, `log`, `diff`, `show`, `branch` run a
 * program: a file system monitor, a pager, a diff driver, a clean filter, a lazy fetch, the `post-index-change` hook. This
 * is for commands of the model where no sandbox confines them; what oagent asks git itself needs no such check (system/git.ts).
 *
 * Settings that are known to be harmless are listed; any other makes the repository unsafe, as does a line that cannot
 * be parsed with certainty, and an index that may hold another repository, whose own configuration git would obey there.
 * Accepted: the user's own (global) configuration. Nothing is cached: the model may have written files since the last check.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { exists } from '../config/paths.ts';
import { gitFolders } from '../system/git-folders.ts';
import { readWhole, smallText } from '../text/regular-file.ts';

/**
 * True if read-only git commands in `cwd` (absolute) run no program that a repository names. Checks every folder from
 * `cwd` upwards, since git skips a broken `.git`. Never throws.
 */
export function isHarmlessRepository(cwd: string): boolean {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    if (exists(path.join(folder, '.git')) && !isHarmlessWorktree(folder)) return false;
    // A bare repository can lie in a project as ordinary files, with any configuration.
    const has = (name: string) => exists(path.join(folder, name));
    if (has('HEAD') && (has('objects') || has('commondir'))) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

function isHarmlessWorktree(worktree: string): boolean {
  const folders = gitFolders(worktree);
  if (folders === undefined) return false;
  const file = path.join(folders.commonDir, 'config');
  const text = exists(file) ? smallText(file) : '';
  const hookFolders = text === undefined ? undefined : harmlessHookFolders(text);
  if (hookFolders === undefined || mayHoldRepositories(folders.gitDir)) return false;
  return [path.join(folders.commonDir, 'hooks'), ...hookFolders].every(
    (hooks) => !exists(path.resolve(worktree, hooks, 'post-index-change')),
  );
}

const INDEX_LIMIT = 256 * 2 ** 20;
/** How the index says that an entry is another repository. Some sizes look the same, which costs a question. */
const GITLINK = Buffer.from([0, 0, 0xe0, 0]);

function mayHoldRepositories(gitDir: string): boolean {
  try {
    const file = path.join(gitDir, 'index');
    if (!exists(file)) return false;
    const bytes = readWhole(file, INDEX_LIMIT);
    return bytes.includes(GITLINK) || readdirSync(gitDir).some((name) => name.startsWith('sharedindex.'));
  } catch {
    return true;
  }
}

const ANY_KEY = /^/;
const NO_KEY = /(?!)/;

/** Section -> keys that name no program and include no other configuration. Lower case. */
const HARMLESS_KEYS: ReadonlyMap<string, RegExp> = new Map([
  [
    'core',
    /^(?:repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf|abbrev|quotepath|longpaths|preloadindex|trustctime|untrackedcache|hookspath)$/,
  ],
  ['remote', /^(?:url|pushurl|fetch|push|tagopt|prune|mirror|gh-resolved)$/],
  ['submodule', /^(?:active|url)$/],
  [
    'gc',
    /^(?:auto|autopacklimit|autodetach|aggressivedepth|aggressivewindow|logexpiry|packrefs|pruneexpire|worktreepruneexpire|reflogexpire|reflogexpireunreachable|writecommitgraph|bigpackthreshold|cruftpacks|maxcruftsize)$/,
  ],
  [
    'lfs',
    /^(?:url|repositoryformatversion|locksverify|access|fetchinclude|fetchexclude|concurrenttransfers|batch)$/,
  ],
  ['extensions', /^(?:noop|objectformat|refstorage)$/],
  ...['advice', 'branch', 'color', 'commit', 'fetch', 'i18n', 'init', 'pull', 'push'].map(
    (section): [string, RegExp] => [section, ANY_KEY],
  ),
  ...['rebase', 'tag', 'user'].map((section): [string, RegExp] => [section, ANY_KEY]),
]);

const BLANK = /^[ \t]*(?:[#;].*)?$/;
const SECTION = /^[ \t]*\[([a-z0-9-]+)(?:[ \t]+"(?:[^"\\]|\\.)*")?\][ \t]*$/i;
const SETTING = /^[ \t]*([a-z][a-z0-9-]*)[ \t]*(?:=[ \t]*(.*[^\\])?)?$/i;

/** The hook folders that a harmless configuration names, as written; undefined if it is not harmless. */
function harmlessHookFolders(text: string): string[] | undefined {
  const hookFolders: string[] = [];
  let allowed = NO_KEY;
  for (const line of text.split(/\r?\n/)) {
    if (BLANK.test(line)) continue;
    const section = SECTION.exec(line)?.[1]?.toLowerCase();
    if (section !== undefined) {
      allowed = HARMLESS_KEYS.get(section) ?? NO_KEY;
      continue;
    }
    const [, key = '', value = ''] = SETTING.exec(line) ?? [];
    if (key === '' || !allowed.test(key.toLowerCase())) return undefined;
    if (key.toLowerCase() === 'hookspath') {
      if (!/^[\w./-]+$/.test(value)) return undefined;
      hookFolders.push(value);
    }
  }
  return hookFolders;
}
