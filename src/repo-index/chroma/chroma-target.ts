/**
 * Which Chroma the index uses: a server of our own beside it, or the one whose address the user gave.
 *
 * Invariants: what was opened is closed by `close`, whatever happens in between. Only our own server is ever wiped.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import {
  type ChromaServer,
  type ChromaServerOptions,
  chromaFolder,
  type StartFailure,
  startChroma,
} from './chroma-server.ts';
import { type ChromaAddress, ChromaStore, collectionName } from './chroma-store.ts';

export interface OpenTarget {
  readonly store: ChromaStore;
  /** Resolves when the server is known to have ended; never for the user's. */
  readonly lost: Promise<void>;
  /** Undefined for the user's. */
  readonly server: ChromaServer | undefined;
  /** Whether the server answers. */
  isAnswering(): Promise<boolean>;
  close(): Promise<void>;
  /** Ends a server that does not answer, for everybody. The user's is left alone. */
  kill(): Promise<void>;
}

type TargetOutcome =
  | { readonly open: OpenTarget }
  | { readonly unavailable: string; readonly cause: StartFailure };

export interface ChromaTarget {
  /** For messages: `own Chroma server`, or its address. */
  readonly name: string;
  /** It is never opened: only the local search is used, on purpose. */
  readonly isOff?: true;
  open(model: string, dimensions: number, signal: AbortSignal): Promise<TargetOutcome>;
  /** Whether the server can have any vector, now or when it is found again. */
  mayHoldVectors(): boolean;
  /** Deletes everything that our server has on disk; it must have ended. The user's is left alone. May fail. */
  wipe(): Promise<void>;
}

const HEARTBEAT_TIMEOUT_MS = 3000;
const NEVER = new Promise<void>(() => undefined);

export function ownServer(options: ChromaServerOptions): ChromaTarget {
  return {
    name: 'own Chroma server',
    open: async (model, dimensions, signal) => {
      const start = await startChroma(options, signal);
      if (!('server' in start)) return start;
      const { server } = start;
      const address = { host: '127.0.0.1', port: server.port, ssl: false };
      const store = await ChromaStore.open(address, collectionName('', model, dimensions));
      const close = async (): Promise<void> => {
        await store.close();
        await server.close();
      };
      const kill = async (): Promise<void> => {
        await store.close();
        await server.kill();
      };
      return {
        open: { store, server, lost: server.lost, isAnswering: () => heartbeat(address), close, kill },
      };
    },
    mayHoldVectors: () => existsSync(chromaFolder(options.dataDir)),
    wipe: () => rm(chromaFolder(options.dataDir), { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** @param owner tells this index's collection from others on the server (`repositoryKey`). */
export function usersServer(address: ChromaAddress, owner: string): ChromaTarget {
  return {
    name: `Chroma at ${address.host}:${address.port}`,
    open: async (model, dimensions) => {
      const store = await ChromaStore.open(address, collectionName(owner, model, dimensions));
      const close = (): Promise<void> => store.close();
      return {
        open: { store, server: undefined, lost: NEVER, isAnswering: async () => true, close, kill: close },
      };
    },
    mayHoldVectors: () => true,
    wipe: async () => undefined,
  };
}

/** For an index without Chroma. */
export function noServer(reason: string): ChromaTarget {
  return {
    name: 'no Chroma',
    open: async () => ({ unavailable: reason, cause: 'unloadable' }),
    mayHoldVectors: () => true,
    wipe: async () => undefined,
  };
}

/** A target that is opened only while a condition holds. What another index has put in its place must not be rebuilt. */
export function onlyWhile(condition: (() => boolean) | undefined, target: ChromaTarget): ChromaTarget {
  if (condition === undefined) return target;
  return {
    ...target,
    open: async (model, dimensions, signal) =>
      condition()
        ? target.open(model, dimensions, signal)
        : { unavailable: 'the index was deleted', cause: 'unloadable' },
  };
}

/** For a single search: a server would start too late. */
export const LOCAL_ONLY: ChromaTarget = {
  ...noServer('the local search is enough'),
  isOff: true,
};

async function heartbeat({ host, port }: ChromaAddress): Promise<boolean> {
  try {
    const url = `http://${host}:${port}/api/v2/heartbeat`;
    return (await fetch(url, { signal: AbortSignal.timeout(HEARTBEAT_TIMEOUT_MS) })).ok;
  } catch {
    return false;
  }
}
