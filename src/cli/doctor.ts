/**
 * `oagent doctor`: what works here, what does not, and what to do about it.
 *
 * Owns: the questions to the server, the judgement of each fact and the report. Invariants: the report is a pure
 * function of the facts; each warning and failure names a cure; nothing waits longer than its time limit; no model is
 * loaded; foreign text cannot steer the terminal.
 * Does not: probe the sandbox (its facts are given), repair anything, print.
 */

import type { LoadedConfig } from '../config/load.ts';
import { type ProjectTrust, projectTrust, tooWideForWriting } from '../config/trust.ts';
import { type ChosenModel, chooseModel } from '../model/choose.ts';
import type { OllamaClient } from '../model/client.ts';
import { chooseWindow, type WindowChoice } from '../model/window.ts';
import { groupDigits } from '../text/digits.ts';
import { sanitizeForTerminal } from '../text/sanitize.ts';
import type { SessionPlan } from './open-session.ts';

export interface ServerFacts {
  /** Its address. */
  readonly host: string;
  readonly reachable: boolean;
  /** Why it cannot be reached, or why there is no model; with the cure. */
  readonly problem?: string;
  readonly version?: string;
  /** Names of what is installed. */
  readonly models?: readonly string[];
  /** The model that a session would use now. */
  readonly chosen?: string;
  readonly window?: WindowFacts;
}

/** Tokens. */
export interface WindowFacts extends WindowChoice {
  /** What the model was trained for. */
  readonly modelMax?: number;
  /** What it is loaded with at this moment, if it is. */
  readonly loaded?: number;
}

export interface DoctorFacts {
  /** oagent's own folder. */
  readonly home: string;
  readonly cwd: string;
  /** What loadConfig says; its warnings are part of the report. */
  readonly loaded: LoadedConfig;
  readonly folder: FolderFacts;
  /** `kind`: the mechanism that encloses commands, or `none`. `notes`: what the probe found, with the cure. */
  readonly sandbox: { readonly kind: string; readonly notes: readonly string[] };
  readonly server: ServerFacts;
}

/** How `cwd` is judged. */
export interface FolderFacts {
  readonly trust: ProjectTrust['level'];
  /** Why it must not be written to as a whole. */
  readonly tooWide?: string;
}

export interface Check {
  readonly section: 'Ollama' | 'Model' | 'Window' | 'Sandbox' | 'Configuration';
  /** `fail`: no session can work; `warn`: one can, but not as it should. */
  readonly mark: 'ok' | 'warn' | 'fail';
  /** What is so, and behind it what to do. */
  readonly lines: readonly string[];
}

/** Below this a session is compacted after a few files. */
const SMALL_WINDOW = 8_192;

/** Judges a folder as a session does. `env`: HOME is read. */
export function folderFacts(
  { home, cwd, loaded }: Pick<DoctorFacts, 'home' | 'cwd' | 'loaded'>,
  env: NodeJS.ProcessEnv = process.env,
): FolderFacts {
  const tooWide = tooWideForWriting(cwd, env, home);
  const trust = projectTrust(loaded.config, cwd).level;
  return tooWide === undefined ? { trust } : { trust, tooWide };
}

