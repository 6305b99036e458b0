/** The tools of MCP servers that the user has allowed for good: in config.toml, for a project's server with what was shown of it. */

import { setInConfig } from '../config/edit-config.ts';
import { printable } from '../config/errors.ts';
import { extensionTrust, setExtensionTrust } from '../config/extension-trust.ts';
import { formatKeyPath } from '../config/key-path.ts';
import type { KnownTool } from '../mcp/tools/known-tools.ts';
import type { ToolPermits } from '../mcp/tools/run-call.ts';
import type { SessionPlan } from './plan.ts';

export class LastingPermits implements ToolPermits {
  readonly #plan: Pick<SessionPlan, 'home' | 'loaded'>;
  /** Allowed since the configuration was read. */
  readonly #allowed = new Set<string>();

  constructor(plan: Pick<SessionPlan, 'home' | 'loaded'>) {
    this.#plan = plan;
  }

  readonly isAllowed = (tool: KnownTool): boolean => {
    if (this.#allowed.has(idOf(tool))) return true;
    const { project, settings } = tool.of.entry;
    if (project === undefined) return settings.tools?.[tool.tool]?.approval_mode === 'approve';
    const { config } = this.#plan.loaded;
    return extensionTrust(config, project.root, idOf(tool), project.hash) === 'allowed';
  };

  readonly allow = (tool: KnownTool): void => {
    const { project } = tool.of.entry;
    const { home, loaded } = this.#plan;
    // A table with nothing but this would be a server that nobody can start.
    if (project === undefined && tool.of.entry.source !== loaded.path)
      throw new Error(`${tool.server} is not configured in ${printable(loaded.path)}`);
    if (project === undefined) setInConfig(home, tableOf(tool), { approval_mode: 'approve' });
    else setExtensionTrust(home, project.root, idOf(tool), project.hash, 'allowed');
    this.#allowed.add(idOf(tool));
  };

  readonly howToAllow = (tool: KnownTool): string =>
    tool.of.entry.project === undefined
      ? `approval_mode = "approve" under [${formatKeyPath(tableOf(tool))}] in config.toml`
      : 'asked in an interactive session';
}

const idOf = ({ server, tool }: KnownTool): string => `mcp-tool:${server}.${tool}`;
const tableOf = ({ server, tool }: KnownTool): string[] => ['mcp_servers', server, 'tools', tool];
