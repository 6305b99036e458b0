/**
 * What an agent is made of. Does not: hold logic.
 */
import type { Environment } from '../context/environment.ts';
import type { OllamaClient } from '../model/client.ts';
import type { Guard } from '../safety/guard.ts';
import type { Tool } from '../tools/tool.ts';
import type { AgentModel } from './conversation.ts';

/** What may be touched, and what the model is told and given for it. */
export interface AgentAccess {
  readonly tools: readonly Tool[];
  readonly guard: Guard;
  readonly readEnvironment: () => Environment;
}

export interface AgentOptions extends AgentAccess {
  readonly client: Pick<OllamaClient, 'chat' | 'loadedWindow' | 'host'>;
  /** Absent while it is not known: turns wait for `setModel`. */
  readonly model?: AgentModel;
  /** A UUID version 7; a new one if absent. */
  readonly threadId?: string;
  /** The static system message. */
  readonly system: string;
  readonly cwd: string;
  /** Ready to inject, or undefined where no AGENTS.md was found. */
  readonly projectDoc: string | undefined;
  /** Full outputs that were cut for the model go here, in a folder of their own for each session. */
  readonly outputsFolder: string;
  /** Bytes of one tool output that the model gets at most. */
  readonly outputLimit: number;
}