/** Asks the server what a session would ask, each question with its own limit. Throws only when `signal` aborts. */
export async function collectDoctorFacts(
  client: Pick<OllamaClient, 'host' | 'version' | 'installed' | 'show' | 'loadedWindow'>,
  config: Pick<LoadedConfig['config'], 'model' | 'model_context_window'>,
  signal: AbortSignal,
  timeoutMs = 3_000,
): Promise<ServerFacts> {
  const ask = async <T>(question: (limit: AbortSignal) => Promise<T>): Promise<T | { problem: string }> => {
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      return await question(AbortSignal.any([signal, limit]));
    } catch (error) {
      signal.throwIfAborted();
      const silence = `it has not answered for ${timeoutMs / 1000} s. Look at its log, or restart it with \`ollama serve\``;
      return { problem: limit.aborted ? silence : error instanceof Error ? error.message : String(error) };
    }
  };
  const { host } = client;
  const version = await ask((limit) => client.version(limit));
  if (isProblem(version)) return { host, reachable: false, ...version };
  const reached = { host, reachable: true, ...(version === undefined ? {} : { version }) };
  const installed = await ask((limit) => client.installed(limit));
  if (isProblem(installed)) return { ...reached, ...installed };
  const models = installed.map(({ name }) => name);
  const chosen = await ask((limit) => chooseModel(client, config.model, limit));
  if (isProblem(chosen)) return { ...reached, models, ...chosen };
  const loaded = await ask((limit) => client.loadedWindow(chosen.name, limit));
  return {
    ...reached,
    models,
    chosen: chosen.name,
    window: windowFacts(chosen, config.model_context_window, isProblem(loaded) ? undefined : loaded),
  };
}

function isProblem(answer: unknown): answer is { readonly problem: string } {
  return typeof answer === 'object' && answer !== null && 'problem' in answer;
}

function windowFacts(
  { facts }: ChosenModel,
  configured: number | undefined,
  loaded: number | undefined,
): WindowFacts {
  const modelMax = facts.contextLength;
  return {
    ...chooseWindow({ configured, modelfile: facts.modelfileNumCtx, modelMax }),
    ...(modelMax === undefined ? {} : { modelMax }),
    ...(loaded === undefined ? {} : { loaded }),
  };
}

/** The report, ending in a line break: a title for each section, its checks with their marks, and the sum. */
export function doctorReport(facts: DoctorFacts): string {
  const checks = doctorChecks(facts);
  const out: string[] = [];
  for (const [section, found] of Map.groupBy(checks, (check) => check.section)) {
    out.push(section);
    for (const { mark, lines } of found) {
      const [first = '', ...rest] = lines.flatMap((line) => sanitizeForTerminal(line).split('\n'));
      out.push(`  ${mark.padEnd(4)}  ${first}`, ...rest.map((line) => `        ${line}`));
    }
    out.push('');
  }
  const count = (mark: Check['mark']): number => checks.filter((check) => check.mark === mark).length;
  out.push(`${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed`);
  return `${out.join('\n')}\n`;
}

/** What is judged, in the order of the report. `oagent doctor` fails if one of them does. */
export function doctorChecks(facts: DoctorFacts): Check[] {
  const { server } = facts;
  return [
    serverCheck(server),
    ...(server.reachable ? [modelCheck(server)] : []),
    ...(server.window === undefined ? [] : [windowCheck(server.window)]),
    sandboxCheck(facts.sandbox),
    ...configurationChecks(facts),
  ];
}

function serverCheck({ host, reachable, version, problem }: ServerFacts): Check {
  const section = 'Ollama';
  if (!reachable) {
    const cure = 'start it with `ollama serve`, or set OLLAMA_HOST to its address';
    return { section, mark: 'fail', lines: [`${host} cannot be used`, problem ?? cure] };
  }
  return { section, mark: 'ok', lines: [`${host} answers, version ${version ?? 'unknown'}`] };
}

function modelCheck({ chosen, models = [], problem }: ServerFacts): Check {
  const section = 'Model';
  if (chosen === undefined) {
    const cure = 'Get a model with `ollama pull qwen3-coder`';
    return { section, mark: 'fail', lines: ['no model can be used', problem ?? cure] };
  }
  const others = models.length === 1 ? 'the only one installed' : `one of ${models.length} installed`;
  return { section, mark: 'ok', lines: [`${chosen}, ${others}`] };
}

