import type { Config } from '../config/schema.ts';

/** Nobody is there to end the waiting. */
const UNATTENDED_MS = 60_000;

/** Then the turn fails, and the next one can go to another host: no turn changes its host. */
const WITH_OTHERS_MS = 15_000;

/** Milliseconds for which a server that is away or busy is waited for. @param hosts how many there are. */
export function reconnectMs({ ollama }: Config, source: string, hosts = 1): number {
  if (ollama.reconnect_ms !== undefined) return ollama.reconnect_ms;
  if (source === 'exec') return UNATTENDED_MS;
  return hosts > 1 ? WITH_OTHERS_MS : Number.POSITIVE_INFINITY;
}
