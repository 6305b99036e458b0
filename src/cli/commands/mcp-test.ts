/** `oagent mcp test`: starts a server as a session does, and says what it has or how it failed. */

import { ManifestCache } from '../../mcp/manifest-cache.ts';
import { Server } from '../../mcp/server.ts';
import { connector } from '../../session/mcp-connect.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { errorMessage } from '../../text/error-message.ts';
import { maskSecrets } from '../../text/secrets.ts';
import { note, out, refusal, serverNamed } from './mcp-entries.ts';
import { hasLine } from './mcp-list.ts';

/** @returns the exit code */
export async function testServer(name: string, plan: SessionPlan): Promise<number> {
  const known = serverNamed(name, plan);
  if (known === undefined) return 1;
  const problem = refusal(known);
  if (problem !== undefined) {
    note(problem);
    return 1;
  }
  const said = new Set<string>();
  const server = new Server({
    entry: { ...known.entry, settings: { ...known.entry.settings, enabled: true } },
    cache: new ManifestCache(plan.home),
    connect: connector(() => plan),
    onChange: () => {
      if (server.info.state === 'starting') sayNew(server.info.lines, said);
    },
    confinement: () => '',
  });
  const stop = new AbortController();
  const give = (): void => stop.abort(new Error('given up'));
  process.once('SIGINT', give);
  const began = performance.now();
  note(`Starting ${name} …`);
  try {
    await server.started(stop.signal);
    const exitCode = report(server, performance.now() - began);
    if (known.entry.settings.enabled === false)
      note('It is switched off (enabled = false): sessions do not use it.');
    return exitCode;
  } catch (error) {
    note(`Error: ${maskSecrets(errorMessage(error))}`);
    sayNew(
      server.info.lines.filter((line) => !errorMessage(error).includes(line)),
      said,
    );
    return 1;
  } finally {
    process.off('SIGINT', give);
    await server.close();
  }
}

/** What a program says while it starts. */
function sayNew(lines: readonly string[], said: Set<string>): void {
  for (const line of lines) {
    if (said.has(line)) continue;
    said.add(line);
    note(`  ${maskSecrets(line)}`);
  }
}

function report(server: Server, ms: number): number {
  const { manifest, tools } = server;
  if (manifest === undefined) return 1;
  const { name, version } = manifest.server;
  const what = [name, version].filter((word) => word !== '').join(' ');
  out(
    `${server.name} works: ${what === '' ? '' : `${what}, `}protocol ${manifest.protocolVersion}, ${(ms / 1000).toFixed(1)} s`,
  );
  out(hasLine(tools.length, manifest));
  const left = manifest.tools.length - tools.length;
  if (left > 0) out(`${left} more are left out by enabled_tools and disabled_tools`);
  for (const line of manifest.notes) out(line);
  return 0;
}