function windowCheck({ numCtx, source, modelMax, loaded }: WindowFacts): Check {
  const section = 'Window';
  const origins = {
    config: 'from model_context_window',
    modelfile: 'from the Modelfile',
    default: 'the default',
  };
  const most = modelMax === undefined ? '' : `; the model can do ${groupDigits(modelMax)}`;
  const line = `${groupDigits(numCtx)} tokens, ${origins[source]}${most}`;
  if (numCtx < SMALL_WINDOW) {
    const cure =
      modelMax !== undefined && modelMax < SMALL_WINDOW
        ? 'choose a model with a longer context'
        : `set model_context_window to ${SMALL_WINDOW} or more`;
    return { section, mark: 'warn', lines: [line, `Too small for more than small tasks: ${cure}`] };
  }
  if (loaded !== undefined && loaded !== numCtx) {
    return {
      section,
      mark: 'warn',
      lines: [
        line,
        `Another program has it loaded with ${groupDigits(loaded)}: the first request loads it anew. ` +
          'If it stays so, the memory does not suffice: set a smaller model_context_window',
      ],
    };
  }
  return { section, mark: 'ok', lines: [line] };
}

function sandboxCheck({ kind, notes }: DoctorFacts['sandbox']): Check {
  const section = 'Sandbox';
  if (kind !== 'none') return { section, mark: 'ok', lines: [kind, ...notes] };
  const cure = 'On Linux install bubblewrap (`apt install bubblewrap`)';
  return {
    section,
    mark: 'warn',
    lines: ['none: every command needs your approval', ...(notes.length === 0 ? [cure] : notes)],
  };
}

function configurationChecks(facts: DoctorFacts): Check[] {
  const section = 'Configuration';
  const { loaded, home } = facts;
  const profile = loaded.config.profile === undefined ? '' : `, profile ${loaded.config.profile}`;
  return [
    { section, mark: 'ok', lines: [`${loaded.path}${profile}; own files in ${home}`] },
    folderCheck(facts),
    ...loaded.warnings.map((warning): Check => ({ section, mark: 'warn', lines: [warning] })),
  ];
}

/** What a session in this folder may write, and why. */
function folderCheck({ cwd, loaded: { config }, folder: { trust, tooWide } }: DoctorFacts): Check {
  const section = 'Configuration';
  const isFull = config.sandbox_mode === 'danger-full-access';
  if (tooWide !== undefined && !isFull) {
    const cure = 'Start oagent in the folder of one project, or name it with -C';
    return { section, mark: 'warn', lines: [`${cwd} stays read-only, because ${tooWide}`, cure] };
  }
  const mode = config.sandbox_mode ?? (trust === 'trusted' ? 'workspace-write' : 'read-only');
  const level = { trusted: 'trusted', untrusted: 'marked as untrusted', unknown: 'not known' }[trust];
  const line = `${cwd} is ${level}: ${mode}, approvals ${config.approval_policy}`;
  const cure = 'To let commands write here: -s workspace-write, or trust the folder in config.toml';
  return {
    section,
    mark: 'ok',
    lines: config.sandbox_mode === undefined && mode === 'read-only' ? [line, cure] : [line],
  };
}

/** `oagent doctor`. @returns 1 if something failed, so that a script can ask. */
export async function doctorCommand(plan: SessionPlan): Promise<number> {
  const [{ createSandbox }, { connect }] = await Promise.all([
    import('../safety/sandbox/probe.ts'),
    import('./open-session.ts'),
  ]);
  const { home, cwd, loaded } = plan;
  const { client } = connect(loaded);
  const [sandbox, server] = await Promise.all([
    createSandbox(plan.sandbox, { shareLoopback: true }),
    collectDoctorFacts(client, loaded.config, new AbortController().signal),
  ]);
  const problem = await sandbox.loopbackProblem?.();
  await sandbox.close?.();
  const facts: DoctorFacts = {
    home,
    cwd,
    loaded,
    folder: folderFacts({ home, cwd, loaded }),
    sandbox: { kind: sandbox.kind, notes: [...sandbox.notes, ...(problem === undefined ? [] : [problem])] },
    server,
  };
  process.stdout.write(`${doctorReport(facts).trimEnd()}\n`);
  return doctorChecks(facts).some((check) => check.mark === 'fail') ? 1 : 0;
}
