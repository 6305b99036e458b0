/**
 * Puts an agent together: the model's settings, the tools, what may be touched, and what the model is told at first.
 *
 * Invariants: makes no request. Does not: find the model (open-session.ts) or start a turn.
 */
import path from 'node:path';
import systemText from '../../prompts/system.md?raw';
import { Agent } from '../agent/agent.ts';
import { effortToThink } from '../config/effort.ts';
import type { Config } from '../config/schema.ts';
import { loadAgentsMd } from '../context/agents-md.ts';
import { readEnvironment } from '../context/environment.ts';
import { DEFAULT_OUTPUT_LIMIT } from '../context/truncate.ts';
import type { ModelFacts } from '../model/capabilities.ts';
import type { ChosenModel } from '../model/choose.ts';
import type { OllamaClient } from '../model/client.ts';
import { chooseWindow } from '../model/window.ts';
import { commandEnvironment } from '../safety/env.ts';
import { createGuard } from '../safety/guard.ts';
import { describeSandbox } from '../safety/policy.ts';
import { createTools } from '../tools/registry.ts';
import type { SessionPlan } from './open-session.ts';

export interface OpenSession {
  readonly agent: Agent;
  readonly model: string;
  readonly facts: ModelFacts;
  readonly host: string;
  readonly numCtx: number;
  readonly windowSource: string;
  /** What may be touched, in one line. */
  readonly sandbox: string;
  readonly warnings: readonly string[];
}

/** Bytes that a token has, by the rule of thumb behind `tool_output_token_limit`. */
const BYTES_PER_TOKEN = 4;

export function buildAgent(
  { loaded, cwd, home, policy, approval, threadId, sandbox: sandboxPolicy }: SessionPlan,
  {
    client,
    idleTimeoutMs,
    name: model,
    facts,
  }: ChosenModel & { client: OllamaClient; idleTimeoutMs: number },
): OpenSession {
  const { config } = loaded;
  const window = chooseWindow({
    configured: config.model_context_window,
    modelfile: facts.modelfileNumCtx,
    modelMax: facts.contextLength,
  });
  const networkAccess = policy.mode === 'danger-full-access' || config.sandbox_workspace_write.network_access;
  const told = { mode: policy.mode, networkAccess, writableRoots: policy.writableRoots };
  const doc = loadAgentsMd({
    home,
    cwd,
    maxBytes: config.project_doc_max_bytes,
    fallbackNames: config.project_doc_fallback_filenames,
    rootMarkers: config.project_root_markers,
  });
  const agent: Agent = new Agent({
    client,
    facts,
    threadId,
    cwd,
    system: systemText.trim(),
    settings: {
      model,
      numCtx: window.numCtx,
      numPredict: window.numPredict,
      keepAlive: config.ollama.keep_alive,
      think: thinkOf(config, facts),
      sampling: samplingOf(config),
      idleTimeoutMs,
    },
    tools: createTools({
      unifiedExec: config.tools.unified_exec,
      canEscalate: approval !== 'never' && policy.mode !== 'danger-full-access',
      env: commandEnvironment(process.env, config.shell_environment_policy, { networkAccess }),
    }),
    guard: createGuard({
      approval,
      paths: policy,
      home,
      sandbox: () =>
        import('../safety/sandbox/probe.ts').then(({ createSandbox }) =>
          createSandbox(sandboxPolicy, { shareLoopback: true }),
        ),
      warn: (message) => agent.warn(message),
    }),
    projectDoc: doc.text,
    readEnvironment: () => readEnvironment({ cwd, sandbox: told }),
    outputsFolder: path.join(home, 'outputs'),
    outputLimit:
      config.tool_output_token_limit === undefined
        ? DEFAULT_OUTPUT_LIMIT
        : config.tool_output_token_limit * BYTES_PER_TOKEN,
  });
  return {
    agent,
    model,
    facts,
    host: client.host,
    numCtx: window.numCtx,
    windowSource: window.source,
    sandbox: describeSandbox(policy),
    warnings: [...loaded.warnings, ...doc.warnings],
  };
}

/** A model that thinks is always told whether to: left open, Ollama decides, and changes its mind by version. */
function thinkOf(config: Config, facts: ModelFacts): boolean | string | undefined {
  if (!facts.thinking) return undefined;
  return effortToThink(config.model_reasoning_effort ?? 'medium', { gptOss: facts.thinkLevels });
}

function samplingOf(config: Config): { [name: string]: number } {
  const { temperature, top_p } = config.ollama;
  return { ...(temperature === undefined ? {} : { temperature }), ...(top_p === undefined ? {} : { top_p }) };
}
