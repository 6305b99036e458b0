/**
 * Our own Chroma server: one process per data directory, shared by every oagent that works there.
 *
 * Owns: starting its process (chroma-host.cjs) or joining the one that runs, and noticing its end.
 * Invariants: loopback only; the server lives as long as one connection to its control port does, so it ends with the
 * last oagent, even if that was killed; only a process that holds the lock of the directory is ever killed.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processStat } from '../../system/process-stat.ts';
import { errorMessage } from '../../text/error-message.ts';
import { type Holding, hold } from './chroma-control.ts';
import { findAddon, loadFailure, type NoAddon } from './chroma-probe.ts';
import { startHost } from './chroma-process.ts';

export interface ChromaServerOptions {
  /** Holds `chroma/` (the vectors), the lock and `server.json`. Created if it does not exist. */
  readonly dataDir: string;
  /** File of the native addon; default: $OAGENT_CHROMA_ADDON, else that of the chromadb package. */
  readonly addon?: string;
  /** For tests; default: a free port of the system's choice. */
  readonly pickPort?: () => Promise<number>;
  /** How long a starting or running server may take to answer. Default 15 s. */
  readonly startTimeoutMs?: number;
}

export interface ChromaServer {
  readonly port: number;
  readonly pid: number;
  /** Another oagent started it. */
  readonly isJoined: boolean;
  /** Resolves when the server has ended, or this oagent has let go of it. */
  readonly lost: Promise<void>;
  /** Lets go: the server ends if nobody else holds it. Writes must have been awaited. */
  close(): Promise<void>;
  /** Ends the server for everybody, and waits until it is gone. */
  kill(): Promise<void>;
}

export type ChromaStart =
  | { readonly server: ChromaServer }
  | { readonly unavailable: string; readonly cause: StartFailure };

/**
 * - `unsupported`, `unloadable`: no later try can help.
 * - `busy`: another process is starting it, or no port was free.
 * - `failed`: the server ended, perhaps over what it has on disk.
 */
export type StartFailure = NoAddon['cause'] | 'busy' | 'failed';

/** A port can be taken between our choice and the server's; a lock can be freed and taken between two looks. */
const MAX_TRIES = 40;
const MAX_FAILED_STARTS = 2;
const LOCK_POLL_MS = 50;
/** A running server greets at once; a starting one holds the lock before it can. */
const GREETING_MS = 2000;
const LOCK_PATIENCE_MS = 8000;
const START_TIMEOUT_MS = 15_000;

/** Where the server of that directory keeps its vectors. It may be deleted only while no server runs. */
export const chromaFolder = (dataDir: string): string => path.join(dataDir, 'chroma');

/** Joins the server of the directory, or starts it. Rejects only with the signal's reason. */
export async function startChroma(options: ChromaServerOptions, signal: AbortSignal): Promise<ChromaStart> {
  const found = findAddon(options.addon);
  if ('unavailable' in found) return found;
  const timeoutMs = options.startTimeoutMs ?? START_TIMEOUT_MS;
  const startedAt = performance.now();
  const deadline = startedAt + timeoutMs;
  const patienceEnds = startedAt + Math.min(LOCK_PATIENCE_MS, timeoutMs / 2);
  try {
    await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    return { unavailable: `cannot write to ${options.dataDir}: ${errorMessage(error)}`, cause: 'busy' };
  }
  let failed = 0;
  let reason = 'it did not answer';
  tries: for (let attempt = 0; attempt < MAX_TRIES && performance.now() < deadline; attempt += 1) {
    signal.throwIfAborted();
    const joined = await join(options.dataDir, Math.min(GREETING_MS, timeoutMs / 4), signal);
    if (joined !== undefined) return { server: serverOf(joined, true) };
    const port = await (options.pickPort ?? freePort)();
    const outcome = await startHost(options.dataDir, found.addon, port, deadline - performance.now(), signal);
    reason = outcome.reason ?? outcome.state;
    switch (outcome.state) {
      case 'ready': {
        const own = await join(options.dataDir, timeoutMs, signal);
        outcome.release();
        if (own !== undefined) return { server: serverOf(own, false) };
        break;
      }
      case 'locked':
        reason = 'another process holds its data directory and does not answer';
        if (performance.now() > patienceEnds) break tries;
        await delay(LOCK_POLL_MS, undefined, { signal });
        break;
      case 'unloadable':
        return loadFailure(reason);
      case 'port_taken':
        break;
      case 'failed':
        // Another program may have taken the port at the last moment, which looks the same.
        failed += 1;
        if (failed >= MAX_FAILED_STARTS) return { unavailable: reason, cause: 'failed' };
        break;
      default:
        outcome.state satisfies never;
    }
  }
  await killHung(options.dataDir);
  return { unavailable: reason, cause: 'busy' };
}

async function join(dataDir: string, timeoutMs: number, signal: AbortSignal): Promise<Holding | undefined> {
  const info = await readInfo(dataDir);
  return info && hold(info, timeoutMs, signal);
}

interface ServerInfo {
  readonly token: string;
  readonly pid: number;
  readonly port: number;
  readonly controlPort: number;
  readonly bornAt: string;
}

async function readInfo(dataDir: string): Promise<ServerInfo | undefined> {
  try {
    const info = JSON.parse(await readFile(path.join(dataDir, 'server.json'), 'utf8')) as ServerInfo;
    return info.controlPort > 0 && info.port > 0 && info.pid > 1 ? info : undefined;
  } catch {
    return undefined;
  }
}

/** The holder of the lock exists but does not answer: stopped or spinning. It is killed if it certainly is that process. */
async function killHung(dataDir: string): Promise<void> {
  const info = await readInfo(dataDir);
  if (info === undefined || info.bornAt === '' || bornAt(info.pid) !== info.bornAt) return;
  try {
    process.kill(info.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
  await rm(path.join(dataDir, 'server.json'), { force: true });
}

/** The kernel's mark of when a process began, which no later process with the same number has; empty if there is none. */
function bornAt(pid: number): string {
  return processStat(pid)[19] ?? '';
}

function serverOf(holding: Holding, isJoined: boolean): ChromaServer {
  return {
    port: holding.port,
    pid: holding.pid,
    isJoined,
    lost: holding.lost,
    close: async () => holding.letGo(),
    kill: async () => {
      try {
        process.kill(holding.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
      await holding.wait();
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
