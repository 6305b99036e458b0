/**
 * What an agent is made of. Does not: put it together.
 */
import type { Environment } from '../context/environment.ts';
import type { HistoryItem, HistoryKeeper } from '../context/history.ts';
import type { OllamaClient } from '../model/client.ts';
import type { ModelMeasures } from '../model/measures.ts';
import type { Event } from '../protocol.ts';
import type { StoredConversation } from '../rollout/reconstruct.ts';
import type { Guard } from '../safety/guard.ts';
import type { Tool } from '../tools/tool.ts';
import type { AgentModel } from './conversation.ts';

/** What may be touched, and what the model is told and given for it. */
export interface AgentAccess {
  readonly tools: readonly Tool[];
  readonly guard: Guard;
  readonly readEnvironment: () => Environment;
}

/** Keeps a session. It hears of everything before any front end does. */
export interface SessionKeeper extends HistoryKeeper {
  readonly turnStarted: (turnId: string, model: AgentModel['settings'], environment: Environment) => void;
  readonly happened: (event: Event) => void;
}

/** Code of the repository that a message may need. */
export interface Retrieved {
  readonly text: string;
  readonly places: Extract<Event, { type: 'retrieved' }>['places'];
}

/** What a message needs; nothing that the history shows already. */
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
  readonly client: Pick<OllamaClient, 'chat' | 'loaded' | 'installed' | 'host'>;
  /** Absent while it is not known: turns wait for `setModel`. */
  readonly model?: AgentModel;
  /** A UUID version 7; a new one if absent. */
  readonly threadId?: string;
  /** The static system message. */
  readonly system: string;
  readonly cwd: string;
  /** What the user's own commands inherit; by default the environment of the process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Ready to inject, or undefined where no AGENTS.md was found. */
  readonly projectDoc: string | undefined;
  /** Full outputs that were cut for the model go here, in a folder of their own for each session. */
  readonly outputsFolder: string;
  /** Bytes of one tool output that the model gets at most. */
  readonly outputLimit: number;
  /** Tokens of a prompt that is compacted, where the user wants that earlier. */
  readonly autoCompactLimit?: number | undefined;
  /** What the model is asked for when the conversation is summarised, if not the usual. */
  readonly compactPrompt?: string | undefined;
  /** What earlier sessions have measured of the models, and where this one writes its own. */
  readonly measures?: ModelMeasures | undefined;
  /** Looks for what a message needs, quickly or not at all. */
  readonly retrieve?: Retrieve;
  /** Absent: nothing is kept. */
  readonly keeper?: SessionKeeper;
  /** The conversation that is gone on with, which the keeper has already. */
  readonly stored?: StoredConversation;
}

/** Bytes that a token of this model had in earlier sessions. */
export function knownRate({
  measures,
  client,
  model,
}: Pick<AgentOptions, 'measures' | 'client' | 'model'>): number | undefined {
  return model && measures?.of(client.host, model.settings.model).bytesPerToken;
}
