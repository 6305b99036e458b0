/**
 * A sub-agent: an agent of its own for one piece of work, which only reads, and of which only a short result stays.
 *
 * Invariants: its requests begin with the bytes of its parent's (system message, tools), so that the server has read them; its history,
 * window and guard are its own, its tokens and its time are its parent's; when this returns, nothing of it runs.
 */

import path from 'node:path';
import againText from '../../../prompts/sub-agent/again.md?raw';
import filesText from '../../../prompts/sub-agent/files.md?raw';
import roleText from '../../../prompts/sub-agent/role.md?raw';
import type { AgentOp, Event, TurnEnd, TurnLimits } from '../../protocol.ts';
import { fill } from '../../text/fill.ts';
import { isTurnEnd } from '../../text/turn-end.ts';
import { counter } from '../../text/uuid.ts';
import type { DelegatedWork, ToolResult, WorkListener } from '../../tools/tool.ts';
import { refusal } from '../../tools/tool-call-item.ts';
import type { AgentAccess, AgentOptions } from '../agent-options.ts';
import type { AgentModel, Conversation } from '../conversation.ts';
import { counted } from '../usage.ts';
import { itsHooks } from './its-hooks.ts';
import { itsTools } from './its-tools.ts';
import { isNoResult } from './no-result.ts';
import { resultOf } from './result.ts';
import { Steps } from './steps.ts';

/** The agent that has work to give. */
export interface Parent {
  readonly threadId: string;
  readonly options: AgentOptions;
  readonly access: AgentAccess;
  readonly model: AgentModel | undefined;
  readonly conversation: Pick<Conversation, 'usage' | 'meter'>;
  /** What is left of those of its turn. */
  readonly limits: TurnLimits;
  readonly emit: (event: Event) => void;
  readonly open: (options: AgentOptions) => SubAgent;
}

interface SubAgent {
  readonly submit: (op: AgentOp) => void;
  readonly subscribe: (listener: (event: Event) => void) => () => void;
  readonly settled: () => Promise<void>;
}

/** Of a turn without a limit: a survey of some twenty files. */
const USUAL_STEPS = 100;
const SHARE_OF_STEPS = 4;

const nextFolder = counter('task-', 0);

export async function runSubAgent(
  work: DelegatedWork,
  parent: Parent,
  listener: WorkListener,
  signal: AbortSignal,
): Promise<ToolResult> {
  const { model } = parent;
  const reading = parent.access.onlyReading?.();
  if (reading === undefined || model === undefined || model.profile !== 'native')
    return refusal('there is no sub-agent here: do it yourself');
  const limits = new StepLimits(parent.limits);
  const agent = parent.open(itsOptions(parent, { ...reading, model, limits }));
  const steps = new Steps(listener, parent.emit);
  agent.subscribe(steps.hear);
  const stop = (): void => agent.submit({ type: 'interrupt' });
  signal.addEventListener('abort', stop, { once: true });
  try {
    let end = await turn(agent, taskText(work), signal);
    if (mayStillSay(end, steps)) {
      limits.isLast = true;
      end = await turn(agent, againText.trim(), signal);
    }
    signal.throwIfAborted();
    const { meter } = parent.conversation;
    return await resultOf(
      { end, steps },
      {
        cwd: parent.options.cwd,
        hides: reading.guard.hides?.() ?? (() => false),
        bytesPerToken: meter.bytesPerToken,
      },
    );
  } finally {
    signal.removeEventListener('abort', stop);
    agent.submit({ type: 'shutdown' });
    await agent.settled();
  }
}

/** At most a quarter of its parent's steps; one when a result is asked for again. */
class StepLimits implements TurnLimits {
  readonly maxMs: number | undefined;
  readonly maxTokens: number | undefined;
  readonly #most: number;
  isLast = false;

  constructor({ maxSteps = USUAL_STEPS, maxMs, maxTokens }: TurnLimits) {
    this.#most = Math.ceil(maxSteps / SHARE_OF_STEPS);
    this.maxMs = maxMs;
    this.maxTokens = maxTokens;
  }

  get maxSteps(): number {
    return this.isLast ? 1 : this.#most;
  }
}

function itsOptions(
  { threadId, options, access, conversation }: Parent,
  own: Pick<AgentOptions, 'guard' | 'readEnvironment' | 'limits'> & { readonly model: AgentModel },
): AgentOptions {
  const { client, system, cwd, env, outputLimit, autoCompactLimit, compactPrompt, measures } = options;
  return {
    ...own,
    // What is known of a model is learnt from the turns of the user's own.
    model: { ...own.model, profileSource: 'config' },
    tools: itsTools(access.tools),
    client: {
      host: client.host,
      loaded: (...asked) => client.loaded(...asked),
      installed: (...asked) => client.installed(...asked),
      count: client.count,
      chat: counted(client, conversation.usage).chat,
    },
    system,
    cwd,
    env,
    outputLimit,
    autoCompactLimit,
    compactPrompt,
    measures,
    hooks: itsHooks(options.hooks),
    isUnattended: true,
    isOnlyReading: true,
    // Where AGENTS.md would be: a compaction keeps it.
    projectDoc: roleText.trim(),
    retrieve: codeOnly(options.retrieve),
    hasEnvironment: options.hasEnvironment,
    // Below the folder of the session's own outputs, which its commands may read.
    outputsFolder: path.join(options.outputsFolder, threadId),
    threadId: nextFolder(),
  };
}

function taskText({ prompt, files }: DelegatedWork): string {
  const begin = files.length === 0 ? [] : [fill(filesText, { files: files.join(', ') })];
  return [prompt, ...begin].join('\n');
}

/** What was learnt in earlier sessions is for the conversation. */
function codeOnly(retrieve: AgentOptions['retrieve']): AgentOptions['retrieve'] {
  if (retrieve === undefined) return undefined;
  return async (...asked) => {
    const found = await retrieve(...asked);
    return found && { ...found, memory: undefined };
  };
}

/** Runs one turn to its end. */
function turn(agent: SubAgent, text: string, signal: AbortSignal): Promise<TurnEnd> {
  return new Promise((resolve) => {
    const stop = agent.subscribe((event) => {
      if (!isTurnEnd(event)) return;
      stop();
      resolve(event);
    });
    agent.submit({ type: 'user_turn', text });
    if (signal.aborted) agent.submit({ type: 'interrupt' });
  });
}

/** It ended without a result, but not at a limit, where it was asked already. */
function mayStillSay(end: TurnEnd, { done }: Steps): boolean {
  if (end.type === 'turn_failed') return end.limit === undefined && done.length > 0;
  if (end.type !== 'turn_completed') return false;
  return isNoResult(end.lastMessage ?? '');
}
