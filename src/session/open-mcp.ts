/** Opens the MCP servers of a session: those of the user, and of a project's those that the user has allowed, now or when asked. */
import path from 'node:path';
import { printable } from '../config/errors.ts';
import type { McpProject } from '../config/mcp-servers.ts';
import { type Brought, offerAll } from '../extensions/offer-brought.ts';
import { ConfiguredServers } from '../mcp/configured-servers.ts';
import { ManifestCache } from '../mcp/manifest-cache.ts';
import { Server } from '../mcp/server.ts';
import type { ExtensionParts } from './extension-parts.ts';
import { foundServers, type KnownServer } from './found-servers.ts';
import { connector } from './mcp-connect.ts';
import type { SessionPlan } from './plan.ts';
import { LastingPermits } from './tool-permits.ts';

const notYet = (name: string): string => `You have not allowed it: oagent mcp allow ${name}`;
const REFUSED = 'You have refused it.';

/** @returns undefined if there is none that may be used. */
export function openServers(
  plan: SessionPlan,
  { now, emit, offer }: ExtensionParts,
): ConfiguredServers | undefined {
  const warn = (message: string): void => emit({ type: 'warning', message });
  const { servers: found, warnings } = foundServers(plan);
  for (const warning of warnings) warn(warning);
  const named = found.filter(({ isHidden, trust }) => !isHidden && trust !== 'refused');
  const asked = named.filter(({ trust }) => trust === 'unknown');
  const used = offer === undefined ? named.filter(({ trust }) => trust !== 'unknown') : named;
  if (offer === undefined && asked.length > 0) warn(leftOut(asked));

  let changed = (): void => undefined;
  const cache = new ManifestCache(plan.home);
  const connect = connector(now);
  const servers = used.map(({ entry }) => {
    const confinement = (): string => (entry.settings.sandbox === true ? confined(now()) : '');
    return new Server({ entry, cache, connect, confinement, onChange: () => changed() });
  });
  if (servers.every(({ isOff }) => isOff)) return undefined;
  const brought = servers.flatMap((server): Brought[] => {
    const { entry } = server;
    if (entry.project === undefined || !asked.some((one) => one.entry === entry)) return [];
    server.switchOff(notYet(printable(server.name)));
    return [broughtOf(server, entry.project)];
  });
  const { config } = plan.loaded;
  const all = new ConfiguredServers(servers, {
    permits: new LastingPermits(plan),
    directTokens: config.mcp.direct_tokens,
  });
  changed = all.changed;
  for (const warning of all.warnings) warn(warning);
  if (offer !== undefined) void offerAll(brought, offer, { home: plan.home, warn });
  return all;
}

function broughtOf(server: Server, { root, hash, lines }: McpProject): Brought {
  const { name, entry } = server;
  const would =
    entry.settings.command === undefined
      ? 'it would get what the model sends to it'
      : 'it would run outside the sandbox, with all your rights';
  const reason = `${would}, and comes with the project (${printable(path.relative(root, entry.source))})`;
  return {
    ...{ kind: 'mcp', name, lines, reason, trust: { root, id: `mcp:${name}`, hash } },
    decided: (isAllowed) => server.switchOff(isAllowed ? undefined : REFUSED),
  };
}

/** What of the permissions confines a server: with others it is started anew. */
function confined({ permissions }: SessionPlan): string {
  const { mode, writableRoots, excludeSlashTmp, excludeTmpdirEnvVar } = permissions;
  return JSON.stringify({ mode, writableRoots, excludeSlashTmp, excludeTmpdirEnvVar });
}

function leftOut(servers: readonly KnownServer[]): string {
  const names = servers.map(({ entry }) => printable(entry.name));
  return `oagent is not using MCP servers of this project, because you have not allowed them (${names.join(', ')}). Look at one and allow it with \`oagent mcp allow ${names[0]}\``;
}
