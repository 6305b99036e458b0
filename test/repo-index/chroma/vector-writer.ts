/** A process that writes vectors for ever: says the server's number, then a line a batch, until it is killed. */
import { ownServer } from '../../../src/repo-index/chroma/chroma-target.ts';
import { ChromaVectors } from '../../../src/repo-index/chroma/chroma-vectors.ts';
import { VectorDb } from '../../../src/repo-index/vectors/vector-db.ts';
import { Sqlite } from '../../../src/system/sqlite.ts';
import { items, never } from '../vector-items.ts';

const [folder = '', from = '0'] = process.argv.slice(2);
const file = new Sqlite(`${folder}/index.db`, { busyMs: 5_000, pragmas: 'PRAGMA journal_mode = WAL' });
const vectors = new ChromaVectors(new VectorDb(file, 'model'), ownServer({ dataDir: folder }));
let next = Number(from);
await vectors.upsert(items(next, next + 1), never);
await vectors.settled();
console.log(vectors.state().server?.pid);
for (;;) {
  await vectors.upsert(items(next, next + 100), never);
  next += 100;
  console.log(next);
}
