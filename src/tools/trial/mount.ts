/**
 * Starts a program that sees the workspace with a trial on it: an overlay is mounted over it in a mount namespace of its own, at the
 * workspace's own path, so nothing in the program has to know. Everybody else sees the workspace as it is.
 *
 * It needs no rights: in a user namespace of ours we may mount. The program then runs in a further one, as the same user and without any
 * rights over these mounts. `.git` and oagent's other protected names are read-only there even for what runs outside of the sandbox.
 */
import { readFileSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { exists, holds, isInside, realPath } from '../../config/paths.ts';
import { PROTECTED_NAMES } from '../../safety/permissions.ts';
import { findProgram, unsafeFolders } from '../../system/find-program.ts';
import { gitFolders, repositoryAround } from '../../system/git-folders.ts';
import { ProgramError, run } from '../../system/run.ts';
import { errorMessage } from '../../text/error-message.ts';
import { journalFolder } from '../apply-patch/journal-folder.ts';
import { partOf } from './record.ts';

export interface TrialPlace {
  /** oagent's own folder. */
  readonly home: string;
  /** That of the trial: exists, real. */
  readonly folder: string;
  /** Real. */
  readonly workspace: string;
}

/**
 * The names are relative, because the options of an overlay have separators that a path may contain. `lower` is made read-only last:
 * the overlay takes over what the workspace's own file system allows.
 */
const SCRIPT = `
set -e
mount=$1 workspace=$2 journals=$3
shift 3
"$mount" -n --bind "$workspace" lower
"$mount" -n -t overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work overlay "$workspace"
"$mount" -n -o remount,bind,ro,nosuid,nodev,noexec lower
"$mount" -n --bind patches "$journals"
while [ "$1" != -- ]; do
  "$mount" -n --bind "$1" "$1"
  "$mount" -n -o remount,bind,ro,nosuid,nodev "$1"
  shift
done
shift
cd "$workspace"
exec "$@"
`;

/** Whether what is written stays in the trial. */
const PROBE = `
set -e
probe=.oagent-probe-$$
: > "$probe"
[ ! -e "$1/$probe" ]
rm "$probe"
`;

const PROBE_MS = 10_000;

export class TrialError extends Error {
  override readonly name = 'TrialError';
}

/**
 * The command line that runs `program` with the trial mounted, its working folder the workspace. Its working folder must be that of the trial.
 * @param program an absolute path and its arguments
 * @throws TrialError if the programs for it are missing
 */
export function mountedCommand(
  place: TrialPlace,
  program: readonly string[],
  env: NodeJS.ProcessEnv,
): string[] {
  const [unshare, mount, sh] = ['unshare', 'mount', 'sh'].map((name) =>
    programOf(name, place.workspace, env),
  );
  const inner = [unshare, '--user', ...identity(), '--', ...program];
  const kept = readOnlyPaths(place.workspace);
  return [
    ...[unshare, '--user', '--map-root-user', '--mount', '--', sh, '-c', SCRIPT, 'trial'],
    ...[mount, place.workspace, journalFolder(place.home), ...kept, '--', ...inner],
  ].map((word) => word ?? '');
}

/** As who the user is already: files that we make belong to us in both. */
function identity(): string[] {
  return [`--map-user=${process.getuid?.() ?? 0}`, `--map-group=${process.getgid?.() ?? 0}`];
}

function programOf(name: string, cwd: string, env: NodeJS.ProcessEnv): string {
  const searched = `${env.PATH ?? ''}${path.delimiter}/usr/bin${path.delimiter}/bin`;
  const found = findProgram(name, searched, unsafeFolders(cwd, env));
  if (found === undefined) throw new TrialError(`${name} (util-linux) is not installed`);
  return found;
}

/** What is protected and there, and where its repository keeps what it is. */
function readOnlyPaths(workspace: string): string[] {
  const repository = repositoryAround(workspace) ?? gitFolders(workspace);
  const git = repository === undefined ? [] : [repository.gitDir, repository.commonDir];
  const own = PROTECTED_NAMES.map((name) => path.join(workspace, name));
  const found = [...own, ...git.map(realPath)].filter(exists);
  return [...new Set(found)].filter((one) => !found.some((other) => isInside(other, one)));
}

/**
 * Mounts it once for a moment.
 * @throws TrialError that says why it cannot be, and what can be done instead
 */
export async function probeTrial(place: TrialPlace, env: NodeJS.ProcessEnv): Promise<void> {
  if (process.platform !== 'linux') throw refusal('only Linux has what it needs (overlay file systems)');
  const { workspace, folder } = place;
  if (holds(workspace, folder) || holds(folder, workspace))
    throw refusal(`oagent's own folder ${place.home} and ${workspace} lie in each other`);
  const inner = mountsBelow(workspace, readFileSync('/proc/self/mountinfo', 'utf8'));
  if (inner !== undefined) throw refusal(`${inner} is a file system of its own in the workspace`);
  const sh = programOf('sh', workspace, env);
  const upper = partOf(folder, 'upper');
  const [program = '', ...args] = mountedCommand(
    place,
    [sh, '-c', PROBE, 'probe', partOf(folder, 'lower')],
    env,
  );
  try {
    await run(program, args, { cwd: folder, env, timeoutMs: PROBE_MS });
  } catch (error) {
    throw refusal(`${reasonOf(error)} (${fileSystems(workspace, upper)})`);
  }
}

function refusal(why: string): TrialError {
  return new TrialError(
    `A trial cannot be made here: ${why}. Without one, /rewind takes back what was changed.`,
  );
}

function reasonOf(error: unknown): string {
  const said = error instanceof ProgramError ? error.stderr.trim().split('\n').at(-1) : undefined;
  if (said === undefined || said === '') return errorMessage(error);
  if (said.startsWith('unshare:')) return `this system lets no user make a namespace (${said})`;
  return `the kernel mounts no overlay (${said})`;
}

/** By their magic numbers, of those on which an overlay is known to be a problem. */
const FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x794c7630, 'overlay'],
  [0x6969, 'NFS'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9p'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x2fc12fc1, 'ZFS'],
  [0x858458f6, 'ramfs'],
]);

function fileSystems(workspace: string, upper: string): string {
  const [below, above] = [workspace, upper].map((folder) => {
    const { type } = statfsSync(folder);
    return FILE_SYSTEMS.get(type) ?? `0x${type.toString(16)}`;
  });
  return `file systems: ${below} below ${above}`;
}

/** The first mount point in a folder (real): an overlay does not show what is mounted in it. */
export function mountsBelow(folder: string, mountinfo: string): string | undefined {
  const points = mountinfo.split('\n').map((line) => unescaped(line.split(' ')[4] ?? ''));
  return points.find((point) => path.isAbsolute(point) && isInside(folder, point));
}

/** Blanks and backslashes are written as octal numbers. */
function unescaped(point: string): string {
  return point.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}
