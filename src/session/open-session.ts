/**
 * From flags and configuration to an agent that is ready for its first turn.
 *
 * Invariants: everything that can be wrong with the input is found before the first request to the server; errors
 * are ConfigError, ModelError or SessionError, each with a message for the user.
 * Does not: print, or read the prompt.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { flagLayer, type SessionFlags } from '../cli/options.ts';
import { REASONING_EFFORTS } from '../config/effort.ts';
import { printable } from '../config/errors.ts';
import { oagentHome } from '../config/home.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { resolveProvider } from '../config/provider.ts';
import type { Config } from '../config/schema.ts';
import { projectTrust, tooWideForWriting } from '../config/trust.ts';
import { chooseModel } from '../model/choose.ts';
import { OllamaClient } from '../model/client.ts';
import type { ModelError } from '../model/errors.ts';
import { parseHost } from '../model/host.ts';
import { ModelMeasures } from '../model/measures.ts';
import { withRetries } from '../model/retry.ts';
import type { Endpoint } from '../model/transport.ts';
import type { ApprovalPolicy, SandboxMode } from '../protocol.ts';
import type { OpenedSession } from '../rollout/store.ts';
import type { Permissions } from '../safety/permissions.ts';
import { uuidv7 } from '../text/uuid.ts';
import type { OpenSession } from './build-agent.ts';
import type { CodeIndex } from './code-index.ts';
import { needsDigest } from './model-profile.ts';

/** Something in the user's input that no request could mend. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
}

/** What the input settles, before any server is asked. */
export interface SessionPlan {
  readonly home: string;
  readonly cwd: string;
  readonly loaded: LoadedConfig;
  readonly permissions: Permissions;
  readonly threadId: string;
  /** What the model is asked for in a compaction, if the user has a text of their own. */
  readonly compactPrompt?: string;
  /** Which command began it. */
  readonly source: 'cli' | 'exec';
  /** Nothing of it is kept. */
  readonly isEphemeral: boolean;
  /** Absent: the code is not indexed. */
  readonly index?: CodeIndex;
  /** The session that is gone on with, the configuration before it had its say, and whether it is on the screen. */
  readonly stored?: OpenedSession & { readonly configured?: Config; readonly isShown?: boolean };
}

/**
 * Settles folder, configuration and permissions.
 *
 * @param options `ignoreUserConfig` leaves out `$OAGENT_HOME/config.toml`; without `interactive` nobody can be asked;
 * `ephemeral`: nothing of the session is kept.
 * @throws SessionError, ConfigError
 */
export function planSession(
  flags: SessionFlags,
  options: {
    readonly ignoreUserConfig?: boolean;
    readonly interactive?: boolean;
    readonly ephemeral?: boolean;
  } = {},
): SessionPlan {
  const home = oagentHome();
  const cwd = workingDirectory(flags.cd);
  const loaded = loadConfig({
    home: options.ignoreUserConfig ? path.join(home, 'no-user-config') : home,
    cwd,
    profile: flags.profile,
    overrides: flags.config ?? [],
    flags: flagLayer(flags),
    strict: flags.strictConfig ?? false,
  });
  const { config } = loaded;
  const wanted = wantedSandbox(config, cwd);
  const tooWide = wanted === 'workspace-write' ? tooWideForWriting(cwd, process.env, home) : undefined;
  const warnings =
    tooWide === undefined
      ? loaded.warnings
      : [
          ...loaded.warnings,
          `the sandbox is read-only here: ${printable(cwd)} is too wide to be written to, because ${printable(tooWide)}. ` +
            'Start oagent in the folder of one project, or name it with -C',
        ];
  // Made when it is asked for: the random numbers take 5 ms to load, and the first picture does not need them.
  let thread: string | undefined;
  const threadId = (): string => {
    thread ??= uuidv7();
    return thread;
  };
  const permissions: Permissions = {
    mode: tooWide === undefined ? wanted : 'read-only',
    approval: options.interactive ? config.approval_policy : 'never',
    cwd,
    home,
    env: process.env,
    get ownOutputs() {
      return path.join(home, 'outputs', threadId());
    },
    writableRoots: [
      ...config.sandbox_workspace_write.writable_roots,
      ...(flags.addDir ?? []).map((dir) => folder(path.resolve(dir), '--add-dir')),
    ],
    network: config.sandbox_workspace_write.network_access,
    excludeTmpdirEnvVar: config.sandbox_workspace_write.exclude_tmpdir_env_var,
    excludeSlashTmp: config.sandbox_workspace_write.exclude_slash_tmp,
  };
  const compactPrompt = compactPromptOf(config);
  return {
    home,
    cwd,
    loaded: { ...loaded, warnings },
    permissions,
    get threadId() {
      return threadId();
    },
    source: options.interactive ? 'cli' : 'exec',
    isEphemeral: options.ephemeral ?? false,
    compactPrompt,
  };
}

/**
 * The same session with what the user allows from now on.
 *
 * @throws SessionError where the folder must not be written to.
 */
