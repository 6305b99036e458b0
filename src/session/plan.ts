/**
 * What the flags and the configuration settle before any server is asked: the folder, the permissions, the settings.
 *
 * Everything that can be wrong with the input is found here; errors are SessionError or ConfigError, for the user.
 */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { REASONING_EFFORTS } from '../config/effort.ts';
import { printable } from '../config/errors.ts';
import { homeNotice, NO_HOME, oagentHome, userHome } from '../config/home.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { folderName, physicalPaths } from '../config/paths.ts';
import { privateHome } from '../config/private-home.ts';
import { projectHash } from '../config/project-file.ts';
import type { Config } from '../config/schema.ts';
import { allSecrets } from '../config/secrets.ts';
import { mergeTables, type Table } from '../config/table.ts';
import { projectFolders, projectTrust, tooWideForWriting } from '../config/trust.ts';
import { PLAN_MODE, type SandboxMode, type SessionMode } from '../protocol.ts';
import type { OpenedSession } from '../rollout/store.ts';
import type { Permissions } from '../safety/permissions.ts';
import { distrust } from '../system/find-program.ts';
import { insideOwnPart, ownPartsBelow } from '../system/installation.ts';
import { hideFromTrace } from '../system/trace.ts';
import { errorMessage } from '../text/error-message.ts';
import { uuidv7 } from '../text/uuid.ts';
import type { ChosenHost } from './chosen-host.ts';
import { flagLayer, overridesOf, type SessionFlags } from './flags.ts';
import { SessionError } from './session-error.ts';
import { temporaryHome } from './temporary-home.ts';
import { type UserPrompts, userPrompts } from './user-prompts.ts';

export interface SessionPlan {
  /** oagent's own folder, absolute. */
  readonly home: string;
  /** Absolute. */
  readonly cwd: string;
  /** The user's environment, from which commands get theirs. */
  readonly env: NodeJS.ProcessEnv;
  readonly loaded: LoadedConfig;
  readonly permissions: Permissions;
  readonly threadId: string;
  readonly prompts: UserPrompts;
  /** Whether anybody can be asked: `cli`, or not: `exec`. */
  readonly source: 'cli' | 'exec';
  /** Nothing of the session is kept. */
  readonly isEphemeral: boolean;
  /** It makes and uses no memories, and neither do the conversations that follow it. */
  readonly isIncognito: boolean;
  readonly stored?: StoredPlan;
  /** The one that was chosen of several; absent: there is only one, or none was asked yet. */
  readonly server?: ChosenHost;
  /** What it changes is on trial: no other conversation may follow. */
  readonly isOnTrial?: boolean;
}

/** The session being resumed. */
export interface StoredPlan extends OpenedSession {
  /** The configuration before the session's own model and window were put into it. */
  readonly configured?: Config;
  /** Its conversation is already on the screen. */
  readonly isShown?: boolean;
  /** What the user should know about resuming it. */
  readonly notes?: readonly string[];
}

export interface PlanOptions {
  /** Leaves out `config.toml` in oagent's folder. */
  readonly ignoreUserConfig?: boolean;
  /** Somebody is there to be asked; otherwise the approval policy is `never`. */
  readonly interactive?: boolean;
  readonly ephemeral?: boolean;
  /** Replaces the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** oagent's own folder; by default the one that `env` names. */
  readonly home?: string;
  /** Settings that win over every file, as a flag does. */
  readonly settings?: Table;
}

