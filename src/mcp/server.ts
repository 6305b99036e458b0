/**
 * One server of a session: started when it is first needed, at most once at a time, and again after it has ended.
 *
 * Invariants: a call is never repeated by itself; a server that goes on ending is not started again without the user;
 * after `close` nothing of it runs. What was known of it from an earlier session is only replaced by what it says itself.
 */
import type { McpEntry } from '../config/mcp-servers.ts';
import { contentHash } from '../config/project-file.ts';
import type { McpServerInfo, McpState } from '../protocol/extensions.ts';
import type { JsonObject } from '../protocol.ts';
import { unlessAborted } from '../system/within.ts';
import { errorMessage } from '../text/error-message.ts';
import type {
  ConnectOptions,
  McpConnection,
  McpManifest,
  McpRequestOptions,
  McpResult,
  McpTool,
} from './connection.ts';
import { targetOf } from './launch.ts';
import type { ManifestCache } from './manifest-cache.ts';
import { withTail } from './wire/output-tail.ts';

const STARTUP_SEC = 30;
const TOOL_SEC = 120;
/** Starts without the user: the first, and two after a failure. */
const MOST_STARTS = 3;
const MOST_LINES = 20;

export type Connect = (entry: McpEntry, options: Omit<ConnectOptions, 'version'>) => Promise<McpConnection>;

export interface ServerParts {
  readonly entry: McpEntry;
  readonly connect: Connect;
  readonly cache: ManifestCache;
  /** Its state, or what it has, is different. */
  readonly onChange: () => void;
  /** What confines it now, as any text: with another it is started anew. */
  readonly confinement: () => string;
}

/** How one is asked for something; without a time limit of its own. */
export type AskOptions = Omit<McpRequestOptions, 'timeoutMs'>;

interface Running {
  readonly connection: McpConnection;
  readonly confinement: string;
}

export class Server {
  readonly entry: McpEntry;
  readonly #parts: ServerParts;
  readonly #closed = new AbortController();
  readonly #key: unknown;
  #manifest: McpManifest | undefined;
  #running: Running | undefined;
  #starting: Promise<Running> | undefined;
  /** Hear what it says while it starts. */
  readonly #listeners = new Set<(text: string) => void>();
  #failures = 0;
  #state: McpState = 'known';
  #lines: readonly string[] = [];
  /** Why it is not to be used. */
  #off: string | undefined;

  constructor(parts: ServerParts) {
    const { entry, cache } = parts;
    this.entry = entry;
    this.#parts = parts;
    const { command, args, env, env_vars, cwd, url, http_headers, env_http_headers } = entry.settings;
    // What the user has configured is the same server in every folder.
    const folder = entry.project === undefined ? undefined : entry.folder;
    this.#key = { command, args, env, env_vars, cwd, url, http_headers, env_http_headers, folder };
    this.#manifest = cache.read(this.identity);
    this.#off = entry.settings.enabled === false ? 'It is switched off (enabled = false).' : entry.problem;
  }

  get name(): string {
    return this.entry.name;
  }

