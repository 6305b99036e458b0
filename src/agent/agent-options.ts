/** What an agent is made of. */
import type { Environment } from '../context/environment.ts';
import type { HistoryItem, HistoryKeeper } from '../context/history.ts';
import type { Hooks } from '../extensions/hooks/hooks.ts';
import type { Skills } from '../extensions/skills/skills.ts';
import type { McpServers } from '../mcp/mcp-servers.ts';
import type { ModelMeasure, ModelMeasures } from '../model/measures.ts';
import type { ModelServer } from '../model/server.ts';
import type { RecalledMemory } from '../protocol/sessions.ts';
import type { Event, TurnLimits } from '../protocol.ts';
import type { StoredConversation } from '../rollout/stored-session.ts';
import type { Guard } from '../safety/guard.ts';
import type { Tool } from '../tools/tool.ts';
import type { AgentModel } from './conversation.ts';
import type { ReviewChanges } from './review-port.ts';
import type { Remembered } from './surroundings.ts';

/** The tools, what they may touch, and the environment that the model is informed of. */
export interface AgentAccess {
  readonly tools: readonly Tool[];
  readonly guard: Guard;
  /** Plan mode: an answer is a plan, whatever the message asks for. */
  readonly isPlan?: boolean | undefined;
  readonly readEnvironment: () => Environment;
  /** The same for a sub-agent, which may only read. Absent: there is none. */
  readonly onlyReading?: (() => Pick<AgentAccess, 'guard' | 'readEnvironment'>) | undefined;
}

/** Stores a session. It is informed of everything before any front end is. */
interface SessionKeeper extends HistoryKeeper {
  readonly turnStarted: (turnId: string, model: AgentModel['settings'], environment: Environment) => void;
  readonly happened: (event: Event) => void;
  /** Its file, absolute. */
  readonly path?: string | undefined;
}

/** What earlier sessions have taught about a message. */
export interface Recalled {
  readonly memories: readonly RecalledMemory[];
  /** As the model gets it. */
  readonly text: string;
  /** Before the code: the message asks about the past. */
  readonly isFirst: boolean;
}

/** What a message may need: code of the repository, memories. Without a text there is no code. */
export interface Retrieved {
  readonly text: string;
  readonly places: Extract<Event, { type: 'retrieved' }>['places'];
  /** The search took too long; there is no text. */
  readonly isLate?: boolean;
  /** The embedding model did not answer in time; without a text, words alone found nothing. */
  readonly isByWords?: boolean;
  readonly memory?: Recalled | undefined;
}

/** Finds what a message needs, without what the history already contains. */
export type Retrieve = (
  message: string,
  about: {
    readonly numCtx: number;
    /** Tokens of the window that are free. */
    readonly left: number;
    readonly history: readonly HistoryItem[];
  },
  signal: AbortSignal,
) => Promise<Retrieved | undefined>;

export interface AgentOptions extends AgentAccess {
  readonly client: Pick<ModelServer, 'chat' | 'loaded' | 'installed' | 'host' | 'count'>;
  /** Absent while it is unknown: turns wait for `setModel`. */
  readonly model?: AgentModel;
  /** A UUID version 7; a new one if absent. */
  readonly threadId?: string;
  /** The static system message. */
  readonly system: string;
  readonly cwd: string;
  /** Of each turn; absent: none. */
  readonly limits?: TurnLimits | undefined;
  /** Nobody can answer a question that the model asks. */
  readonly isUnattended?: boolean;
  /** Nothing is to be changed, whatever a message says: no answer is asked for changes. */
  readonly isOnlyReading?: boolean;
  /** The environment of the user's own commands; by default that of the process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Ready to send; undefined if there is no AGENTS.md. */
  readonly projectDoc: string | undefined;
  /** Absent: nothing is. */
  readonly remembered?: Remembered | undefined;
  /** Absent: the model is told where it is. */
  readonly hasEnvironment?: boolean | undefined;
  /** For the full text of outputs that were cut for the model; each session has its own folder in it. */
  readonly outputsFolder: string;
  /** oagent's own folder, where patches are written down before they are applied; absent: nowhere. */
  readonly home?: string;
  /** The most bytes of one tool output that the model gets. */
  readonly outputLimit: number;
  /** Prompt tokens at which to compact, if the user wants that earlier. */
  readonly autoCompactLimit?: number | undefined;
  /** The user's own request for a summary. */
  readonly compactPrompt?: string | undefined;
  /** Measurements of the models, from earlier sessions and for later ones. */
  readonly measures?: ModelMeasures | undefined;
  /** Quick, or it gives up. */
  readonly retrieve?: Retrieve | undefined;
  /** By whom images are described to a model that cannot see. Absent: nobody. */
  readonly vision?: {
    readonly client: Pick<ModelServer, 'chat' | 'loaded' | 'show' | 'tags'>;
    /** The user's choice: a name, or `none`. */
    readonly wanted: string | undefined;
  };
  /** Absent: no server is configured. */
  readonly mcp?: Pick<McpServers, 'servers' | 'resource'> | undefined;
  /** Absent: none are installed. */
  readonly skills?: Skills | undefined;
  /** Absent: there are none. */
  readonly hooks?: Hooks | undefined;
  /** Absent: changes cannot be reviewed. */
  readonly review?: ReviewChanges | undefined;
  /** Absent: nothing is stored. */
  readonly keeper?: SessionKeeper;
  /** The conversation being resumed; the keeper already has it. */
  readonly stored?: StoredConversation;
}

/** Of this model in earlier sessions. */
export function knownRates({
  measures,
  client,
  model,
}: Pick<AgentOptions, 'measures' | 'client' | 'model'>): Pick<ModelMeasure, 'bytesPerToken' | 'msPerToken'> {
  const known = model && measures?.of(client.host, model.settings.model);
  return { bytesPerToken: known?.bytesPerToken, msPerToken: known?.msPerToken };
}
