/** A process that writes vectors for ever: says the server's number, then a line a batch, until it is killed. */
import { DatabaseSync } from 'node:sqlite';
import { ownServer } from '../../src/repo-index/chroma/chroma-target.ts';
import { ChromaVectors } from '../../src/repo-index/chroma/chroma-vectors.ts';
import { VectorDb } from '../../src/repo-index/vectors/vector-db.ts';
import { items, never } from './vector-items.ts';

const [folder = '', from = '0'] = process.argv.slice(2);
const file = new DatabaseSync(`${folder}/index.db`);
file.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL');
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
