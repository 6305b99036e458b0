/** Assembles an agent: model settings, tools, permissions, opening context. Makes no request. */
import path from 'node:path';
import systemText from '../../prompts/system.md?raw';
import { Agent } from '../agent/agent.ts';
import type { AgentAccess } from '../agent/agent-options.ts';
import type { AgentModel } from '../agent/conversation.ts';
import { effortToThink } from '../config/effort.ts';
import { keepAliveOf } from '../config/keep-alive.ts';
import { resolveProvider } from '../config/provider.ts';
import type { ReasoningEffort } from '../config/schema.ts';
import { projectRoot, testCommandIn } from '../config/trust.ts';
import { loadAgentsMd } from '../context/agents-md.ts';
import { readEnvironment } from '../context/environment.ts';
import { DEFAULT_OUTPUT_LIMIT } from '../context/truncate.ts';
import type { MemoryUse } from '../memory/use/memory-use.ts';
import type { ProfileChoice } from '../model/call-profile.ts';
import type { ModelFacts } from '../model/capabilities.ts';
import type { ChosenModel } from '../model/choose.ts';
import { ModelMeasures } from '../model/measures.ts';
import type { ModelServer } from '../model/server.ts';
import { sessionWindow } from '../model/session-window.ts';
import { answerSpace, halved, leastWindow, type WindowChoice } from '../model/window.ts';
import type { SessionRecorder } from '../rollout/recorder.ts';
import { SessionApprovals } from '../safety/approvals.ts';
import { SessionGuard } from '../safety/guard.ts';
import { describeSandbox, onlyReading, type Permissions } from '../safety/permissions.ts';
import { once } from '../system/once.ts';
import { trace } from '../system/trace.ts';
import { groupDigits } from '../text/digits.ts';
import { createTools } from '../tools/registry.ts';
import { findTestCommand, type TestCommand } from '../tools/run-tests/find-command.ts';
import type { CodeIndex } from './code-index.ts';
import { type Connection, endpointsOf } from './connect.ts';
import type { Extensions } from './extensions.ts';
import { limitsOf } from './limits.ts';
import { sessionProfile } from './model-profile.ts';
import { modelSettingsOf } from './model-table.ts';
import type { SessionPlan } from './plan.ts';
import { retrieveFrom, searchIn } from './recall.ts';
import { reconnectMs } from './reconnect.ts';
import { openRecord, type SessionRecord } from './record.ts';
import { sessionEnvironment } from './session-environment.ts';

export interface OpenSession {
  readonly agent: Agent;
  readonly access: Access;
  readonly model: string;
  readonly facts: ModelFacts;
  readonly host: string;
  readonly numCtx: number;
  readonly windowSource: string;
  readonly profile: ProfileChoice;
  /** The sandbox in one line. */
  readonly sandbox: string;
  readonly warnings: readonly string[];
  readonly record: SessionRecord;
}

/** Bytes per token: the rule of thumb that `tool_output_token_limit` goes by. */
const BYTES_PER_TOKEN = 4;

/** The agent of a session whose model is known. */
export function buildAgent(
  plan: SessionPlan,
  {
    client,
    idleTimeoutMs,
    index,
    memories,
    extensions,
    rules,
    ...model
  }: ChosenModel & Connection & Pick<AgentParts, 'index' | 'memories' | 'extensions' | 'rules'>,
): OpenSession {
  const { name, facts } = model;
  const chosen = modelSettings(plan, client, model, idleTimeoutMs);
  const { agent, access, warnings, record } = createAgent(plan, {
    client,
    model: chosen,
    index,
    memories,
    extensions,
    rules,
  });
  return {
    agent,
    access,
    record,
    model: name,
    facts,
    host: client.host,
    numCtx: chosen.settings.numCtx,
    windowSource: chosen.windowSource,
    profile: { profile: chosen.profile, profileSource: chosen.profileSource },
    sandbox: sandboxLine(plan),
    warnings: chosen.notice === undefined ? warnings : [...warnings, chosen.notice],
  };
}

export interface CreatedAgent {
  readonly agent: Agent;
  readonly access: Access;
  readonly record: SessionRecord;
  readonly warnings: readonly string[];
}

export interface AgentParts {
  readonly client: ModelServer;
  /** Absent: not known yet. */
  readonly model?: AgentModel;
  /** Absent: the code is not indexed. */
  readonly index?: CodeIndex;
  /** Absent: nothing is remembered. */
  readonly memories?: MemoryUse | undefined;
  /** Absent: there are none. */
  readonly extensions?: Extensions | undefined;
  /** The plan as it is when a turn begins: permissions may change between turns. */
  readonly rules?: (() => SessionPlan) | undefined;
}

