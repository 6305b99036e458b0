/** What can be called as `/name` besides oagent's own commands: prompts of the user's, skills, prompts of MCP servers. */
import type { CustomCommand } from '../../protocol/extensions.ts';
import type { CommandMode } from './command-file.ts';

export interface CommandModel {
  readonly name: string;
  /** That wants it. */
  readonly file: string;
  readonly isOfProject: boolean;
}

/** What a command stands for. */
export interface ExpandedCommand {
  readonly text: string;
  /** Model and permissions for this turn, if the command asks for them; the permissions may be wider than those of the session. */
  readonly model?: CommandModel | undefined;
  readonly mode?: CommandMode | undefined;
}

export interface CustomCommands {
  /** May change while servers start. */
  readonly all: readonly CustomCommand[];
  readonly has: (name: string) => boolean;
  /** @throws Error with a line for the user. */
  readonly expand: (name: string, args: string, signal: AbortSignal) => Promise<ExpandedCommand>;
}
