/** The MCP servers that the configuration or the project names; without one nothing of them is loaded. */
import { mcpFiles } from '../config/mcp-files.ts';
import type { McpServers } from '../mcp/mcp-servers.ts';
import type { ExtensionParts } from './extension-parts.ts';
import type { SessionPlan } from './plan.ts';

export async function openMcp(plan: SessionPlan, parts: ExtensionParts): Promise<McpServers | undefined> {
  const { config } = plan.loaded;
  const hasOwn = Object.keys(config.mcp_servers).length > 0;
  if (!hasOwn && mcpFiles(config, plan.cwd).length === 0) return undefined;
  const { openServers } = await import('./open-mcp.ts');
  return openServers(plan, parts);
}
