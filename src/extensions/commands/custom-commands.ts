/** What can be called as `/name` besides oagent's own commands: prompts of the user's, skills, prompts of MCP servers. */
import type { CustomCommand } from '../../protocol.ts';

/** What a command stands for. */
export interface ExpandedCommand {
  readonly text: string;
  /** Model and permissions for this turn, if the command asks for them. */
  readonly model?: string | undefined;
  readonly mode?: string | undefined;
}

export interface CustomCommands {
  readonly all: readonly CustomCommand[];
  readonly has: (name: string) => boolean;
  /** @throws Error with a line for the user. */
  readonly expand: (name: string, args: string, signal: AbortSignal) => Promise<ExpandedCommand>;
}
