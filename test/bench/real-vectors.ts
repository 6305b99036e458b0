/**
 * What a real embedding model costs and finds: the chunks of a folder without its comments, and the first sentences of those comments
 * as questions.
 *
 * Does not: judge the figures. It writes only to the given folder.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { OllamaClient } from '../../src/model/client.ts';
import { IndexCore } from '../../src/repo-index/index-core.ts';
import { chunkSource } from '../../src/repo-index/vectors/chunk-source.ts';
import { syncVectors } from '../../src/repo-index/vectors/vector-sync.ts';
import { createVectors, type Vectors } from '../../src/repo-index/vectors/vectors.ts';
import { never } from '../repo-index/vector-items.ts';
import { commentQuestions, type Question } from './retrieval-queries.ts';

const PLACES = 10;
const K = 50;
const MOST_QUESTIONS = 60;
const LARGE = 5_000;

interface Found {
  /** Part of the questions with the answer among the first five places. */
  readonly hit5: number;
  readonly mrr: number;
  readonly medianMs: number;
}

/** @param host of the Ollama server. @param root the folder that is asked about. @param work an empty folder. */
export async function measureRealModel(host: string, root: string, work: string): Promise<string[]> {
  const copy = path.join(work, 'copy');
  mkdirSync(copy, { recursive: true });
  const questions = await commentQuestions(root, copy, MOST_QUESTIONS);
  const core = new IndexCore({ root: copy, folder: path.join(work, 'index'), watch: false });
  await core.update('all');
  const made = await createVectors(
    {
      dataDir: work,
      db: core.store().db,
      config: {},
      isLocalOnly: true,
      ollama: new OllamaClient({ host, headers: {} }),
      repositoryKey: 'bench',
      isForced: true,
    },
    never.signal,
  );
  if ('unavailable' in made) return [`real model: ${made.unavailable}`];
  // As in a session, a new one each time: it remembers the file that it has read.
  const sync = () => syncVectors(made, chunkSource(copy, core.store(), made.db.model), never.signal);
  const build = await timed(sync);
  const chunks = core.status().chunks;
  const saved = questions[0]?.files[0] ?? '';
  changeMiddle(path.join(copy, saved));
  const save = await timed(async () => {
    await core.update([saved]);
    await sync();
  });
  const words = await find(core, questions, undefined);
  const both = await find(core, questions, made);
  const { promptTokens, refused } = made.embedder.counts;
  await made.close();
  await core.close();
  const perChunk = build / chunks;
  return [
    `${made.embedder.model.name}, ${chunks} chunks of ${path.basename(root)}: ${(build / 1000).toFixed(0)} s cold ` +
      `(${(1000 / perChunk).toFixed(1)}/s; ${LARGE} chunks: ${((perChunk * LARGE) / 60_000).toFixed(0)} min), ` +
      `${Math.round(promptTokens / chunks)} tokens a chunk, ${refused} refused, a save ${save.toFixed(0)} ms`,
    `by words alone: ${line(words)}`,
    `with vectors: ${line(both)}`,
  ];
}

/** Another line in the middle: one chunk is another one. */
function changeMiddle(file: string): void {
  const lines = readFileSync(file, 'utf8').split('\n');
  lines.splice(Math.floor(lines.length / 2), 0, '// changed');
  writeFileSync(file, lines.join('\n'));
}

const line = ({ hit5, mrr, medianMs }: Found): string =>
  `hit@5 ${hit5.toFixed(2)}, MRR ${mrr.toFixed(3)}, a search ${medianMs.toFixed(0)} ms (median)`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function find(core: IndexCore, questions: readonly Question[], made?: Vectors): Promise<Found> {
  const times: number[] = [];
  let [hit5, mrr] = [0, 0];
  for (const { text, files } of questions) {
    let places: string[] = [];
    times.push(
      await timed(async () => {
        const vector = await made?.embedder.embedQuery(text, never.signal);
        const vectors = vector === undefined ? [] : await made?.store.query(vector, K, never);
        places = (await core.search(text, { limit: PLACES, vectors })).map(({ path: file }) => file);
      }),
    );
    const place = places.findIndex((file) => files.includes(file));
    hit5 += place >= 0 && place < 5 ? 1 : 0;
    mrr += place < 0 ? 0 : 1 / (place + 1);
  }
  times.sort((a, b) => a - b);
  const count = Math.max(1, questions.length);
  return { hit5: hit5 / count, mrr: mrr / count, medianMs: times[Math.floor(times.length / 2)] ?? 0 };
}
