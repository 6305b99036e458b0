/** Operations and events of extensions: MCP servers, commands of the user's own, skills, hooks. */

/** What the user or the project adds to oagent: MCP servers, commands of their own, skills, hooks. */
export type ExtensionOp =
  /** Answered by `mcp_servers`, now and whenever a state has changed. */
  | { readonly type: 'list_mcp' }
  /** Starts it, again if it has failed. */
  | { readonly type: 'start_mcp'; readonly server: string }
  /** A turn with the text that the command stands for; `name` as in `custom_commands`. Shown as `/name args`. */
  | {
      readonly type: 'custom_command';
      readonly name: string;
      readonly args: string;
      readonly images?: readonly string[];
    };

/** One that can be called as `/name`. */
export interface CustomCommand {
  readonly name: string;
  readonly description: string;
  /** What is to follow the name. */
  readonly hint?: string | undefined;
  readonly kind: 'command' | 'skill' | 'mcp';
}

/** `known`: not started in this session, its tools are known from an earlier one or not at all; `off`: not to be used. */
export type McpState = 'known' | 'starting' | 'running' | 'failed' | 'off';

export interface McpServerInfo {
  readonly name: string;
  readonly state: McpState;
  /** The command line or the address. */
  readonly target: string;
  /** The file that configures it. */
  readonly source: string;
  /** It runs in the sandbox of the session. */
  readonly isSandboxed: boolean;
  readonly tools: readonly { readonly name: string; readonly description: string }[];
  readonly prompts: number;
  /** Those that are known; foreign texts. `name` may be empty. */
  readonly resources: readonly { readonly uri: string; readonly name: string }[];
  /** What it does while it starts, or why it failed or is off: lines for the user, the end of its stderr among them. */
  readonly lines: readonly string[];
}

export type ExtensionEvent =
  | { readonly type: 'mcp_servers'; readonly servers: readonly McpServerInfo[] }
  /** All of them, whenever they have changed. */
  | { readonly type: 'custom_commands'; readonly commands: readonly CustomCommand[] }
  /** A skill whose text was added to the message; `recalled`: found for it, otherwise the user called it by its name. */
  | {
      readonly type: 'skill_used';
      readonly name: string;
      readonly file: string;
      readonly isRecalled: boolean;
      /** As the model got it. */
      readonly text: string;
    }
  /** An image that the model cannot see, in the words of another model; `digest` is that of its base64. */
  | {
      readonly type: 'image_described';
      readonly name: string;
      readonly model: string;
      readonly digest: string;
      readonly text: string;
    }
  /** A hook did more than to run: what it said to the user or the model, what it forbade, or how it failed. */
  | {
      readonly type: 'hook_ran';
      readonly event: string;
      readonly command: string;
      readonly outcome: 'message' | 'context' | 'blocked' | 'failed';
      readonly text: string;
    };