/** @throws SessionError, ConfigError */
export function planSession(flags: SessionFlags, options: PlanOptions = {}): SessionPlan {
  const env = options.env ?? process.env;
  const named = options.home === undefined ? oagentHome(env) : path.resolve(options.home);
  const home = named ?? homeForNow();
  const notice = privateHome(home, userHome(env));
  const cwd = workingDirectory(flags.cd);
  const loaded = loadConfig({
    home: options.ignoreUserConfig ? path.join(home, 'no-user-config') : home,
    cwd,
    profile: flags.profile,
    overrides: overridesOf(flags),
    flags: mergeTables(options.settings ?? {}, flagLayer(flags), flags.trust ? trustOf(cwd) : {}),
    strict: flags.strictConfig ?? false,
  });
  const { config } = loaded;
  hideFromTrace(() => allSecrets(config, env));
  const isPlan = isPlanned(flags, options.interactive ?? false);
  const wanted = isPlan ? PLAN_MODE.mode : wantedSandbox(config, cwd);
  const { sandbox_workspace_write: settings } = config;
  const writableRoots = [
    ...settings.writable_roots,
    ...(flags.addDir ?? []).map((dir) => existingFolder(path.resolve(dir), '--add-dir')),
  ];
  const refusal =
    wanted === 'workspace-write' ? refusalToWrite({ cwd, env, home, writableRoots }) : undefined;
  const { notices, ...prompts } = userPrompts(config);
  const problems = [
    options.home === undefined ? homeNotice(env) : undefined,
    notice,
    refusal === undefined ? undefined : `the sandbox is read-only, ${refusal}`,
    wanted === 'workspace-write' && refusal === undefined ? ownNotice([cwd, ...writableRoots]) : undefined,
    isAskedFor(flags) && !options.interactive
      ? `nobody can be asked: -a ${flags.askForApproval} counts as never`
      : undefined,
    ...notices,
  ].filter((problem) => problem !== undefined);
  // Made when it is first asked for: random numbers take 5 ms to load, and the first picture does not need them.
  let thread: string | undefined;
  const threadId = (): string => {
    thread ??= uuidv7();
    return thread;
  };
  distrust([cwd, ...writableRoots]);
  return {
    home,
    cwd,
    loaded: { ...loaded, warnings: [...loaded.warnings, ...problems] },
    permissions: {
      mode: refusal === undefined ? wanted : 'read-only',
      approval: options.interactive ? config.approval_policy : 'never',
      isPlan: isPlan || undefined,
      isReviewed: config.approvals_reviewer === 'model' || undefined,
      cwd,
      home,
      env,
      get ownOutputs() {
        return outputsOf(home, threadId());
      },
      writableRoots,
      network: settings.network_access,
      excludeTmpdirEnvVar: settings.exclude_tmpdir_env_var,
      excludeSlashTmp: settings.exclude_slash_tmp,
      ignoresRules: flags.ignoreRules ?? false,
    },
    get threadId() {
      return threadId();
    },
    env,
    source: options.interactive ? 'cli' : 'exec',
    isEphemeral: named === undefined || (options.ephemeral ?? false),
    isIncognito: flags.memories === false,
    prompts,
  };
}

/** An interactive session begins its plan mode itself: it knows what was allowed before. @throws SessionError */
function isPlanned({ plan, sandbox, fullAuto, ...flags }: SessionFlags, isInteractive: boolean): boolean {
  if (plan !== true) return false;
  const isWider = fullAuto || flags.dangerouslyBypassApprovalsAndSandbox;
  if (isWider || (sandbox !== undefined && sandbox !== PLAN_MODE.mode))
    throw new SessionError(
      '--plan changes nothing, so it cannot be combined with a sandbox that may be written. Leave one of them out',
    );
  return !isInteractive;
}

/** The decision about the folder that a user would be asked for, for this session only. */
function trustOf(cwd: string): Table {
  const folders = projectFolders({ project_root_markers: ['.git'] }, cwd);
  const trust = (folder: string) => ({ trust_level: 'trusted', config_sha256: projectHash(folder) });
  return { projects: Object.fromEntries(folders.map((folder) => [folder, trust(folder)])) };
}

function isAskedFor({ askForApproval }: SessionFlags): boolean {
  return askForApproval !== undefined && askForApproval !== 'never';
}

function homeForNow(): string {
  try {
    return temporaryHome();
  } catch (error) {
    throw new SessionError(`${NO_HOME}, and no temporary one can be created: ${errorMessage(error)}`);
  }
}

/**
 * The same session with other permissions.
 *
 * @throws SessionError if the folder must not be made writable.
 */
export function withPermissions(
  plan: SessionPlan,
  { mode, approval, isPlan = false }: SessionMode,
): SessionPlan {
  const refusal = mode === 'workspace-write' ? refusalToWrite(plan.permissions) : undefined;
  if (refusal !== undefined) throw new SessionError(refusal);
  return { ...plan, permissions: { ...plan.permissions, mode, approval, isPlan } };
}

