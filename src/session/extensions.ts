/**
 * What the user and the project have added to a session: MCP servers, skills, commands of their own, hooks.
 *
 * Invariants: nothing of what is not there is loaded; the tools are settled when the session begins, because a tool that
 * came later would make the server read the whole prompt again.
 */
import type { CustomCommands } from '../extensions/commands/custom-commands.ts';
import type { Hooks } from '../extensions/hooks/hooks.ts';
import type { Skills } from '../extensions/skills/skills.ts';
import type { McpServers } from '../mcp/mcp-servers.ts';
import type { ExtensionParts } from './extension-parts.ts';
import { openHooks } from './hooks.ts';
import { openMcp } from './mcp.ts';
import type { SessionPlan } from './plan.ts';
import { openSkills } from './skills.ts';

/** Absent: there are none. */
export interface Extensions {
  readonly mcp?: McpServers | undefined;
  readonly skills?: Skills | undefined;
  readonly commands?: CustomCommands | undefined;
  readonly hooks?: Hooks | undefined;
  /** Resolves when no process of theirs is left. Never rejects. */
  readonly close: () => Promise<void>;
}

export async function openExtensions(
  plan: SessionPlan,
  { emit, offer, now = () => plan }: Pick<ExtensionParts, 'emit'> & Partial<ExtensionParts>,
): Promise<Extensions> {
  const parts: ExtensionParts = { emit, offer, now };
  const [mcp, skills, hooks] = await Promise.all([
    openMcp(plan, parts),
    openSkills(plan),
    openHooks(plan, parts),
  ]);
  // `exec` looks for the one that it is given, before the session.
  const custom = plan.source === 'exec' ? undefined : await import('./custom-commands.ts');
  const commands = await custom?.openCustomCommands(plan, { ...parts, mcp, skills });
  return {
    mcp,
    skills,
    commands,
    hooks,
    close: async () => {
      await Promise.all([mcp?.close(), hooks?.close()]);
    },
  };
}
