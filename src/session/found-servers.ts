/** The MCP servers that are configured for a session's folder: the user's, and those that the project brings. */
import { type ExtensionTrust, extensionTrust } from '../config/extension-trust.ts';
import { projectServers } from '../config/mcp-project.ts';
import { type McpEntry, type McpProject, userServers } from '../config/mcp-servers.ts';
import type { SessionPlan } from './plan.ts';

export interface KnownServer {
  readonly entry: McpEntry;
  /** Of a server of the project. */
  readonly trust?: ExtensionTrust | undefined;
  /** One of the user's has the name too, and is the one that is used. */
  readonly isHidden: boolean;
}

interface FoundServers {
  readonly servers: readonly KnownServer[];
  /** For the user, one line each. */
  readonly warnings: readonly string[];
}

type Place = Pick<SessionPlan, 'loaded' | 'cwd' | 'home' | 'env'>;

export function foundServers({ loaded, cwd, home, env }: Place): FoundServers {
  const own = userServers(loaded, cwd);
  const { entries, warnings } = projectServers(loaded.config, { cwd, home, env });
  const names = new Set(own.map(({ name }) => name));
  const brought = entries.map((entry) => ({
    entry,
    trust: entry.project && trustOf(entry.name, entry.project, loaded),
    isHidden: names.has(entry.name),
  }));
  return { servers: [...own.map((entry) => ({ entry, isHidden: false })), ...brought], warnings };
}

function trustOf(name: string, { root, hash }: McpProject, { config }: Place['loaded']): ExtensionTrust {
  return extensionTrust(config, root, `mcp:${name}`, hash);
}
