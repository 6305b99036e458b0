/**
 * Puts an agent together: the model's settings, the tools, what may be touched, and what the model is told at first.
 *
 * Invariants: makes no request. Does not: find the model (open-session.ts) or start a turn.
 */
import path from 'node:path';
import systemText from '../../prompts/system.md?raw';
import { Agent } from '../agent/agent.ts';
import type { AgentAccess } from '../agent/agent-options.ts';
import type { AgentModel } from '../agent/conversation.ts';
import { effortToThink } from '../config/effort.ts';
import type { Config } from '../config/schema.ts';
import { loadAgentsMd } from '../context/agents-md.ts';
import { readEnvironment } from '../context/environment.ts';
import { DEFAULT_OUTPUT_LIMIT } from '../context/truncate.ts';
import type { ProfileChoice } from '../model/call-profile.ts';
import type { ModelFacts } from '../model/capabilities.ts';
import type { ChosenModel } from '../model/choose.ts';
import type { OllamaClient } from '../model/client.ts';
import { ModelMeasures } from '../model/measures.ts';
import { chooseWindow, fitFrom } from '../model/window.ts';
import type { SessionRecorder } from '../rollout/recorder.ts';
import { SessionApprovals } from '../safety/approvals.ts';
import { commandEnvironment } from '../safety/env.ts';
import { SessionGuard } from '../safety/guard.ts';
import { describeSandbox, hasNetwork } from '../safety/permissions.ts';
import { createTools } from '../tools/registry.ts';
import { sessionProfile } from './model-profile.ts';
import type { SessionPlan } from './open-session.ts';
import { openRecord, type SessionRecord } from './record.ts';

export interface OpenSession {
  readonly agent: Agent;
  readonly model: string;
  readonly facts: ModelFacts;
  readonly host: string;
  readonly numCtx: number;
  readonly windowSource: string;
  readonly profile: ProfileChoice;
  /** What may be touched, in one line. */
  readonly sandbox: string;
  readonly warnings: readonly string[];
  readonly record: SessionRecord;
}

/** Bytes that a token has, by the rule of thumb behind `tool_output_token_limit`. */
const BYTES_PER_TOKEN = 4;

/** The agent of a session whose model is known. */
export function buildAgent(
  plan: SessionPlan,
  { client, idleTimeoutMs, ...model }: ChosenModel & { client: OllamaClient; idleTimeoutMs: number },
): OpenSession {
  const { name, facts } = model;
  const chosen = modelSettings(plan, client, model, idleTimeoutMs);
  const { agent, warnings, record } = createAgent(plan, client, chosen);
  return {
    agent,
    record,
    model: name,
    facts,
    host: client.host,
    numCtx: chosen.settings.numCtx,
    windowSource: chosen.windowSource,
    profile: { profile: chosen.profile, profileSource: chosen.profileSource },
    sandbox: describeSandbox(plan.permissions),
    warnings,
  };
}

export interface CreatedAgent {
  readonly agent: Agent;
  readonly access: Access;
  readonly record: SessionRecord;
  readonly warnings: readonly string[];
}

/**
 * An agent, with its model or still without.
 *
 * @param rules the plan as it is when a turn begins; permissions may change between turns.
 * @returns also what the user should know of the configuration.
 */
export function createAgent(
  plan: SessionPlan,
  client: OllamaClient,
  model?: AgentModel,
  rules: () => SessionPlan = () => plan,
): CreatedAgent {
  const { loaded, cwd, home, threadId } = plan;
  const { config } = loaded;
  const doc = loadAgentsMd({
    home,
    cwd,
    maxBytes: config.project_doc_max_bytes,
    fallbackNames: config.project_doc_fallback_filenames,
    rootMarkers: config.project_root_markers,
  });
  const session = plan.stored?.session;
  const warn = (message: string): void => agent.warn(message);
  // What the model was told at first stays as it was, also if this oagent says it in other words.
  const system = session?.meta.base_instructions.text ?? systemText.trim();
  const record = openRecord(plan, { system, rules, warn });
  const { recorder } = record;
  const access = createAccess(plan, warn, { recorder });
  const agent: Agent = new Agent({
    client,
    threadId,
    cwd,
    ...access,
    model,
    system,
    ...(recorder && { keeper: recorder }),
    ...(session && { stored: session }),
    projectDoc: doc.text,
    outputsFolder: path.join(home, 'outputs'),
    outputLimit:
      config.tool_output_token_limit === undefined
        ? DEFAULT_OUTPUT_LIMIT
        : config.tool_output_token_limit * BYTES_PER_TOKEN,
    autoCompactLimit: config.model_auto_compact_token_limit,
    compactPrompt: plan.compactPrompt,
    measures: new ModelMeasures(home),
    ...(plan.index && { retrieve: plan.index.retrieve }),
  });
  if (plan.index !== undefined) {
    plan.index.tells(doc.sources);
    agent.subscribe(plan.index.hear);
  }
  return { agent, access, record, warnings: [...loaded.warnings, ...doc.warnings] };
}

