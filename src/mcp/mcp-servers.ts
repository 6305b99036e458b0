/** The MCP servers of a session. */
import type { McpServerInfo } from '../protocol/extensions.ts';
import type { Tool } from '../tools/tool.ts';

/** A prompt that a server offers. */
export interface McpPrompt {
  readonly server: string;
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly string[];
}

export interface McpServers {
  /** What the model gets of them: `mcp_find`, `mcp_call`, and those that are declared, sorted. The same for the whole session. */
  readonly tools: readonly Tool[];
  readonly servers: readonly McpServerInfo[];
  /** Of the servers whose manifest is known. */
  readonly prompts: readonly McpPrompt[];
  readonly start: (server: string) => void;
  /** Starts those that are required. @returns why one of them cannot be used, for the user; undefined: all can. */
  readonly requireAll: (signal: AbortSignal) => Promise<string | undefined>;
  /** Called whenever `servers` or `prompts` are different. */
  readonly onChange: (listener: () => void) => void;
  /** The text of a prompt. @throws Error with a line for the user. */
  readonly prompt: (prompt: McpPrompt, args: readonly string[], signal: AbortSignal) => Promise<string>;
  /** The text behind `@server:uri`. @throws Error with a line for the user. */
  readonly resource: (server: string, uri: string, signal: AbortSignal) => Promise<string>;
  readonly close: () => Promise<void>;
}
