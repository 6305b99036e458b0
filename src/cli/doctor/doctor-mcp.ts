/** What the doctor says of MCP servers; nothing is started. Loaded only where there are any. */

import { foundServers, type KnownServer } from '../../session/found-servers.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { hasLine, unstarted } from '../commands/mcp-list.ts';
import type { McpFinding } from './doctor-facts.ts';

/** One line for each server. */
export function mcpChecks(plan: SessionPlan): McpFinding[] {
  const { servers, warnings } = foundServers(plan);
  return [
    ...servers.filter(({ isHidden }) => !isHidden).map((server) => serverCheck(server, plan.home)),
    ...warnings.map((warning): McpFinding => ({ section: 'MCP', mark: 'warn', lines: [warning] })),
  ];
}

function serverCheck({ entry, trust }: KnownServer, home: string): McpFinding {
  const { name, problem, settings } = entry;
  const section = 'MCP';
  if (settings.enabled === false) return { section, mark: 'ok', lines: [`${name}: switched off`] };
  if (trust === 'refused') return { section, mark: 'ok', lines: [`${name}: you have refused it`] };
  if (trust === 'unknown') {
    const cure = `To see what it is and allow it: oagent mcp allow ${name}`;
    return { section, mark: 'warn', lines: [`${name} comes with the project and is not used`, cure] };
  }
  if (problem !== undefined)
    return {
      section,
      mark: 'warn',
      lines: [`${name} cannot be used: ${problem}`, `It is configured in ${entry.source}`],
    };
  const { manifest, tools } = unstarted(entry, home);
  const has = manifest === undefined ? 'has not run yet' : hasLine(tools.length, manifest);
  return { section, mark: 'ok', lines: [`${name}: ${has}; to try it: oagent mcp test ${name}`] };
}
