/**
 * git's command line: which subcommand it runs whatever is in front of it, and what in its arguments makes it run something else.
 */
import { ANY_WORD, isOpen, literal, type ReachWord } from './reach-words.ts';

/** Global options that take the next word. */
const VALUED = new Set([
  ...['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--super-prefix', '--config-env'],
  ...['--attr-source', '--shallow-file'],
]);
const FLAGS =
  /^(?:-[pPhv]|--(?:paginate|no-pager|bare|no-replace-objects|literal-pathspecs|(?:no)?glob-pathspecs|icase-pathspecs|no-optional-locks|no-lazy-fetch|no-advice|html-path|man-path|info-path|version|help|exec-path(?:=.*)?|list-cmds=.*)|--[a-z-]+=.*)$/s;

/** Subcommands that git itself has. Any other is an alias, or a program `git-NAME`. */
const OWN = new Set(
  (
    'add am annotate apply archive bisect blame branch bugreport bundle cat-file check-attr check-ignore check-mailmap ' +
    'check-ref-format checkout checkout-index cherry cherry-pick clean clone column commit commit-graph commit-tree config ' +
    'count-objects credential daemon describe diagnose diff diff-files diff-index diff-tree difftool fast-export fast-import ' +
    'fetch fetch-pack filter-branch fmt-merge-msg for-each-ref for-each-repo format-patch fsck gc get-tar-commit-id grep ' +
    'hash-object help hook http-backend http-fetch http-push imap-send index-pack init init-db instaweb interpret-trailers log ' +
    'ls-files ls-remote ls-tree mailinfo mailsplit maintenance merge merge-base merge-file merge-index merge-tree mergetool mktag ' +
    'mktree multi-pack-index mv name-rev notes pack-objects pack-redundant pack-refs patch-id prune prune-packed pull push ' +
    'quiltimport range-diff read-tree rebase receive-pack reflog refs remote repack replace replay request-pull rerere reset ' +
    'restore rev-list rev-parse revert rm send-email send-pack shell shortlog show show-branch show-index show-ref ' +
    'sparse-checkout stage stash status stripspace submodule switch symbolic-ref tag unpack-file unpack-objects update-index ' +
    'update-ref update-server-info upload-archive upload-pack var verify-commit verify-pack verify-tag version whatchanged ' +
    'worktree write-tree'
  ).split(' '),
);

/** Programs of git's that are not part of it, but are no alias of anything either. */
const KNOWN_EXTERNAL = new Set([
  'lfs',
  'gui',
  'citool',
  'flow',
  'svn',
  'p4',
  'subtree',
  'scalar',
  'annex',
  'crypt',
]);

/** True for a subcommand that git itself has: no alias can replace it. */
export function isOwnSubcommand(name: string): boolean {
  return OWN.has(name);
}

export interface GitCall {
  /** `git`, the subcommand and its arguments. */
  readonly words: readonly ReachWord[];
  /** Text that git runs through a shell. */
  readonly scripts: readonly string[];
}

/** What a call of git may run: each way to read it. `at` is the word that names git. */
export function gitCalls(words: readonly ReachWord[], at: number): readonly GitCall[] {
  const [name, ...args] = words.slice(at, at + MOST_WORDS);
  const direct = /(?:^|\/)git-([a-z-]+)$/i.exec(name?.text ?? '')?.[1];
  if (direct !== undefined) return [call([literal(direct.toLowerCase()), ...args])];
  const calls: GitCall[] = [];
  const aliases: GitCall[] = [];
  let index = 0;
  for (let word = args[index]; word?.text.startsWith('-') === true; word = args[index]) {
    aliases.push(...aliasCalls(word, args[index + 1]));
    // Of an option that nobody knows it cannot be said whether the next word is its value.
    if (!VALUED.has(word.text) && !FLAGS.test(word.text)) calls.push(call(args.slice(index + 1)));
    index += FLAGS.test(word.text) ? 1 : 2;
  }
  return [...calls, call(args.slice(index)), ...aliases];
}

/** No rule has more. */
const MOST_WORDS = 64;

function call(args: readonly ReachWord[]): GitCall {
  const [subcommand] = args;
  const git = literal('git');
  if (subcommand === undefined) return { words: [git], scripts: [] };
  if (subcommand.text === 'config') return { words: [git, ...args], scripts: aliasesOfConfig(args) };
  const isKnown = isOpen(subcommand) || OWN.has(subcommand.text) || KNOWN_EXTERNAL.has(subcommand.text);
  // An alias can mean any of the others.
  return { words: isKnown ? [git, ...args] : [git, ANY_WORD], scripts: [] };
}

/** What `-c alias.x=VALUE` and `--config-env=alias.x=VAR` make another name for. */
function aliasCalls(option: ReachWord, next: ReachWord | undefined): readonly GitCall[] {
  if (option.text.startsWith('--config-env')) return [{ words: [literal('git'), ANY_WORD], scripts: [] }];
  if (option.text !== '-c' || next === undefined) return [];
  if (next.pieces !== undefined) return [{ words: [literal('git'), ANY_WORD], scripts: [] }];
  const [, key = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(next.text) ?? [];
  return [{ words: [literal('git')], scripts: configured(key, value) }];
}

/** `git config alias.x push`. */
function aliasesOfConfig(args: readonly ReachWord[]): readonly string[] {
  const at = args.findIndex(({ text }) => /^[\w-]+\./.test(text));
  return at < 0 ? [] : configured(args[at]?.text ?? '', args[at + 1]?.text ?? '');
}

/** A setting as a script, if git may run it. */
function configured(key: string, value: string): readonly string[] {
  if (/^alias\./i.test(key)) return [value.startsWith('!') ? value.slice(1) : `git ${value}`];
  return /\s|!/.test(value) ? [value.replace(/^!/, '')] : [];
}

const RUNS_ARGUMENTS = /^(?:bisect|submodule|filter-branch|for-each-repo)$/;
const RUNS_OPTIONS =
  /^(?:archive|clone|difftool|fetch|fetch-pack|grep|ls-remote|mergetool|pull|push|rebase|remote|send-email|send-pack)$/;

/** The arguments of a call that git may run, or hands to a shell. */
export function gitMayRun([, subcommand, ...args]: readonly ReachWord[]): readonly ReachWord[] {
  if (subcommand === undefined) return [];
  if (RUNS_ARGUMENTS.test(subcommand.text)) return [{ text: args.map(({ text }) => text).join(' ') }];
  return RUNS_OPTIONS.test(subcommand.text) ? args.filter(({ text }) => /\s|::|=/.test(text)) : [];
}
