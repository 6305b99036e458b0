/** What `oagent doctor` finds out about the server, the folder and the rules. No question waits without a limit. */

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LoadedConfig } from '../../config/load.ts';
import { makeFolder } from '../../config/make-folder.ts';
import { type ProjectTrust, projectTrust, tooWideForWriting } from '../../config/trust.ts';
import { sameModel } from '../../model/capabilities.ts';
import { type ChosenModel, chooseModel } from '../../model/choose.ts';
import type { ModelMeasure, ModelMeasures } from '../../model/measures.ts';
import type { ModelServer, ServerAbout } from '../../model/server.ts';
import { sessionWindow } from '../../model/session-window.ts';
import { isSpilled, type LoadedModel, type WindowChoice } from '../../model/window.ts';
import { loadRules } from '../../safety/rules.ts';
import { RulesError } from '../../safety/rules-source.ts';
import { contextWindowOf } from '../../session/model-table.ts';
import { timeLimit } from '../../system/within.ts';
import { errorMessage } from '../../text/error-message.ts';
import { uuidv7 } from '../../text/uuid.ts';
import type { IndexFacts } from './doctor-index.ts';
import { type ProfileFacts, profileFacts, type TryResult } from './doctor-profile.ts';

/** A block, so that it takes room on the disk. */
const TRIAL_BYTES = 4_096;

export interface ServerFacts {
  /** Its address. */
  readonly host: string;
  /** How the configuration calls it; absent: Ollama. */
  readonly name?: string;
  readonly reachable: boolean;
  /** Why it cannot be reached, or why there is no model, and what to do. */
  readonly problem?: string;
  readonly version?: string;
  /** What it is, if it is not Ollama. */
  readonly about?: ServerAbout;
  /** Names of the installed models. */
  readonly models?: readonly string[];
  /** The model that a session would use now. */
  readonly chosen?: string;
  readonly profile?: ProfileFacts;
  /** The result of `--try`; absent: not asked for. */
  readonly tried?: TryResult;
  readonly window?: WindowFacts;
}

/** Tokens. */
export interface WindowFacts extends WindowChoice {
  /** The model's context length. */
  readonly modelMax?: number;
  /** The window that it is loaded with now, if it is. */
  readonly loaded?: number;
  /** Percent of the loaded model that is on the CPU; absent: none of it, or no graphics card. */
  readonly onCpu?: number;
  /** What earlier sessions measured, and the file with it. */
  readonly measured?: { readonly held?: number; readonly spilled?: number; readonly path: string };
  /** `OLLAMA_CONTEXT_LENGTH` in this environment; the server may have another one. */
  readonly serverDefault?: number;
}

export interface DoctorFacts {
  /** oagent's own folder. */
  readonly home: string;
  readonly cwd: string;
  /** Its warnings are part of the report. */
  readonly loaded: LoadedConfig;
  readonly folder: FolderFacts;
  /** Why git does not work in the folder, and its cure. */
  readonly git?: string;
  /** `kind`: the mechanism that confines commands, or `none`. `notes`: what the probe found, and what to do. */
  readonly sandbox: { readonly kind: string; readonly notes: readonly string[] };
  /** Why nothing can be written to `home`, if so. */
  readonly homeProblem?: string;
  /** Why rules.toml cannot be used, if it cannot. */
  readonly rules?: string;
  readonly server: ServerFacts;
  readonly index: IndexFacts;
  /** Of each host, where there are several. */
  readonly hosts?: readonly HostFinding[];
  /** What is to be said of MCP servers. */
  readonly mcp?: readonly McpFinding[];
}

export interface HostFinding {
  readonly section: 'Ollama';
  readonly mark: 'ok' | 'warn';
  readonly lines: readonly string[];
}

export interface McpFinding {
  readonly section: 'MCP';
  readonly mark: 'ok' | 'warn';
  readonly lines: readonly string[];
}

export interface FolderFacts {
  readonly trust: ProjectTrust['level'];
  /** Why it must not be made writable as a whole. */
  readonly tooWide?: string;
}

/** Judges a folder as a session does. @param env HOME is read. */
export function folderFacts(
  { home, cwd, loaded }: Pick<DoctorFacts, 'home' | 'cwd' | 'loaded'>,
  env: NodeJS.ProcessEnv = process.env,
): FolderFacts {
  const tooWide = tooWideForWriting(cwd, env, home);
  const trust = projectTrust(loaded.config, cwd).level;
  return tooWide === undefined ? { trust } : { trust, tooWide };
}