  /** Tells it from any other of the same name. */
  get identity(): string {
    return contentHash(Buffer.from(JSON.stringify(this.#key)));
  }

  get isOff(): boolean {
    return this.#off !== undefined;
  }

  /** What it has is known, from now or from an earlier session. */
  get isKnown(): boolean {
    return this.#manifest !== undefined;
  }

  get isStarting(): boolean {
    return this.#starting !== undefined;
  }

  get manifest(): McpManifest | undefined {
    return this.#manifest;
  }

  /** Those that the user wants, of those that are known. */
  get tools(): readonly McpTool[] {
    if (this.isOff) return [];
    const { enabled_tools: only, disabled_tools: without = [] } = this.entry.settings;
    const all = this.#manifest?.tools ?? [];
    return all.filter(({ name }) => (only?.includes(name) ?? true) && !without.includes(name));
  }

  get info(): McpServerInfo {
    const { name, source, settings } = this.entry;
    const { prompts = [], resources = [], notes = [] } = this.#manifest ?? {};
    const isRunning = this.#running !== undefined;
    return {
      name,
      state: this.isOff ? 'off' : this.#state,
      target: targetOf(settings),
      source,
      isSandboxed: settings.command !== undefined && settings.sandbox === true,
      tools: this.tools.map((tool) => ({ name: tool.name, description: tool.description })),
      prompts: prompts.length,
      resources: this.isOff ? [] : resources,
      lines: this.#off === undefined ? [...this.#lines, ...(isRunning ? notes : [])] : [this.#off],
    };
  }

  /** What is known of it from earlier sessions. */
  forget(): void {
    this.#parts.cache.remove(this.identity);
  }

  /** From now on it is not to be used, or again it is. */
  switchOff(reason: string | undefined): void {
    this.#off = reason;
    this.#parts.onChange();
  }

  /** By the user: what went wrong before does not count. Never rejects. */
  async startAgain(): Promise<void> {
    this.#failures = 0;
    await this.#connected().catch(() => undefined);
  }

  /** Starts it, unless it runs or has failed too often. What it says meanwhile is not sanitised. @throws Error for the user and the model; the signal's reason. */
  async started(signal: AbortSignal, onStatus: (text: string) => void = () => undefined): Promise<void> {
    this.#listeners.add(onStatus);
    try {
      await this.#ready(signal);
    } finally {
      this.#listeners.delete(onStatus);
    }
  }

  call(tool: string, args: JsonObject, options: AskOptions): Promise<McpResult> {
    return this.#ask(options, (connection, limited) => connection.call(tool, args, limited));
  }

  prompt(name: string, args: Readonly<Record<string, string>>, options: AskOptions): Promise<string> {
    return this.#ask(options, (connection, limited) => connection.prompt(name, args, limited));
  }

  resource(uri: string, options: AskOptions): Promise<McpResult['content']> {
    return this.#ask(options, (connection, limited) => connection.resource(uri, limited));
  }

  /** Resolves when nothing of it is left. Never rejects. */
  async close(): Promise<void> {
    this.#closed.abort(new DOMException('closed', 'AbortError'));
    const running = await this.#starting?.catch(() => undefined);
    await Promise.all([running?.connection.close(), this.#running?.connection.close()]);
    this.#running = undefined;
  }

  async #ask<T>(
    options: AskOptions,
    work: (connection: McpConnection, limited: McpRequestOptions) => Promise<T>,
  ): Promise<T> {
    const { connection } = await this.#ready(options.signal);
    const timeoutMs = (this.entry.settings.tool_timeout_sec ?? TOOL_SEC) * 1000;
    return work(connection, { ...options, timeoutMs });
  }

  /** A start goes on when nobody waits for it any more. */
  async #ready(signal: AbortSignal): Promise<Running> {
    signal.throwIfAborted();
    if (this.isOff) throw new Error(`${this.name} cannot be used: ${this.#off}`);
    await this.#endOtherwiseConfined();
    if (this.#running === undefined && this.#starting === undefined && this.#failures >= MOST_STARTS)
      throw new Error(
        `${this.name} has failed ${this.#failures} times and is not started again by itself. ${this.#lines.join('\n')}`,
      );
    const running = await unlessAborted(this.#connected(), signal);
    // The permissions may have changed while it started.
    return running.confinement === this.#parts.confinement() ? running : this.#ready(signal);
  }

  /** The permissions of the session have changed. */
  async #endOtherwiseConfined(): Promise<void> {
    const running = this.#running;
    if (running === undefined || running.confinement === this.#parts.confinement()) return;
    this.#running = undefined;
    await running.connection.close();
  }

  #connected(): Promise<Running> {
    if (this.#running !== undefined) return Promise.resolve(this.#running);
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
      this.#parts.onChange();
    });
    return this.#starting;
  }

  async #start(): Promise<Running> {
    this.#become('starting', []);
    const { entry, connect, confinement } = this.#parts;
    const { signal } = this.#closed;
    const timeoutMs = (entry.settings.startup_timeout_sec ?? STARTUP_SEC) * 1000;
    const running = { confinement: confinement() };
    let connection: McpConnection | undefined;
    try {
      signal.throwIfAborted();
      const onStatus = (text: string): void => {
        this.#become('starting', [...this.#lines, text].slice(-MOST_LINES));
        for (const listener of this.#listeners) listener(text);
      };
      connection = await connect(entry, { signal, startupTimeoutMs: timeoutMs, onStatus });
      const opened = { ...running, connection };
      this.#watch(opened);
      await this.#learn(opened, timeoutMs);
      signal.throwIfAborted();
      this.#running = opened;
      this.#become('running', []);
      return opened;
    } catch (error) {
      await connection?.close();
      this.#fail(errorMessage(error), connection?.stderr() ?? this.#lines);
      throw new Error(`${entry.name}: ${errorMessage(error)}`);
    }
  }

  async #learn({ connection }: Running, timeoutMs: number): Promise<void> {
    this.#manifest = await connection.manifest({ signal: this.#closed.signal, timeoutMs });
    this.#parts.cache.write(this.identity, this.#manifest);
    this.#parts.onChange();
  }

  #watch(opened: Running): void {
    const { connection } = opened;
    connection.onEnd((reason) => {
      if (this.#running !== opened) return;
      this.#running = undefined;
      this.#fail(reason, connection.stderr());
    });
    connection.onToolsChanged(() => {
      void this.#learn(opened, TOOL_SEC * 1000).catch(() => undefined);
    });
  }

  /** The reason comes first, and is never what is cut off. */
  #fail(reason: string, stderr: readonly string[]): void {
    this.#failures += 1;
    const [first = '', ...rest] = withTail(reason, stderr);
    if (!this.#closed.signal.aborted) this.#become('failed', [first, ...rest.slice(1 - MOST_LINES)]);
  }

  #become(state: McpState, lines: readonly string[]): void {
    this.#state = state;
    this.#lines = lines;
    this.#parts.onChange();
  }
}
