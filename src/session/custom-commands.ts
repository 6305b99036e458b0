/** The commands that are not oagent's own; without one nothing of them is loaded. */
import type { CustomCommands } from '../extensions/commands/custom-commands.ts';
import type { Skills } from '../extensions/skills/skills.ts';
import type { McpServers } from '../mcp/mcp-servers.ts';
import type { ExtensionParts } from './extension-parts.ts';
import type { SessionPlan } from './plan.ts';

export async function openCustomCommands(
  _plan: SessionPlan,
  _parts: ExtensionParts & {
    readonly mcp: McpServers | undefined;
    readonly skills: Skills | undefined;
  },
): Promise<CustomCommands | undefined> {
  return undefined;
}
