/**
 * Which shell commands are known to be safe: they read and change nothing.
 *
 * The whole script must be plain (plain-commands.ts); a name is taken literally, so `./ls` is not `ls`. If an option
 * can be abbreviated or bundled, every spelling that might mean a forbidden one is refused.
 *
 * Accepted: any file may be read; a command may run for a long time (`tail -f`); `git status` may refresh the index;
 * the user's own set-up (PATH, exported functions, global git config, ripgrep's config) is trusted.
 *
 * Does not look at the disk: a repository's own configuration can make git run programs (git-repository.ts), and a PATH
 * that leads into the project can replace a program (search-path.ts); policy.ts checks both. A known-safe script must
 * be run by `bash -c` in the folder that it was checked for.
 */
import { type PlainCommand, parsePlainCommands } from './plain-commands.ts';

type Check = (args: readonly string[]) => boolean;

const anyArguments: Check = () => true;

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ...[
    ...['cat', 'cut', 'echo', 'expr', 'false', 'grep', 'head', 'id', 'ls', 'nl', 'numfmt', 'paste', 'pwd'],
    ...['rev', 'seq', 'stat', 'tac', 'tail', 'tr', 'true', 'uname', 'wc', 'which', 'whoami'],
  ].map((name): [string, Check] => [name, anyArguments]),
  ['base64', (args) => !args.some((arg) => /^-(?:-o|[^-]*o)/.test(arg))],
  ['cd', (args) => args.length <= 1 && !args.some((arg) => arg.startsWith('-'))],
  ['find', (args) => !args.some((arg) => /^-(?:exec|ok|delete|fls|fprint)/.test(arg))],
  ['git', isReadOnlyGit],
  ['rg', (args) => !args.some((arg) => /^-(?:-pre(?:=|$)|-hostname-bin|-search-zip|[^-]*z)/.test(arg))],
  ['sed', isLinePrint],
  // Commands that wait for something run beside each other.
  ['sleep', (args) => args.every((arg) => /^[\d.]+[smhd]?$/.test(arg))],
  // A second operand is a file that uniq writes. `-` is an operand, and so is everything after `--`.
  ['uniq', (args) => !args.includes('--') && args.filter((arg) => !/^-./.test(arg)).length <= 1],
]);

const noArguments: Check = (args) => args.length === 0;

/** Arguments with which a command opens no file. */
const FILELESS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ...['cd', 'echo', 'false', 'pwd', 'seq', 'sleep', 'tr', 'true'].map((name): [string, Check] => [
    name,
    anyArguments,
  ]),
  ...['cat', 'rev', 'tac', 'uniq'].map((name): [string, Check] => [name, noArguments]),
  ...['head', 'tail'].map((name): [string, Check] => [name, isCount]),
  [
    'grep',
    (args) => args.slice(0, -1).every((arg) => /^-[EFiovwxcnq]+$/.test(arg)) && !args.at(-1)?.startsWith('-'),
  ],
  ['wc', (args) => args.every((arg) => /^-[clmw]+$/.test(arg))],
]);

/** `-20`, `-n 20`, `-c20`. */
function isCount(args: readonly string[]): boolean {
  return /^(?:-[nc]? ?[+-]?\d+)?$/.test(args.join(' '));
}

/** None of their options do harm, so a file whose name looks like an option cannot either. */
const GLOB_COMMANDS: ReadonlySet<string> = new Set([
  'cat',
  'echo',
  'grep',
  'head',
  'ls',
  'nl',
  'stat',
  'tail',
  'wc',
]);

/**
 * The commands of a known-safe script, in order, or undefined if any part of it is not known to be safe.
 * Pure and never throws.
 */
export function knownSafeCommands(command: string): readonly PlainCommand[] | undefined {
  const firstName = /^[ \t]*([a-z0-9]+)/.exec(command)?.[1];
  // Most refusals end here, before the parser. Nobody needs a quoted name (`'ls'`).
  if (firstName === undefined || !CHECKS.has(firstName)) return undefined;
  const commands = parsePlainCommands(command);
  if (commands === undefined || !commands.every(isSafe)) return undefined;
  // After `cd` git reads another repository, which has not been checked.
  const names = new Set(commands.map(({ name }) => name));
  return names.has('git') && names.has('cd') ? undefined : commands;
}

/**
 * Those commands of a plain script that need no rule of their own, beside others that have one, even where the whole then runs outside
 * the sandbox: they are known to be safe and open no file, so they cannot read what the sandbox hides.
 */
export function fileless(commands: readonly PlainCommand[]): readonly PlainCommand[] {
  return commands.filter(
    (command) => isSafe(command) && !command.hasGlob && FILELESS.get(command.name)?.(command.args) === true,
  );
}

/** True if `command` is known to change nothing, judging by its text alone (see the header). */
export function isKnownSafe(command: string): boolean {
  return knownSafeCommands(command) !== undefined;
}

function isSafe({ name, args, hasGlob }: PlainCommand): boolean {
  if (hasGlob && !GLOB_COMMANDS.has(name)) return false;
  return CHECKS.get(name)?.(args) ?? false;
}

/** `sed -n 5p`, `sed -n 1,20p file`. The file must not look like an option: sed takes those anywhere. */
function isLinePrint(args: readonly string[]): boolean {
  const [quiet, script = '', file = ''] = args;
  return args.length <= 3 && quiet === '-n' && /^\d+(?:,\d+)?p$/.test(script) && !file.startsWith('-');
}

/** Options of `git status|log|diff|show` that write a file, run a program, or merge. */
const FORBIDDEN_GIT_OPTIONS = [
  ...['--output', '--ext-diff', '--textconv', '--exec', '--paginate', '--help'],
  ...['--show-signature', '--remerge-diff', '--diff-merges'],
];

/** `git branch` also creates and deletes, so its options are an allowlist. Without an operand it only lists. */
const BRANCH_OPTION =
  /^(?:-[alrv]+|--(?:all|list|merged|no-color|no-column|no-merged|remotes|show-current|verbose)|--(?:color|contains|format|merged|no-contains|no-merged|points-at|sort)=.*)$/;

function isReadOnlyGit(args: readonly string[]): boolean {
  const start = args.findIndex((arg) => arg !== '--no-pager' && arg !== '--no-optional-locks');
  const subcommand = args[start];
  const rest = args.slice(start + 1);
  switch (subcommand) {
    case 'status':
    case 'log':
    case 'diff':
    case 'show':
      return !rest.some(isForbiddenGitArgument);
    case 'branch':
      return rest.every((arg) => BRANCH_OPTION.test(arg) && !arg.includes('signature'));
    default:
      return false;
  }
}

/**
 * git accepts any unambiguous prefix of a long option: `--outp=file`. `%G?` in a format runs gpg, as does a
 * `signature` field in a format of `git branch`.
 */
function isForbiddenGitArgument(arg: string): boolean {
  if (arg.includes('%G')) return true;
  const option = arg.split('=', 1)[0] ?? '';
  if (!/^--./s.test(option)) return false;
  return FORBIDDEN_GIT_OPTIONS.some(
    (forbidden) => forbidden.startsWith(option) || option.startsWith(forbidden),
  );
}
