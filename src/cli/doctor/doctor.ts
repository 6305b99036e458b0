/** `oagent doctor`: what works here, what does not, and what to do about it. Each warning and failure names a cure. */
import { mcpFiles } from '../../config/mcp-files.ts';
import { ModelMeasures } from '../../model/measures.ts';
import type { Connection } from '../../session/connect.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { gitProblem } from '../../system/git.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import {
  collectDoctorFacts,
  type DoctorFacts,
  folderFacts,
  type HostFinding,
  type McpFinding,
  rulesProblem,
  type ServerFacts,
  writeProblem,
} from './doctor-facts.ts';
import { indexChecks, indexFacts } from './doctor-index.ts';
import { profileLines } from './doctor-profile.ts';
import { windowVerdict } from './doctor-window.ts';

/** The user's Ctrl+C ends the process. */
const NEVER = new AbortController().signal;

export interface Check {
  readonly section: 'Ollama' | 'Server' | 'Model' | 'Window' | 'Sandbox' | 'Index' | 'MCP' | 'Configuration';
  /** `fail`: no session can work; `warn`: one can, but not as it should. */
  readonly mark: 'ok' | 'warn' | 'fail';
  /** The finding, then what to do. */
  readonly lines: readonly string[];
}

/** The report, ending in a line break: the checks of each section with their marks, and the totals. */
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

/** In the order of the report. */
export function doctorChecks(facts: DoctorFacts): Check[] {
  const { server } = facts;
  return [
    serverCheck(server),
    ...(facts.hosts ?? []),
    ...(server.reachable ? [modelCheck(server)] : []),
    ...(server.window === undefined ? [] : [{ section: 'Window' as const, ...windowVerdict(server.window) }]),
    sandboxCheck(facts.sandbox),
    ...indexChecks(facts.index),
    ...(facts.mcp ?? []),
    ...configurationChecks(facts),
  ];
}

function serverCheck({ host, name: given, reachable, version, problem = '', about }: ServerFacts): Check {
  const section = given === undefined ? 'Ollama' : 'Server';
  if (!reachable) return { section, mark: 'fail', lines: [`${host} cannot be used`, problem] };
  if (about === undefined)
    return { section: 'Ollama', mark: 'ok', lines: [`${host} answers, version ${version ?? 'unknown'}`] };
  const { name, abilities } = about;
  const line = `${host} is ${name}, version ${version ?? 'unknown'}`;
  const tells = abilities.length === 0 ? [] : [`It has ${abilities.join(', ')}`];
  return { section: 'Server', mark: 'ok', lines: [line, ...tells] };
}

function modelCheck({ chosen, models = [], problem = '', profile, tried }: ServerFacts): Check {
  const section = 'Model';
  if (chosen === undefined) return { section, mark: 'fail', lines: ['no model can be used', problem] };
  const others = models.length === 1 ? 'the only one installed' : `one of ${models.length} installed`;
  const mark = tried !== undefined && 'problem' in tried ? 'fail' : 'ok';
  const lines = profile === undefined ? [] : profileLines(chosen, profile, tried);
  return { section, mark, lines: [`${chosen}, ${others}`, ...lines] };
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
    ...(facts.homeProblem === undefined ? [] : [homeCheck(home, facts.homeProblem)]),
    folderCheck(facts),
    ...(facts.git === undefined ? [] : [{ section, mark: 'warn', lines: [facts.git] } as const]),
    ...(facts.rules === undefined ? [] : [rulesCheck(facts.rules)]),
    ...loaded.warnings.map((warning): Check => ({ section, mark: 'warn', lines: [warning] })),
  ];
}

function homeCheck(home: string, problem: string): Check {
  const cure = 'Sessions work, but nothing of them is kept. Make room, or set OAGENT_HOME to another folder';
  return { section: 'Configuration', mark: 'warn', lines: [`${home} cannot be written: ${problem}`, cure] };
}

/** No session starts with rules that may not mean what they seem to. */
function rulesCheck(problem: string): Check {
  const cure = 'Fix it, or move it away: no session starts with it';
  return { section: 'Configuration', mark: 'fail', lines: [...problem.split('\n'), cure] };
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

export interface DoctorFlags {
  /** The model is asked for tool calls. */
  readonly try?: boolean;
  readonly json?: boolean;
}

/** @returns 1 if a check failed, for scripts. */
export async function doctorCommand(
  plan: SessionPlan,
  { try: isTry = false, json = false }: DoctorFlags = {},
): Promise<number> {
  const [{ createSandbox }, { connect, onOneHost }] = await Promise.all([
    import('../../safety/sandbox/probe.ts'),
    import('../../session/connect.ts'),
  ]);
  const { home, cwd, loaded } = plan;
  const hosts = await hostChecks(plan);
  const connection = connect(await onOneHost(plan, NEVER).catch(() => plan));
  const { client } = connection;
  const measures = new ModelMeasures(home);
  const [sandbox, asked, index, git] = await Promise.all([
    // What this machine can do, even if the user has switched the sandbox off.
    createSandbox({ ...plan.permissions, mode: 'read-only' }, { shareLoopback: true }),
    collectDoctorFacts(client, loaded.config, NEVER, { measures, origins: loaded.origins }),
    indexFacts(plan, client),
    gitProblem(cwd),
  ]);
  const problem = await sandbox.loopbackProblem?.();
  await sandbox.close?.();
  const server = isTry ? await triedServer(plan, connection, measures, asked) : asked;
  const rules = rulesProblem(home);
  const facts: DoctorFacts = {
    home,
    cwd,
    loaded,
    folder: folderFacts({ home, cwd, loaded }),
    git,
    sandbox: { kind: sandbox.kind, notes: [...sandbox.notes, ...(problem === undefined ? [] : [problem])] },
    homeProblem: writeProblem(home),
    rules,
    server,
    hosts,
    index,
    mcp: await mcpFacts(plan),
  };
  const checks = doctorChecks(facts);
  const isFailed = checks.some((check) => check.mark === 'fail');
  const report = json ? jsonText({ ok: !isFailed, checks }, 2) : doctorReport(facts);
  process.stdout.write(`${report.trimEnd()}\n`);
  return isFailed ? 1 : 0;
}

/** Of several hosts each is asked. */
async function hostChecks(plan: SessionPlan): Promise<readonly HostFinding[]> {
  if (plan.loaded.config.ollama.hosts === undefined) return [];
  const { hostFindings } = await import('./doctor-hosts.ts');
  return hostFindings(plan, NEVER);
}

async function mcpFacts(plan: SessionPlan): Promise<readonly McpFinding[]> {
  const { config } = plan.loaded;
  if (Object.keys(config.mcp_servers).length === 0 && mcpFiles(config, plan.cwd).length === 0) return [];
  const { mcpChecks } = await import('./doctor-mcp.ts');
  return mcpChecks(plan);
}

/** The server's facts once the model has been tried, if there is one. */
async function triedServer(
  plan: SessionPlan,
  connection: Connection,
  measures: ModelMeasures,
  asked: ServerFacts,
): Promise<ServerFacts> {
  if (asked.chosen === undefined) return asked;
  const { tryModel } = await import('./doctor-try.ts');
  const tell = (line: string): void => void process.stderr.write(`${sanitizeForTerminal(line)}\n`);
  const tried = await tryModel(plan, connection, asked.chosen, tell, NEVER);
  const { client } = connection;
  const { config, origins } = plan.loaded;
  return { ...(await collectDoctorFacts(client, config, NEVER, { measures, origins })), tried };
}
