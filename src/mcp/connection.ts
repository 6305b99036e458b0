/** What an MCP server that runs can be asked; how it is spoken to is behind it (stdio, HTTP, either era of the protocol). */
import type { JsonObject } from '../protocol.ts';
import type { Prepared } from '../safety/sandbox/sandbox.ts';

/** A server that is a program started here. */
export interface McpProgram {
  /** A name, which is looked for where no command can have written, or the path that the user wrote. */
  readonly command: string;
  readonly args: readonly string[];
  /** Its whole environment; of PATH it gets what is trusted. */
  readonly env: NodeJS.ProcessEnv;
  /** Absolute. */
  readonly cwd: string;
  /** The folder that the server is told to work in; absent: `cwd`. */
  readonly folder?: string;
  /** Puts it into a sandbox; without it it is started as it is. */
  readonly prepare?: (argv: readonly string[], cwd: string, env: NodeJS.ProcessEnv) => Promise<Prepared>;
}

/** A server that is reached by HTTP. */
export interface McpAddress {
  readonly url: string;
  /** Sent with each request, a bearer token among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the token of a login comes from. */
  readonly auth?: McpAuth | undefined;
}

/** Methods reject with McpError, or the reason of the signal. */
export interface McpAuth {
  /** How the user logs in. */
  readonly command: string;
  /** Undefined: nobody has logged in, or the login has ended. */
  readonly token: (signal: AbortSignal) => Promise<string | undefined>;
  /** Another token than the one that the server has refused; undefined: there is none. */
  readonly renewed: (refused: string, signal: AbortSignal) => Promise<string | undefined>;
}

export interface ConnectOptions {
  readonly signal: AbortSignal;
  readonly startupTimeoutMs: number;
  /** Of oagent, which the server is told. */
  readonly version: string;
  /** What a program says on stderr while it starts. Not sanitised. */
  readonly onStatus?: (text: string) => void;
}

export interface McpTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments, as the server sent it. */
  readonly inputSchema: JsonObject;
  /** The server says so: a hint, no permission. */
  readonly isReadOnly: boolean;
}

export interface McpPromptInfo {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly { readonly name: string; readonly isRequired: boolean }[];
}

export interface McpResource {
  readonly uri: string;
  readonly name: string;
  readonly description: string;
}

/** One part of a result. `data` is base64. */
export type McpContent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image' | 'audio'; readonly data: string; readonly mimeType: string }
  /** A resource that was only named. */
  | { readonly type: 'link'; readonly uri: string; readonly name: string };

export interface McpResult {
  readonly content: readonly McpContent[];
  readonly structured?: JsonObject | undefined;
  /** The tool failed; `content` says why. */
  readonly isError: boolean;
}

/** All that a server has: kept between sessions (a server without prompts or resources has empty lists). */
export interface McpManifest {
  readonly server: { readonly name: string; readonly version: string };
  readonly protocolVersion: string;
  readonly instructions: string;
  readonly tools: readonly McpTool[];
  readonly prompts: readonly McpPromptInfo[];
  readonly resources: readonly McpResource[];
  /** What was left out of the lists and why, one line each, for the user. */
  readonly notes: readonly string[];
}

export interface McpRequestOptions {
  /** An abort sends `notifications/cancelled`, and rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Without an answer or progress for that long the request fails. */
  readonly timeoutMs: number;
  /** What the server says while it works, in words. */
  readonly onProgress?: (text: string) => void;
}

/** Methods reject with McpError, whose message is one to three lines for the user: what happened, why, what to do. */
export interface McpConnection {
  /** Asks for all of it. */
  readonly manifest: (options: McpRequestOptions) => Promise<McpManifest>;
  readonly call: (tool: string, args: JsonObject, options: McpRequestOptions) => Promise<McpResult>;
  readonly prompt: (
    name: string,
    args: Readonly<Record<string, string>>,
    options: McpRequestOptions,
  ) => Promise<string>;
  readonly resource: (uri: string, options: McpRequestOptions) => Promise<readonly McpContent[]>;
  /** The end of its stderr, in lines, not sanitised; empty for HTTP. */
  readonly stderr: () => readonly string[];
  /** Called once when it has ended without having been closed: why. */
  readonly onEnd: (listener: (reason: string) => void) => void;
  /** Its tools are different now. */
  readonly onToolsChanged: (listener: () => void) => void;
  /** Resolves when nothing of it is left. Never rejects. */
  readonly close: () => Promise<void>;
}
