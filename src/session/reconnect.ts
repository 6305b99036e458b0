import type { Config } from '../config/schema.ts';

/** Nobody is there to end the waiting. */
const UNATTENDED_MS = 60_000;

/** Milliseconds for which a server that is away or busy is waited for. */
export function reconnectMs({ ollama }: Config, source: string): number {
  return ollama.reconnect_ms ?? (source === 'exec' ? UNATTENDED_MS : Number.POSITIVE_INFINITY);
}