/** @returns also the warnings about the configuration. */
export function createAgent(
  plan: SessionPlan,
  { client, model, index, memories, extensions, rules = () => plan }: AgentParts,
): CreatedAgent {
  const { loaded, cwd, home, threadId } = plan;
  const { config } = loaded;
  const doc = projectDoc(plan);
  const session = plan.stored?.session;
  const warn = (message: string): void => agent.warn(message);
  // A resumed session keeps its system message, even if this oagent words it differently.
  const system = session?.meta.base_instructions?.text ?? systemOf(plan);
  const record = openRecord(plan, { system, rules, warn });
  const { recorder } = record;
  const tests = testsOf(plan, doc.obeyed);
  const access = createAccess(plan, warn, { recorder, index, memories, extensions, tests });
  const agent: Agent = new Agent({
    client,
    threadId,
    cwd,
    limits: limitsOf(config),
    isUnattended: plan.source === 'exec',
    env: plan.env,
    ...access,
    model,
    system,
    keeper: recorder,
    stored: session,
    projectDoc: doc.text,
    hasEnvironment: config.include_environment_context,
    home,
    outputsFolder: path.join(home, 'outputs'),
    outputLimit:
      config.tool_output_token_limit === undefined
        ? DEFAULT_OUTPUT_LIMIT
        : config.tool_output_token_limit * BYTES_PER_TOKEN,
    autoCompactLimit: config.model_auto_compact_token_limit,
    compactPrompt: plan.prompts.compactPrompt,
    measures: new ModelMeasures(home),
    retrieve: retrieveFrom(index, memories, config.index.inject_tokens),
    skills: extensions?.skills,
    vision: { client, wanted: config.vision_model },
    mcp: extensions?.mcp,
    hooks: extensions?.hooks,
    remembered: memories?.opening(),
    review: async (wanted, tools, signal) => {
      const { reviewInSession } = await import('./session-review.ts');
      const now = rules();
      const place = { cwd: now.cwd, projectDoc: projectDoc(now).text };
      return reviewInSession({ place, index, ...tools }, wanted, signal);
    },
  });
  if (memories !== undefined) agent.subscribe(memories.hear);
  if (index !== undefined) {
    index.setContextFiles(doc.sources);
    agent.subscribe(index.hear);
  }
  return { agent, access, record, warnings: [...loaded.warnings, ...doc.warnings] };
}

/** The instructions in AGENTS.md files. */
export function projectDoc({ home, cwd, loaded: { config } }: SessionPlan): ReturnType<typeof loadAgentsMd> {
  return loadAgentsMd({
    home,
    cwd,
    maxBytes: config.project_doc_max_bytes,
    fallbackNames: config.project_doc_fallback_filenames,
    trust: config,
  });
}

/** The command that tests the project; undefined: none is known. */
export function testsOf(
  { cwd, loaded: { config } }: SessionPlan,
  instructions: ReturnType<typeof loadAgentsMd>['obeyed'],
): TestCommand | undefined {
  const tests = findTestCommand({
    cwd,
    root: projectRoot(config, cwd),
    configured: testCommandIn(config, cwd),
    instructions,
  });
  trace('decision', () => ({ decision: 'tests', ...tests }));
  return tests;
}

/** The system message of a new session. */
export function systemOf({ prompts: { instructions, developerInstructions } }: SessionPlan): string {
  const parts = [instructions ?? systemText.trim(), developerInstructions];
  return parts.filter((part) => part !== undefined).join('\n\n');
}

export interface Access extends AgentAccess {
  /** The model can ask to run a command outside the sandbox. */
  readonly canEscalate: boolean;
  /** What run_tests runs; undefined: it is not offered. */
  readonly tests: TestCommand | undefined;
}

export interface AccessParts {
  /**
   * The access that this one replaces. Tools keep their schemas, which are at the start of every prompt: if they
   * changed, the server would have to read the whole prompt again. Approvals for the session end.
   */
  readonly before?: Access;
  /** Keeps what the user allows. */
  readonly recorder?: SessionRecorder;
  readonly index?: CodeIndex | undefined;
  readonly memories?: MemoryUse | undefined;
  readonly extensions?: Extensions | undefined;
  /** Where there is no access before. */
  readonly tests?: TestCommand | undefined;
}

/** What the tools may touch, and what the model is told about it. */
export function createAccess(
  { loaded, env, permissions, stored, source }: SessionPlan,
  warn: (message: string) => void,
  { before, recorder, index, memories, extensions, tests = before?.tests }: AccessParts,
): Access {
  const { config } = loaded;
  const { mode, approval } = permissions;
  trace('decision', () => ({
    decision: 'permissions',
    mode,
    approval,
    sandbox: describeSandbox(permissions),
  }));
  const canEscalate = before?.canEscalate || (approval !== 'never' && mode !== 'danger-full-access');
  if (before !== undefined) recorder?.approvalsReset();
  return {
    canEscalate,
    tests,
    isPlan: permissions.isPlan,
    tools: createTools({
      unifiedExec: config.tools.unified_exec,
      canEscalate,
      isAttended: source === 'cli',
      search: searchIn(index, memories),
      hasMemories: memories !== undefined,
      offersTask: config.agents.enabled,
      hasSmallSet: Object.values(config.models).some(({ tools }) => tools === 'small'),
      tests,
      more: extensions?.mcp?.tools,
      mostWaitMs: config.background_terminal_max_timeout,
      env: once(() => sessionEnvironment({ env, loaded, permissions })),
    }),
    guard: new SessionGuard({
      permissions,
      approvals: new SessionApprovals({
        before: before === undefined ? (stored?.session.approvals ?? []) : [],
        onAllowed: recorder?.allowed,
      }),
      sandbox: () =>
        import('../safety/sandbox/probe.ts').then(({ createSandbox }) =>
          createSandbox(permissions, { shareLoopback: true }),
        ),
      warn,
      isAttended: source === 'cli',
    }),
    readEnvironment: () => readEnvironment(permissions),
    onlyReading: () => readingAccess(onlyReading(permissions), warn),
  };
}

