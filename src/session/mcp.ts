/** The MCP servers that the configuration names; without one nothing of them is loaded. */
import type { McpServers } from '../mcp/mcp-servers.ts';
import type { ExtensionParts } from './extension-parts.ts';
import type { SessionPlan } from './plan.ts';

export async function openMcp(_plan: SessionPlan, _parts: ExtensionParts): Promise<McpServers | undefined> {
  return undefined;
}
