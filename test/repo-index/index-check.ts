/** Whether an index is whole: its chunks and vectors are those of an index made from nothing, and Chroma finds each. */
import { readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { collectionName } from '../../src/repo-index/chroma/chroma-store.ts';
import { indexFolder } from '../../src/repo-index/queries.ts';
import { IndexService } from '../../src/repo-index/service.ts';
import { INDEX_FILE } from '../../src/repo-index/store/store.ts';
import { vectorOf } from '../../src/repo-index/vectors/vector-db.ts';
import { nearest } from './chroma/nearest.ts';
import { temporaryFolder } from './repository.ts';
import { hasChroma } from './vector-support.ts';

/** Chunks by key, and vectors by chunk with the hash of the text that was embedded. */
export interface Content {
  readonly chunks: readonly string[];
  readonly vectors: readonly string[];
}

export interface Wholeness {
  readonly index: Content;
  /** What an index of the folder has that is made now. */
  readonly fresh: Content;
  /** Vectors that the server of Chroma does not find by themselves, or that are not in the cache. */
  readonly lost: readonly string[];
  readonly backend: string | undefined;
  readonly owed: number | undefined;
}

/** What there should be, for a comparison with one assertion. */
export const whole = ({ fresh }: Wholeness): Wholeness => {
  if (fresh.chunks.length === 0) throw new Error('there is nothing to be indexed');
  return {
    index: fresh,
    fresh: { chunks: fresh.chunks, vectors: fresh.vectors },
    lost: [],
    backend: hasChroma ? 'chroma' : 'local',
    owed: hasChroma ? 0 : fresh.vectors.length,
  };
};

/** Brings the index in `home` up to date in a session of its own, and looks. $OAGENT_CHROMA_ADDON is set. */
export async function wholeness(root: string, home: string, host: string): Promise<Wholeness> {
  const endpoint = { host, headers: {} };
  const open = (folder: string, config: object): IndexService =>
    new IndexService({
      cwd: root,
      home: folder,
      watch: false,
      vectors: { config, endpoint, purpose: 'make' },
    });
  const freshHome = temporaryFolder();
  const index = open(home, {});
  // One without Chroma.
  const other = open(freshHome, { chroma_url: 'ftp://none' });
  try {
    for (const made of [index, other]) {
      await made.update();
      await made.embedded();
    }
    const status = index.status();
    const vectors =
      'vectors' in status && status.vectors && 'backend' in status.vectors ? status.vectors : undefined;
    return {
      index: contentOf(home, root),
      fresh: contentOf(freshHome, root),
      lost: await lostVectors(home, root, vectors?.server?.port),
      backend: vectors?.backend,
      owed: vectors?.owed,
    };
  } finally {
    await Promise.all([index.close(), other.close()]);
  }
}

/** Numbers of the servers that work in the folder of an index. */
export function serversIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch {
        return false;
      }
    })
    .map(Number);
}

function opened(home: string, root: string): DatabaseSync {
  return new DatabaseSync(path.join(indexFolder(home, root), INDEX_FILE), { readOnly: true });
}

const LISTED =
  'SELECT i.model, id, hex(i.sha) AS sha, dim, data FROM vector_ids i LEFT JOIN vectors v ON v.model = i.model AND v.sha = i.sha WHERE state <> 2 ORDER BY id';

export function contentOf(home: string, root: string): Content {
  const db = opened(home, root);
  try {
    return {
      chunks: db
        .prepare('SELECT key FROM chunks ORDER BY key')
        .all()
        .map(({ key }) => String(key)),
      vectors: db
        .prepare(LISTED)
        .all()
        .map(({ id, sha }) => `${id} ${sha}`),
    };
  } finally {
    db.close();
  }
}

async function lostVectors(home: string, root: string, port: number | undefined): Promise<string[]> {
  const db = opened(home, root);
  const rows = db.prepare(LISTED).all();
  db.close();
  const lost: string[] = [];
  const kept: { readonly id: string; readonly collection: string; readonly vector: Float32Array }[] = [];
  for (const { id, model, dim, data } of rows) {
    const vector = data === null ? undefined : vectorOf({ dim, data });
    if (vector === undefined) lost.push(`${id} in the cache`);
    else kept.push({ id: String(id), collection: collectionName('', String(model), vector.length), vector });
  }
  if (port === undefined) return lost;
  for (const [collection, list] of Map.groupBy(kept, (one) => one.collection)) {
    const vectors = list.map(({ vector }) => vector);
    for (const [at, near] of (await nearest(port, collection, vectors, 3)).entries()) {
      const id = list[at]?.id;
      // Others may have the same text.
      if (!near.some((hit) => hit.id === id) && !((near[2]?.score ?? 0) > 0.999))
        lost.push(`${id} in Chroma`);
    }
  }
  return lost;
}
