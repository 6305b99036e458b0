/** The start of a server that somebody waits for: shown from its beginning on, and with what the server says meanwhile. */
import type { Server } from '../server.ts';

/** @throws as `started` does. */
export function shownStart(server: Server, signal: AbortSignal, say: (line: string) => void): Promise<void> {
  if (server.info.state !== 'running') say(`starting ${server.name} …`);
  return server.started(signal, (text) => say(`${server.name}: ${text}`));
}