/** Asks the server what a session would ask, each question with its own limit, without loading a model. @throws only when `signal` aborts. */
export async function collectDoctorFacts(
  client: Pick<ModelServer, 'host' | 'name' | 'version' | 'installed' | 'show' | 'loaded' | 'about'>,
  config: Pick<LoadedConfig['config'], 'model' | 'models' | 'model_context_window'> &
    Partial<Pick<LoadedConfig['config'], 'ollama'>>,
  signal: AbortSignal,
  {
    measures,
    origins = new Map(),
    timeoutMs = 3_000,
  }: {
    readonly measures?: ModelMeasures;
    readonly origins?: LoadedConfig['origins'];
    readonly timeoutMs?: number;
  } = {},
): Promise<ServerFacts> {
  const { host, name } = client;
  const server = { host, ...(name !== undefined && { name }) };
  const ask = async <T>(
    question: (limit: AbortSignal) => Promise<T>,
    limitMs = timeoutMs,
  ): Promise<T | { problem: string }> => {
    const limit = timeLimit(limitMs, signal);
    try {
      return await question(limit);
    } catch (error) {
      signal.throwIfAborted();
      const restart = name === undefined ? 'restart it with `ollama serve`' : `restart ${name}`;
      const silence = `no answer within ${limitMs / 1000} s. Look at its log, or ${restart}`;
      return { problem: limit.aborted ? silence : errorMessage(error) };
    }
  };
  const version = await ask((limit) => client.version(limit));
  if (isProblem(version)) return { ...server, reachable: false, ...version };
  const about = await ask(async (limit) => client.about?.(limit));
  const reached = {
    ...server,
    reachable: true,
    version,
    ...(about !== undefined && !isProblem(about) && { about }),
  };
  const installed = await ask((limit) => client.installed(limit));
  if (isProblem(installed)) return { ...reached, ...installed };
  const models = installed.map(({ name }) => name);
  // Without a configured model several are asked about, and one that gets no answer must not end the search.
  const chooseMs = config.model === undefined ? timeoutMs * 4 : timeoutMs;
  const chosen = await ask((limit) => chooseModel(client, config.model, limit), chooseMs);
  if (isProblem(chosen)) return { ...reached, models, ...chosen };
  const listed = installed.find((model) => sameModel(model.name, chosen.name));
  const loaded = await ask((limit) => client.loaded(chosen.name, limit));
  return {
    ...reached,
    models,
    chosen: chosen.name,
    ...(measures && {
      profile: profileFacts(config, measures, host, { name: chosen.name, digest: listed?.digest }),
    }),
    window: windowFacts(chosen, {
      host,
      home: measures === undefined ? '' : path.dirname(measures.path),
      mayAdopt: config.ollama?.adopt_window ?? true,
      configured: contextWindowOf({ config, origins }, chosen.name),
      loaded: isProblem(loaded) ? undefined : loaded,
      known: measures?.of(host, chosen.name) ?? { loads: [] },
      path: measures?.path ?? '',
    }),
  };
}

function isProblem(answer: unknown): answer is { readonly problem: string } {
  return typeof answer === 'object' && answer !== null && 'problem' in answer;
}

function windowFacts(
  { name, facts }: ChosenModel,
  given: {
    readonly host: string;
    readonly home: string;
    readonly mayAdopt: boolean;
    readonly configured: number | undefined;
    readonly loaded: LoadedModel | undefined;
    readonly known: ModelMeasure;
    readonly path: string;
  },
): WindowFacts {
  const { host, home, mayAdopt, configured, loaded, known, path: file } = given;
  const { loads } = known;
  const modelMax = facts.contextLength;
  const modelfile = facts.modelfileNumCtx;
  const { serverWindow } = facts;
  const use = {
    home,
    server: host,
    model: name,
    configured,
    modelfile,
    modelMax,
    serverWindow,
    known,
    loaded,
    mayAdopt,
  };
  const windows = (all: readonly LoadedModel[]): number[] => all.map(({ numCtx }) => numCtx);
  const [spilled] = windows(loads.filter(isSpilled)).toSorted((a, b) => a - b);
  const held = windows(loads.filter((load) => load.sizeVram > 0 && !isSpilled(load)))
    .toSorted((a, b) => a - b)
    .at(-1);
  const isOllama = serverWindow === undefined;
  const serverDefault = isOllama ? Number(process.env.OLLAMA_CONTEXT_LENGTH) || undefined : undefined;
  return {
    ...sessionWindow(use).window,
    modelMax,
    loaded: isOllama ? loaded?.numCtx : undefined,
    onCpu:
      loaded !== undefined && isSpilled(loaded)
        ? Math.round((1 - loaded.sizeVram / loaded.size) * 100)
        : undefined,
    measured: held === undefined && spilled === undefined ? undefined : { path: file, held, spilled },
    serverDefault,
  };
}

/** Why nothing can be written to a folder; undefined: it can be. Tried, because permissions say nothing of a full disk. */
export function writeProblem(folder: string): string | undefined {
  const file = path.join(folder, `.doctor-${uuidv7()}`);
  try {
    makeFolder(folder);
    writeFileSync(file, Buffer.alloc(TRIAL_BYTES), { mode: 0o600, flag: 'wx' });
    return undefined;
  } catch (error) {
    return errorMessage(error);
  } finally {
    // On a full disk it exists; below a file it cannot.
    if (existsSync(file)) rmSync(file, { force: true });
  }
}

/** Why the rules in `home` cannot be used; undefined if they can. */
export function rulesProblem(home: string): string | undefined {
  try {
    loadRules(home);
    return undefined;
  } catch (error) {
    if (error instanceof RulesError) return error.message;
    throw error;
  }
}