/** Why the folders of a session must not be writable, and what to do; undefined: they may be. */
function refusalToWrite({
  cwd,
  env,
  home,
  writableRoots,
}: Pick<Permissions, 'cwd' | 'env' | 'home' | 'writableRoots'>): string | undefined {
  const tooWide = tooWideForWriting(cwd, env, home);
  if (tooWide !== undefined) {
    const cure = 'Start oagent in the folder of one project, or name it with -C';
    return `refusing to make ${printable(cwd)} writable: ${printable(tooWide)}. ${cure}`;
  }
  const own = insideOwnPart(physicalPaths([cwd, ...writableRoots]));
  return own === undefined
    ? undefined
    : `refusing to make ${printable(own)} writable: oagent itself runs from it. ${COPY}`;
}

const COPY = 'To work on it, run a copy that is installed elsewhere: npm install -g "$(npm pack)"';

/** What commands cannot change in a project in which oagent itself is installed. */
function ownNotice(folders: readonly string[]): string | undefined {
  const own = ownPartsBelow(physicalPaths(folders)).filter((part) => existsSync(part));
  return own.length === 0
    ? undefined
    : `oagent itself runs from here, so these are read-only: ${own.map(printable).join(', ')}. ${COPY}`;
}

/** The same session with another effort. @throws SessionError if there is no effort of that name. */
export function withEffort(plan: SessionPlan, effort: string | undefined): SessionPlan {
  if (effort === undefined) return plan;
  const known = REASONING_EFFORTS.find((name) => name === effort);
  if (known === undefined) {
    throw new SessionError(`unknown effort "${effort}"; choose one of ${REASONING_EFFORTS.join(', ')}`);
  }
  const { config, origins } = plan.loaded;
  const loaded = {
    ...plan.loaded,
    config: { ...config, model_reasoning_effort: known },
    // The user has chosen it just now, as with a flag.
    origins: new Map(origins).set('model_reasoning_effort', 'flag'),
  };
  return { ...plan, loaded };
}

/** The plan of a new conversation: what a resumed session brought with it is dropped. */
export function withNewThread(plan: SessionPlan): SessionPlan {
  const { stored, ...rest } = plan;
  if (stored === undefined) return withThread(rest, uuidv7());
  const config = {
    ...plan.loaded.config,
    model_context_window: stored.configured?.model_context_window,
  };
  return withThread({ ...rest, loaded: { ...plan.loaded, config } }, uuidv7());
}

/** The same session with another id. */
export function withThread(plan: SessionPlan, threadId: string): SessionPlan {
  const ownOutputs = outputsOf(plan.home, threadId);
  return { ...plan, threadId, permissions: { ...plan.permissions, ownOutputs } };
}

/** Lets other processes resume the session. Can be called more than once. */
export function releaseStored({ stored }: SessionPlan): void {
  if (stored?.lock.isHeld === false) stored.lock.release();
}

function outputsOf(home: string, threadId: string): string {
  return path.join(home, 'outputs', threadId);
}

/** Writing needs the user's word: a trusted project, a configured mode or a flag. */
function wantedSandbox(config: Config, cwd: string): SandboxMode {
  if (config.sandbox_mode !== undefined) return config.sandbox_mode;
  return projectTrust(config, cwd).level === 'trusted' ? 'workspace-write' : 'read-only';
}

/** @returns the one name that the folder has. @throws SessionError */
function workingDirectory(flag: string | undefined): string {
  if (flag !== undefined) return folderName(existingFolder(path.resolve(flag), '--cd'));
  let dir: string;
  try {
    dir = process.cwd();
  } catch {
    throw new SessionError('the current folder no longer exists. Change to one that does');
  }
  // Node replaces bytes that are not UTF-8 with this character, and then finds nothing under that name.
  if (!dir.includes('\ufffd') || existsSync(dir)) return folderName(dir);
  throw new SessionError(
    'the name of the current folder is not valid UTF-8. Rename it, or change to another one',
  );
}

function existingFolder(dir: string, flag: string): string {
  let reason = 'no such folder';
  try {
    const stat = statSync(dir, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return dir;
    if (stat) reason = 'not a folder';
  } catch (error) {
    reason = (error as Error).message;
  }
  throw new SessionError(`${flag} ${dir}: ${reason}`);
}
