/**
 * Collects what one turn needs from the parts of its agent. Makes no request and changes nothing; whatever can change
 * between turns is taken as it is when the turn begins.
 */
import { promptHead } from '../context/prompt.ts';
import { toolsOf } from '../context/tool-sets.ts';
import type { Event } from '../protocol.ts';
import { uuidv7 } from '../text/uuid.ts';
import type { AgentAccess, AgentOptions } from './agent-options.ts';
import type { CallLearning } from './call-learning.ts';
import type { AgentModel, Conversation } from './conversation.ts';
import type { SessionEvidence } from './evidence/evidence.ts';
import type { InputDeps } from './input-deps.ts';
import { recordSteering } from './turn-input.ts';
import type { UserTurn } from './turn-queue.ts';
import type { WindowCheck } from './window-check.ts';
import type { WindowKeeper } from './window-keeper.ts';

/** What all turns of an agent share. */
export interface TurnParts
  extends Pick<InputDeps, 'contextOf' | 'isPolling' | 'nextItemId' | 'hooks' | 'describe'> {
  /** What the user said since the turn began; each message once. */
  readonly takeSteering: () => readonly UserTurn[];
  readonly options: AgentOptions;
  readonly access: AgentAccess;
  readonly conversation: Conversation;
  readonly window: WindowKeeper;
  readonly evidence: SessionEvidence;
  readonly windowCheck: WindowCheck;
  readonly learning: CallLearning;
  /** Switches the session to this model in the middle of a turn. */
  readonly useModel: (model: AgentModel) => void;
  readonly emit: (event: Event) => void;
}

/** The turn that is about to begin. */
export interface NewTurn {
  readonly turnId: string;
  readonly turn: UserTurn;
  readonly model: AgentModel;
  readonly signal: AbortSignal;
  /** In place of the agent's own. */
  readonly client?: Pick<AgentOptions['client'], 'chat'>;
}

export function turnDeps(parts: TurnParts, begun: NewTurn): InputDeps {
  const { options, access, conversation, windowCheck, learning, useModel, takeSteering, ...others } = parts;
  const { turnId, turn, model, signal } = begun;
  const { client, cwd, retrieve, skills, mcp, review, keeper, isUnattended = false, isOnlyReading } = options;
  const { settings, profile } = model;
  const { history, usage, meter } = conversation;
  const tools = toolsOf(model.toolSet, access.tools);
  return {
    ...others,
    ...access,
    tools,
    hooks: others.hooks,
    client: begun.client ?? client,
    settings,
    constraint: others.window.constraint,
    thinking: others.window.thinking,
    cwd,
    profile,
    head: promptHead(model, options.system, access.tools),
    message: turn.text,
    isAttended: !isUnattended,
    isOnlyReading,
    recordSteering: () => recordSteering(takeSteering(), { ...others, history }),
    began: (environment) => keeper?.turnStarted(turnId, settings, environment),
    outputSchema: turn.outputSchema,
    retrieve,
    skills,
    mcp,
    review,
    history,
    conversation,
    usage,
    meter,
    nextCallId: () => `call_${uuidv7().replaceAll('-', '').slice(-12)}`,
    ...(model.profile === 'native' &&
      model.profileSource !== 'config' && {
        onTurn: (answer, isFirst) => learning.hear(answer, tools, isFirst && mayLead(model, others.window)),
      }),
    asLed: () => {
      const led: AgentModel = { ...model, profile: 'led' };
      useModel(led);
      return { deps: turnDeps(parts, { ...begun, model: led }), undo: () => useModel(model) };
    },
    // Checked while the model works on the second request, or at the end of a turn that had only one.
    onModelAtWork: () => void windowCheck.run(settings, signal),
  };
}

/** An unknown model that does not think, on a server that may enforce schemas. */
function mayLead({ profileSource, facts }: AgentModel, { constraint }: WindowKeeper): boolean {
  return profileSource === 'unknown' && !facts.thinking && constraint.settings !== undefined;
}
