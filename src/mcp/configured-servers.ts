/** The servers of a session, and what the model and the user get of them. */
import type { McpServerInfo } from '../protocol/extensions.ts';
import { errorMessage } from '../text/error-message.ts';
import type { Tool } from '../tools/tool.ts';
import type { McpPrompt, McpServers } from './mcp-servers.ts';
import { resultForModel } from './result-text.ts';
import type { Server } from './server.ts';
import { directTools } from './tools/direct-tools.ts';
import { createMcpCallTool } from './tools/mcp-call.ts';
import { createMcpFindTool } from './tools/mcp-find.ts';
import type { ToolPermits } from './tools/run-call.ts';

export interface ServersOptions {
  readonly permits: ToolPermits;
  /** For tools that are declared. */
  readonly directTokens: number;
}

export class ConfiguredServers implements McpServers {
  readonly tools: readonly Tool[];
  /** About tools that were to be declared, for the user. */
  readonly warnings: readonly string[];
  readonly #servers: readonly Server[];
  readonly #listeners: (() => void)[] = [];

  constructor(servers: readonly Server[], { permits, directTokens }: ServersOptions) {
    this.#servers = servers;
    const direct = directTools(servers, permits, directTokens);
    this.tools = [createMcpFindTool(servers), createMcpCallTool(servers, permits), ...direct.tools];
    this.warnings = direct.warnings;
  }

  get servers(): readonly McpServerInfo[] {
    return this.#servers.map(({ info }) => info);
  }

  get prompts(): readonly McpPrompt[] {
    return this.#servers.flatMap(({ name: server, manifest, isOff }) =>
      (isOff ? [] : (manifest?.prompts ?? [])).map(({ name, description, arguments: args }) => ({
        server,
        name,
        description,
        arguments: args.map((argument) => argument.name),
      })),
    );
  }

  readonly start = (name: string): void => {
    void this.#servers.find((server) => server.name === name)?.startAgain();
  };

  readonly onChange = (listener: () => void): void => {
    this.#listeners.push(listener);
  };

  readonly changed = (): void => {
    for (const listener of this.#listeners) listener();
  };

  readonly requireAll = async (signal: AbortSignal): Promise<string | undefined> => {
    const required = this.#servers.filter(({ entry }) => entry.settings.required === true);
    const problems = await Promise.all(
      required.map((server) => server.started(signal).then(() => undefined, errorMessage)),
    );
    const found = problems.filter((problem) => problem !== undefined);
    return found.length === 0 ? undefined : found.join('\n');
  };

  readonly prompt: McpServers['prompt'] = async ({ server, name }, values, signal) => {
    const of = this.#named(server);
    const listed = of.manifest?.prompts.find((prompt) => prompt.name === name);
    const names = listed?.arguments ?? [];
    const missing = names.filter(({ isRequired }, at) => isRequired && (values[at] ?? '') === '');
    if (missing.length > 0)
      throw new Error(`${server}:${name} needs ${missing.map((one) => one.name).join(', ')}`);
    // The last argument takes the rest, as a sentence has no quotes around it.
    const rest = names.length === 0 ? [] : values.slice(names.length - 1);
    const given = names.flatMap(({ name: key }, at): [string, string][] => {
      const value = at === names.length - 1 ? rest.join(' ') : (values[at] ?? '');
      return value === '' ? [] : [[key, value]];
    });
    return of.prompt(name, Object.fromEntries(given), { signal });
  };

  readonly resource: McpServers['resource'] = async (server, uri, signal) => {
    const content = await this.#named(server).resource(uri, { signal });
    return resultForModel({ content, isError: false }).text;
  };

  /** Never rejects. */
  readonly close = async (): Promise<void> => {
    await Promise.all(this.#servers.map((server) => server.close()));
  };

  #named(name: string): Server {
    const found = this.#servers.find((server) => server.name === name);
    if (found === undefined) throw new Error(`there is no MCP server ${name}`);
    return found;
  }
}
