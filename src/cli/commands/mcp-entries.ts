/** The MCP servers that `oagent mcp` speaks of: the user's, and those that the project brings. */
import { nearestName } from '../../config/suggest.ts';
import { foundServers, type KnownServer } from '../../session/found-servers.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';

export const out = (line: string): void => void process.stdout.write(`${sanitizeForTerminal(line)}\n`);
export const note = (line: string): void => void process.stderr.write(`${sanitizeForTerminal(line)}\n`);

/** Warnings are said, those of the configuration too. */
export function knownServers(plan: SessionPlan): readonly KnownServer[] {
  const { servers, warnings } = foundServers(plan);
  for (const warning of [...plan.loaded.warnings, ...warnings]) note(`warning: ${warning}`);
  return servers;
}

/** The one that a session would use. Undefined: there is none, which is said. */
export function serverNamed(name: string, plan: SessionPlan): KnownServer | undefined {
  const servers = knownServers(plan);
  const found = servers.find(({ entry, isHidden }) => entry.name === name && !isHidden);
  if (found === undefined) note(unknownServer(name, servers));
  return found;
}

export function unknownServer(name: string, servers: readonly KnownServer[]): string {
  const names = servers.map(({ entry }) => entry.name);
  const near = nearestName(name, names);
  const rest = near === undefined ? '`oagent mcp list` lists those that there are' : `do you mean ${near}?`;
  return `Error: there is no MCP server ${name}: ${rest}`;
}

/** Why it cannot be used, and what to do; undefined: it can. */
export function refusal({ entry, trust }: KnownServer): string | undefined {
  const { name, problem } = entry;
  if (problem !== undefined) return `Error: ${name} cannot be used: ${problem}`;
  if (trust === undefined || trust === 'allowed') return undefined;
  const why = trust === 'refused' ? 'you have refused it' : 'you have not allowed it';
  return `Error: ${name} comes with the project, and ${why}.\nTo see what it is and allow it: oagent mcp allow ${name}`;
}
