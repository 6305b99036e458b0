/** What the user has allowed for the rest of the session: exactly the same thing again, nothing more. */

/** A command as it was approved: all three must match. */
export interface ApprovedCommand {
  readonly command: string;
  /** Absolute. */
  readonly cwd: string;
  /** What it may do: any stable text for sandbox mode and escalation. */
  readonly permissions: string;
}

/** One approval. */
export type Allowed =
  | ({ readonly type: 'command' } & ApprovedCommand)
  /** Absolute paths. */
  | { readonly type: 'files'; readonly files: readonly string[] }
  | ({ readonly type: 'mcp' } & ApprovedTool);

/** A tool of an MCP server. `identity` tells the server from another one of the same name. */
export interface ApprovedTool {
  readonly server: string;
  readonly tool: string;
  readonly identity: string;
}

export class SessionApprovals {
  readonly #commands = new Set<string>();
  readonly #files = new Set<string>();
  readonly #tools = new Set<string>();
  readonly #onAllowed: (allowed: Allowed) => void;

  /** @param options `before`: approvals of the session being resumed; `onAllowed` is called for each new one. */
  constructor({
    before = [],
    onAllowed = () => undefined,
  }: { readonly before?: readonly Allowed[]; readonly onAllowed?: (allowed: Allowed) => void } = {}) {
    this.#onAllowed = onAllowed;
    for (const allowed of before) this.#add(allowed);
  }

  allowCommand({ command, cwd, permissions }: ApprovedCommand): void {
    this.#allow({ type: 'command', command, cwd, permissions });
  }

  hasCommand(command: ApprovedCommand): boolean {
    return this.#commands.has(keyOf(command));
  }

  /** Absolute paths. */
  allowFiles(files: readonly string[]): void {
    this.#allow({ type: 'files', files });
  }

  /** True if every one of the files was allowed; false for no files. */
  hasFiles(files: readonly string[]): boolean {
    return files.length > 0 && files.every((file) => this.#files.has(file));
  }

  allowTool({ server, tool, identity }: ApprovedTool): void {
    this.#allow({ type: 'mcp', server, tool, identity });
  }

  hasTool(tool: ApprovedTool): boolean {
    return this.#tools.has(toolKey(tool));
  }

  #allow(allowed: Allowed): void {
    this.#add(allowed);
    this.#onAllowed(allowed);
  }

  #add(allowed: Allowed): void {
    if (allowed.type === 'command') this.#commands.add(keyOf(allowed));
    else if (allowed.type === 'mcp') this.#tools.add(toolKey(allowed));
    else for (const file of allowed.files) this.#files.add(file);
  }
}

function keyOf({ command, cwd, permissions }: ApprovedCommand): string {
  return JSON.stringify([command, cwd, permissions]);
}

function toolKey({ server, tool, identity }: ApprovedTool): string {
  return JSON.stringify([server, tool, identity]);
}
