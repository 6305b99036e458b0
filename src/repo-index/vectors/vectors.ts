/**
 * The vectors of an index in one piece: an embedding model, and a store for its vectors, both taken from the configuration.
 *
 * Invariants: without a model there are no vectors and the search is by keywords, and the status says so; without Chroma the exact
 * local search is used.
 */
import { hostname, userInfo } from 'node:os';
import { ModelError } from '../../model/errors.ts';
import type { ModelServer } from '../../model/server.ts';
import type { Sqlite } from '../../system/sqlite.ts';
import { parseChromaUrl } from '../chroma/chroma-store.ts';
import {
  type ChromaTarget,
  LOCAL_ONLY,
  noServer,
  onlyWhile,
  ownServer,
  usersServer,
} from '../chroma/chroma-target.ts';
import { ChromaVectors } from '../chroma/chroma-vectors.ts';
import { sha1 } from '../reading/read-file.ts';
import type { EmbedClient } from './embed-call.ts';
import type { MemoryOptions } from './embed-memory.ts';
import { chooseEmbedModel } from './embed-models.ts';
import { Embedder } from './embedder.ts';
import { VectorDb } from './vector-db.ts';
import { VectorStoreError } from './vector-store.ts';
import type { NoVectors, VectorsStatus } from './vectors-state.ts';

/** The keys of `[index]` that are about vectors. */
export interface VectorConfig {
  readonly embed_model?: string;
  /** Of the user's own server; undefined: ours. */
  readonly chroma_url?: string;
  readonly chroma_headers?: { readonly [name: string]: string };
  readonly chroma_tenant?: string;
  readonly chroma_database?: string;
}

export interface VectorsOptions extends MemoryOptions {
  /** The repository's folder in the cache, for the files of our server. */
  readonly dataDir: string;
  /** The index's file; all calls are from the thread that opened it. */
  readonly db: Sqlite;
  readonly config: VectorConfig;
  /** Without Chroma: for a single search. */
  readonly isLocalOnly?: boolean;
  readonly ollama: EmbedClient & Pick<ModelServer, 'tags' | 'show'>;
  /**
   * Tells indexes apart on the user's server (`repositoryKey`): an index takes unknown vectors in its collection for a fault, and
   * rebuilds it.
   */
  readonly repositoryKey: string;
  /** False once the index's file is no longer the repository's: then no Chroma is started for it. Default: always true. */
  readonly isCurrent?: () => boolean;
  /** File of Chroma's native addon; default: $OAGENT_CHROMA_ADDON, else that of the package. */
  readonly addon?: string;
}

export interface Vectors {
  readonly db: VectorDb;
  readonly store: ChromaVectors;
  readonly embedder: Embedder;
  readonly status: () => VectorsStatus;
  /** Drops cached vectors that nothing uses any more, all but the newest `keep`. */
  readonly prune: (keep?: number) => number;
  /** Before the SQLite file is closed. */
  readonly close: () => Promise<void>;
}

/** `isPassing`: the server could not be asked. */
export interface Unavailable extends NoVectors {
  readonly isPassing?: true;
}

/** Vectors of deleted code, which may come back with a branch. */
const KEEP_UNUSED = 20_000;

/** Rejects only with the signal's reason, or what SQLite throws. Chroma's server starts in the background. */
export async function createVectors(
  options: VectorsOptions,
  signal: AbortSignal,
): Promise<Vectors | Unavailable> {
  let choice: Awaited<ReturnType<typeof chooseEmbedModel>>;
  try {
    choice = await chooseEmbedModel(options.ollama, options.config.embed_model, signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof ModelError)) throw error;
    return { unavailable: error.message, isPassing: true };
  }
  if ('unavailable' in choice) return choice;
  const { model } = choice;
  const db = new VectorDb(options.db, model.key);
  const target = options.isLocalOnly ? LOCAL_ONLY : onlyWhile(options.isCurrent, targetOf(options));
  const store = new ChromaVectors(db, target);
  const embedder = new Embedder({
    client: options.ollama,
    model,
    db,
    isChatBusy: options.isChatBusy,
    chatModel: options.chatModel,
    isForced: options.isForced,
  });
  return {
    db,
    store,
    embedder,
    status: () => ({
      ...store.state(),
      model: model.name,
      dimensions: db.dimensions(),
      target: target.name,
      embedding: embedder.counts,
    }),
    prune: (keep = KEEP_UNUSED) => db.prune(keep),
    close: () => store.close(),
  };
}

/** Different for each index: two of one repository, in two homes, know nothing of each other. @param folder of the index. */
export function repositoryKey(folder: string): string {
  return sha1([hostname(), userName(), folder].join('\0')).toString('hex');
}

/** A user without an entry in the user database has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}

function targetOf({ config, dataDir, repositoryKey, addon }: VectorsOptions): ChromaTarget {
  if (config.chroma_url === undefined) return ownServer({ dataDir, addon });
  try {
    const address = {
      ...parseChromaUrl(config.chroma_url),
      headers: config.chroma_headers,
      tenant: config.chroma_tenant,
      database: config.chroma_database,
    };
    return usersServer(address, repositoryKey);
  } catch (error) {
    if (!(error instanceof VectorStoreError)) throw error;
    return noServer(error.message);
  }
}
