/**
 * What programs do with their arguments: whether they may run them.
 *
 * A program that is not listed may run whatever it is given, so a new wrapper is seen through without being known here.
 */

/** `data` runs nothing it is given; `wrapper` runs a command in its arguments; `any` may. */
type ProgramKind =
  | 'data'
  | 'wrapper'
  | 'shell'
  | 'eval'
  | 'source'
  | 'interpreter'
  | 'git'
  | 'hidden'
  | 'targets'
  | 'any';

const NAMES: Readonly<Partial<Record<ProgramKind, string>>> = {
  data:
    'echo printf cat ls dir grep egrep fgrep rg head tail wc cut tr uniq tee mkdir rmdir touch cp mv ln rm chmod chown chgrp stat ' +
    'file du df diff cmp basename dirname realpath readlink pwd cd pushd popd dirs test [ true false : seq date which type whereis ' +
    'unset set shift return exit wait kill jq curl wget gh glab patch read sleep nl rev tac paste fold fmt expand comm join od xxd ' +
    'hexdump base64 md5sum sha1sum sha256sum id uname whoami hostname ps tree printenv umask ulimit local getopts break continue',
  wrapper:
    'builtin busybox toybox chroot command doas env exec flock ionice nice nohup parallel pkexec runuser setsid stdbuf strace su sudo ' +
    'time timeout unshare watch xargs find fd script setpriv taskset chrt unbuffer nsenter systemd-run ltrace fakeroot xvfb-run',
  shell: 'ash bash dash fish ksh mksh rbash sh yash zsh csh tcsh pwsh powershell at batch',
  eval: 'eval',
  source: 'source .',
  interpreter:
    'awk bun deno expect gawk groovy irb julia lua luajit mawk nawk node nodejs osascript perl php pypy python r rscript ruby tclsh ' +
    'ts-node tsx wish vim vi nvim ex ed emacs gdb sqlite3 psql mysql',
  git: 'git',
  // After them another name may mean a program.
  hidden: 'alias hash enable',
  targets: 'ant cmake gmake gradle just make mvn ninja rake task',
};

const KINDS: ReadonlyMap<string, ProgramKind> = new Map(
  Object.entries(NAMES).flatMap(([kind, names]) =>
    names.split(' ').map((name): [string, ProgramKind] => [name, kind as ProgramKind]),
  ),
);

/** Of names that are looked up without their version. */
const LONGEST = 40;

/** @param name without its folder, in lower case. */
export function kindOfProgram(name: string): ProgramKind {
  const known = KINDS.get(name);
  if (known !== undefined) return known;
  if (name.startsWith('git-')) return 'git';
  // python3.12 and lua5.4.
  const base = name.length > LONGEST ? name : name.replace(/\.exe$/, '').replace(/[\d.]+$/, '');
  return KINDS.get(base) ?? 'any';
}

/** `pip install docker` runs no docker. */
const NAMES_PACKAGES =
  /^(?:install|i|add|remove|uninstall|update|upgrade|info|show|view|search|list|help|why)$/;
const RUNS_SCRIPTS = /^(?:npm|pnpm|yarn)$/;

/** True if the words after the subcommand are names of something else, not commands. */
export function namesOnly(program: string, subcommand: string): boolean {
  if (RUNS_SCRIPTS.test(program) && /^(?:run|run-script|test|t)$/.test(subcommand)) return true;
  return NAMES_PACKAGES.test(subcommand);
}

/** They put a file where another command can run it. */
export const WRITERS: ReadonlySet<string> = new Set(['cp', 'dd', 'install', 'ln', 'mv', 'tee']);
