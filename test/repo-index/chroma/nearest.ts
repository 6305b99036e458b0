/** What a server of Chroma finds, asked beside our own store: one request for many vectors, each of which would else be one. */
import { ChromaClient } from 'chromadb';

/** Vectors of one request. */
const BATCH = 500;

/** For each vector the ids that are nearest to it and how near they are, best first. */
export async function nearest(
  port: number,
  name: string,
  vectors: readonly Float32Array[],
  most: number,
): Promise<{ readonly id: string; readonly score: number }[][]> {
  const client = new ChromaClient({ host: '127.0.0.1', port, ssl: false });
  // As our store opens it; one that is not there is empty then, and nothing is found.
  const collection = await client.getOrCreateCollection({
    name,
    configuration: { hnsw: { space: 'cosine' } },
    embeddingFunction: null,
  });
  const found: { id: string; score: number }[][] = [];
  for (let start = 0; start < vectors.length; start += BATCH) {
    const { ids, distances } = await collection.query({
      queryEmbeddings: vectors.slice(start, start + BATCH).map((vector) => Array.from(vector)),
      nResults: most,
      include: ['distances'],
    });
    for (const [at, row] of ids.entries())
      found.push(row.map((id, place) => ({ id, score: 1 - (distances[at]?.[place] ?? 1) })));
  }
  return found;
}