export interface Access extends AgentAccess {
  /** The model is offered to ask for more than the sandbox gives. */
  readonly canEscalate: boolean;
}

/**
 * What may be touched, for the tools and the model.
 *
 * @param options `before`: what held until now: tools that the model has been given keep their schemas, which stand in
 * front of every prompt and would have to be read again with all behind them; what was allowed for the session holds no
 * more. `recorder` keeps what is allowed.
 */
export function createAccess(
  { loaded, permissions, stored, index }: SessionPlan,
  warn: (message: string) => void,
  { before, recorder }: { readonly before?: Access; readonly recorder?: SessionRecorder | undefined } = {},
): Access {
  const { config } = loaded;
  const { mode, approval } = permissions;
  const canEscalate = before?.canEscalate || (approval !== 'never' && mode !== 'danger-full-access');
  if (before !== undefined) recorder?.approvalsReset();
  return {
    canEscalate,
    tools: createTools({
      unifiedExec: config.tools.unified_exec,
      canEscalate,
      search: index?.search,
      env: commandEnvironment(process.env, config.shell_environment_policy, {
        networkAccess: hasNetwork(permissions),
      }),
    }),
    guard: new SessionGuard({
      permissions,
      approvals: new SessionApprovals({
        before: before === undefined ? (stored?.session.approvals ?? []) : [],
        ...(recorder && { onAllowed: recorder.allowed }),
      }),
      sandbox: () =>
        import('../safety/sandbox/probe.ts').then(({ createSandbox }) =>
          createSandbox(permissions, { shareLoopback: true }),
        ),
      warn,
    }),
    readEnvironment: () => readEnvironment(permissions),
  };
}

/** What may be touched, in one line. */
export function sandboxLine({ permissions }: SessionPlan): string {
  return describeSandbox(permissions);
}

/** What goes out with every request to this model. */
export function modelSettings(
  { loaded: { config }, home }: Pick<SessionPlan, 'loaded' | 'home'>,
  { host }: Pick<OllamaClient, 'host'>,
  { name, facts, digest }: ChosenModel,
  idleTimeoutMs: number,
): AgentModel & { readonly windowSource: string } {
  const measures = new ModelMeasures(home);
  const window = chooseWindow({
    configured: config.model_context_window,
    modelfile: facts.modelfileNumCtx,
    fit: fitFrom(measures.of(host, name).loads, facts.contextLength),
    modelMax: facts.contextLength,
  });
  return {
    facts,
    digest,
    ...sessionProfile(config, measures, host, { name, digest }),
    windowSource: window.source,
    settings: {
      model: name,
      numCtx: window.numCtx,
      numPredict: window.numPredict,
      keepAlive: config.ollama.keep_alive,
      think: thinkOf(config, facts),
      sampling: samplingOf(config),
      idleTimeoutMs,
    },
  };
}

/** A model that thinks is always told whether to: left open, Ollama decides, and changes its mind by version. */
function thinkOf(config: Config, facts: ModelFacts): boolean | string | undefined {
  if (!facts.thinking) return undefined;
  return effortToThink(config.model_reasoning_effort ?? 'medium', { gptOss: facts.thinkLevels });
}

function samplingOf(config: Config): { [name: string]: number | undefined } {
  const { temperature, top_p } = config.ollama;
  return { temperature, top_p };
}