export function withPermissions(plan: SessionPlan, mode: SandboxMode, approval: ApprovalPolicy): SessionPlan {
  const tooWide =
    mode === 'workspace-write' ? tooWideForWriting(plan.cwd, process.env, plan.home) : undefined;
  if (tooWide !== undefined) {
    throw new SessionError(
      `${printable(plan.cwd)} is too wide to be written to, because ${printable(tooWide)}. ` +
        'Start oagent in the folder of one project, or name it with -C',
    );
  }
  return { ...plan, permissions: { ...plan.permissions, mode, approval } };
}

/** The same session with another effort. @throws SessionError when there is none of that name. */
export function withEffort(plan: SessionPlan, effort: string | undefined): SessionPlan {
  if (effort === undefined) return plan;
  const known = REASONING_EFFORTS.find((name) => name === effort);
  if (known === undefined) {
    throw new SessionError(`there is no effort ${effort}: it is one of ${REASONING_EFFORTS.join(', ')}`);
  }
  const config = { ...plan.loaded.config, model_reasoning_effort: known };
  return { ...plan, loaded: { ...plan.loaded, config } };
}

/** The same session for a new conversation. */
export function withNewThread(plan: SessionPlan): SessionPlan {
  const { stored, ...rest } = plan;
  // What an earlier session brought with it ends with it.
  const window = stored?.configured?.model_context_window;
  const { model_context_window: _, ...config } = plan.loaded.config;
  const loaded =
    stored === undefined
      ? plan.loaded
      : {
          ...plan.loaded,
          config: { ...config, model_context_window: window },
        };
  return withThread({ ...rest, loaded }, uuidv7());
}

/** The same session under this id. */
export function withThread(plan: SessionPlan, threadId: string): SessionPlan {
  const ownOutputs = path.join(plan.home, 'outputs', threadId);
  return { ...plan, threadId, permissions: { ...plan.permissions, ownOutputs } };
}

/**
 * Finds the model and makes the agent.
 *
 * @param onRetry hears of a request that failed and is tried again.
 * @throws ModelError
 */
export async function openSession(
  plan: SessionPlan,
  onRetry: (error: ModelError, attempt: number) => void,
  signal: AbortSignal,
): Promise<OpenSession> {
  const { client, idleTimeoutMs } = connect(plan.loaded);
  const { config } = plan.loaded;
  const { model } = config;
  const withDigest =
    model !== undefined && needsDigest(config, new ModelMeasures(plan.home), client.host, model);
  const choose = () => chooseModel(client, model, signal, withDigest);
  // The loop and its tools are loaded while the server looks the model up.
  const [chosen, { buildAgent }] = await Promise.all([
    withRetries(choose, onRetry, signal),
    import('./build-agent.ts'),
  ]);
  return buildAgent(plan, { client, idleTimeoutMs, ...chosen });
}

/** A client for the server that flags, OLLAMA_HOST and configuration name, in that order. */
export function connect(loaded: LoadedConfig): { client: OllamaClient; idleTimeoutMs: number } {
  const { idleTimeoutMs } = resolveProvider(loaded.config);
  return { client: new OllamaClient(endpointOf(loaded), idleTimeoutMs), idleTimeoutMs };
}

/** Where the server is. @throws ConfigError for an address that is none. */
export function endpointOf({ config, origins }: LoadedConfig): Endpoint {
  const provider = resolveProvider(config);
  const isFromFlag = [...origins].some(
    ([key, origin]) => /base_url$|^ollama\.host$/.test(key) && origin === '-c',
  );
  const fromEnv = process.env.OLLAMA_HOST?.trim() || undefined;
  const address = isFromFlag ? (provider.baseUrl ?? fromEnv) : (fromEnv ?? provider.baseUrl);
  return { host: parseHost(address), headers: provider.headers };
}

/** @throws SessionError where the file that should hold it cannot be read. */
function compactPromptOf(config: Config): string | undefined {
  const file = config.experimental_compact_prompt_file;
  try {
    const text = file === undefined ? config.compact_prompt : readFileSync(file, 'utf8');
    return text?.trim() || undefined;
  } catch (error) {
    throw new SessionError(`experimental_compact_prompt_file: ${(error as Error).message}`);
  }
}

/** Writing needs the user's word: a trusted project, a configured mode or a flag. */
function wantedSandbox(config: Config, cwd: string): SandboxMode {
  if (config.sandbox_mode !== undefined) return config.sandbox_mode;
  return projectTrust(config, cwd).level === 'trusted' ? 'workspace-write' : 'read-only';
}

function workingDirectory(flag: string | undefined): string {
  if (flag !== undefined) return folder(path.resolve(flag), '--cd');
  let dir: string;
  try {
    dir = process.cwd();
  } catch {
    throw new SessionError('the current folder does not exist any more. Change to one that does');
  }
  // Node puts this sign in the place of other bytes, and finds nothing under that name then.
  if (!dir.includes('\ufffd') || existsSync(dir)) return dir;
  throw new SessionError(
    'the name of the current folder is not valid UTF-8. Rename it, or change to another one',
  );
}

function folder(dir: string, flag: string): string {
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