function readingAccess(
  permissions: Permissions,
  warn: (message: string) => void,
): Pick<AgentAccess, 'guard' | 'readEnvironment'> {
  const sandbox = () =>
    import('../safety/sandbox/probe.ts').then(({ createSandbox }) => createSandbox(permissions));
  return {
    guard: new SessionGuard({ permissions, sandbox, warn }),
    readEnvironment: () => readEnvironment(permissions),
  };
}

/** The sandbox in one line. */
export function sandboxLine({ permissions }: SessionPlan): string {
  return describeSandbox(permissions);
}

export interface PlannedModel extends AgentModel {
  readonly windowSource: string;
  /** What the user should know about the window. */
  readonly notice?: string | undefined;
}

/** What goes out with every request to this model. */
export function modelSettings(
  plan: Pick<SessionPlan, 'loaded' | 'home' | 'env' | 'source'>,
  { host }: Pick<ModelServer, 'host'>,
  { name, facts, digest, loaded: inMemory }: ChosenModel,
  idleTimeoutMs: number,
): PlannedModel {
  const { loaded, home, env, source } = plan;
  const { config } = loaded;
  const own = modelSettingsOf(loaded, name);
  const measures = new ModelMeasures(home);
  const isWindowFixed = facts.serverWindow !== undefined;
  const mayAdopt = !isWindowFixed && (config.ollama.adopt_window ?? true);
  const { window, wanted, isShared } = sessionWindow({
    home,
    server: host,
    model: name,
    configured: own.contextWindow,
    modelfile: facts.modelfileNumCtx,
    modelMax: facts.contextLength,
    serverWindow: facts.serverWindow,
    known: measures.of(host, name),
    loaded: inMemory,
    mayAdopt,
  });
  let { numCtx } = window;
  const profile = sessionProfile(config, measures, host, { name, digest });
  const { maxRetries } = resolveProvider(config, env);
  trace('decision', () => ({ decision: 'model', model: name, facts, digest, window, ...profile }));
  return {
    facts,
    digest,
    ...profile,
    maxThinking: own.maxThinking,
    toolSet: own.tools,
    windowSource: window.source,
    notice: windowNotice(name, window, wanted),
    settings: {
      model: name,
      leastCtx: mayAdopt ? leastWindow(wanted) : undefined,
      adopt: (theirs) => {
        numCtx = theirs;
      },
      isWindowFixed,
      get numCtx() {
        return numCtx;
      },
      get numPredict() {
        return answerSpace(numCtx);
      },
      shrink: () => {
        if (isWindowFixed) return undefined;
        measures.keepTooLarge(host, name, numCtx);
        const smaller = halved(numCtx);
        numCtx = smaller ?? numCtx;
        return smaller;
      },
      // As it was loaded for the others.
      keepAlive:
        isShared && config.ollama.keep_alive === undefined
          ? undefined
          : keepAliveOf(config.ollama.keep_alive, env),
      reconnectMs: reconnectMs(config, source, endpointsOf(plan).length),
      maxRetries,
      think: thinkOf(own.effort, facts),
      sampling: own.sampling,
      idleTimeoutMs,
    },
  };
}

function windowNotice(name: string, window: WindowChoice, wanted: WindowChoice): string | undefined {
  if (window.source === 'shared') return sharedText(name, window.numCtx, wanted.numCtx);
  return window.source === 'unknown' ? unknownWindow(window.numCtx) : undefined;
}

function unknownWindow(numCtx: number): string {
  return `the server does not say how large its window is, so oagent plans with ${groupDigits(numCtx)} tokens. Set \`model_context_window\` to what it really has`;
}

function sharedText(model: string, theirs: number, ours: number): string {
  return (
    `others have ${model} loaded with a window of ${groupDigits(theirs)} tokens: it is used instead of ${groupDigits(ours)}, ` +
    'so that nobody has to load it again'
  );
}

/** A model that can think is always told whether to: otherwise Ollama decides, differently from version to version. */
function thinkOf(effort: ReasoningEffort, facts: ModelFacts): boolean | string | undefined {
  if (!facts.thinking) return undefined;
  return effortToThink(effort, { gptOss: facts.thinkLevels });
}
