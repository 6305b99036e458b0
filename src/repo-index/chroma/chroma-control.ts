/**
 * The connection that holds a Chroma server: as long as it is open, the server lives, and when it closes, the server has ended.
 *
 * Invariants: it counts only after the other side has sent the token of `server.json`, so that a stranger on a port that
 * was reused is never taken for the server. It does not keep our process alive.
 */
import { connect } from 'node:net';
import { within } from '../../system/within.ts';

export interface HoldTarget {
  readonly token: string;
  readonly port: number;
  readonly controlPort: number;
}

export interface Holding {
  readonly port: number;
  readonly pid: number;
  /** Resolves when the connection ends, from either side. */
  readonly lost: Promise<void>;
  letGo(): void;
  /** Waits for the end, and keeps our process alive until then. */
  wait(): Promise<void>;
}

/** Longest greeting that is read. */
const GREETING_LIMIT = 1024;

/** Undefined: nobody listens there, or it is not the server we look for, or it does not answer in time. */
export async function hold(
  target: HoldTarget,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Holding | undefined> {
  const socket = connect({ host: '127.0.0.1', port: target.controlPort });
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
  const { promise: greeting, resolve: greet } = Promise.withResolvers<string>();
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (part: string) => {
    if (text.length < GREETING_LIMIT) text += part;
    if (text.includes('\n')) greet(text);
  });
  socket.on('error', () => undefined);
  socket.on('end', () => socket.destroy());
  socket.on('close', () => {
    lose();
    greet('');
  });
  const waited = await within(greeting, timeoutMs, signal);
  const pid = waited.kind === 'done' ? pidOf(waited.value, target.token) : undefined;
  if (pid === undefined) socket.destroy();
  signal.throwIfAborted();
  if (pid === undefined) return undefined;
  socket.unref();
  const wait = (): Promise<void> => {
    socket.ref();
    return lost;
  };
  return { port: target.port, pid, lost, letGo: () => void socket.destroy(), wait };
}

function pidOf(greeting: string, token: string): number | undefined {
  try {
    const said = JSON.parse(greeting) as { token?: unknown; pid?: unknown };
    return said.token === token && typeof said.pid === 'number' && said.pid > 1 ? said.pid : undefined;
  } catch {
    return undefined;
  }
}
