/** Assembles an agent: its model, access, record and opening context. Makes no request. */
import path from 'node:path';
import systemText from '../../prompts/system.md?raw';
import { Agent } from '../agent/agent.ts';
import type { AgentModel } from '../agent/conversation.ts';
import { projectRoot, testCommandIn } from '../config/trust.ts';
import { loadAgentsMd } from '../context/agents-md.ts';
import { DEFAULT_OUTPUT_LIMIT } from '../context/truncate.ts';
import type { MemoryUse } from '../memory/use/memory-use.ts';
import type { ProfileChoice } from '../model/call-profile.ts';
import type { ModelFacts } from '../model/capabilities.ts';
import type { ChosenModel } from '../model/choose.ts';
import { ModelMeasures } from '../model/measures.ts';
import type { ModelServer } from '../model/server.ts';
import { describeSandbox } from '../safety/permissions.ts';
import { trace } from '../system/trace.ts';
import { findTestCommand, type TestCommand } from '../tools/run-tests/find-command.ts';
import { type Access, createAccess } from './access.ts';
import type { CodeIndex } from './code-index.ts';
import type { Connection } from './connect.ts';
import type { Extensions } from './extensions.ts';
import { limitsOf } from './limits.ts';
import type { SessionPlan } from './plan.ts';
import { planModel } from './planned-model.ts';
import { retrieveFrom } from './recall.ts';
import { openRecord, type SessionRecord } from './record.ts';

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
  const chosen = planModel(plan, client, model, idleTimeoutMs);
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
    sandbox: describeSandbox(plan.permissions),
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
