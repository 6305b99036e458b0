/** The MCP servers of the user's own configuration, and what can be wrong with one that no layer shows by itself. */
import type { Config } from './schema.ts';

/** The keys of a server, wherever it is configured. */
export type McpSettings = Config['mcp_servers'][string];

/** One server that a session may start. */
export interface McpEntry {
  readonly name: string;
  readonly settings: McpSettings;
  /** The file that configures it, or what stands for one (`-c`). */
  readonly source: string;
  /** The folder in which it starts, and from which a relative `cwd` does; absolute. */
  readonly folder: string;
  /** It is a project's. */
  readonly project?: McpProject | undefined;
  /** Why it cannot be used. */
  readonly problem?: string | undefined;
}

/** What ties the user's word to a server of a project. */
export interface McpProject {
  /** As `projects` lists it. */
  readonly root: string;
  /** Of what the file says of it; see extension-trust.ts. */
  readonly hash: string;
  /** What would run, whole, for the user. */
  readonly lines: readonly string[];
}

/** A name is written before a dot, and between underscores. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]|_(?!_)){0,62}$/;

/** What is wrong with the name of a server; undefined: nothing. */
export function nameProblem(name: string): string | undefined {
  if (NAME.test(name) && !name.endsWith('_')) return undefined;
  return 'the name of a server has letters, digits, - and single _ in it, at most 63';
}

/** What is wrong with a server; undefined: nothing. */
export function settingsProblem({ command, url }: McpSettings): string | undefined {
  if (command !== undefined && url !== undefined) return 'it has both command and url: leave one of them out';
  if (command === undefined && url === undefined)
    return 'it has neither command nor url: write how it is started, or where it runs';
  return undefined;
}

/** The first problem of each server of the user's, with the key to point at. */
export function mcpProblems({
  mcp_servers: servers,
}: Pick<Config, 'mcp_servers'>): { readonly path: readonly string[]; readonly message: string }[] {
  return Object.entries(servers).flatMap(([name, settings]) => {
    const message = nameProblem(name) ?? settingsProblem(settings);
    return message === undefined ? [] : [{ path: ['mcp_servers', name], message }];
  });
}

/** Of a LoadedConfig, whose file imports this one. */
interface Loaded {
  readonly config: Config;
  readonly origins: ReadonlyMap<string, string>;
  readonly path: string;
}

/** Those of the user's own configuration. @param cwd the session's folder. */
export function userServers({ config, origins, path }: Loaded, cwd: string): McpEntry[] {
  return Object.entries(config.mcp_servers).map(([name, settings]) => {
    const key = settings.command === undefined ? 'url' : 'command';
    return { name, settings, source: origins.get(`mcp_servers.${name}.${key}`) ?? path, folder: cwd };
  });
}
