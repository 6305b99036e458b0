/**
 * What a real embedding model costs and finds: the chunks of a folder without its comments, and the first sentences of those comments
 * as questions; beside them messages about nothing.
 *
 * Does not: judge the figures. It writes only to the given folder.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { OllamaClient } from '../../src/model/client.ts';
import { IndexCore } from '../../src/repo-index/index-core.ts';
import { INJECTION, pack, relevant } from '../../src/repo-index/search/pack.ts';
import type { SearchOptions } from '../../src/repo-index/search/search.ts';
import { queryTokens } from '../../src/repo-index/store/tokens.ts';
import { chunkSource } from '../../src/repo-index/vectors/chunk-source.ts';
import { syncVectors } from '../../src/repo-index/vectors/vector-sync.ts';
import { createVectors, type Vectors } from '../../src/repo-index/vectors/vectors.ts';
import { never } from '../repo-index/vector-items.ts';
import { commentQuestions, type Question } from './retrieval-queries.ts';
import { NOISE } from './user-questions.ts';

const PLACES = 10;
const K = 50;
const MOST_QUESTIONS = 60;
const LARGE = 5_000;
/** An eighth of a window of 32k. */
const BUDGET = 4_096;
/** A shorter message is a reply: nothing is searched for. */
const LEAST_TOKENS = 2;

interface Found {
  /** Part of the questions with the answer among the first five places. */
  readonly hit5: number;
  readonly mrr: number;
  readonly medianMs: number;
  /** Part of the questions after which a file of the answer is injected, and the tokens of an injection. */
  readonly answered: number;
  readonly tokens: number;
  /** Part of the messages about nothing after which something is injected. */
  readonly noise: number;
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

const line = ({ hit5, mrr, medianMs, answered, tokens, noise }: Found): string =>
  `hit@5 ${hit5.toFixed(2)}, MRR ${mrr.toFixed(3)}, a search ${medianMs.toFixed(0)} ms (median); after a message a right file ` +
  `${answered.toFixed(2)}, ${tokens.toFixed(0)} tokens; anything after one about nothing ${noise.toFixed(3)}`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function find(core: IndexCore, questions: readonly Question[], made?: Vectors): Promise<Found> {
  const times: number[] = [];
  let [hit5, mrr, answered, tokens] = [0, 0, 0, 0];
  for (const { text, files } of questions) {
    let places: string[] = [];
    times.push(
      await timed(async () => {
        const nearest = await nearestTo(text, made);
        places = (await core.search(text, { limit: PLACES, ...nearest })).map(({ path: file }) => file);
      }),
    );
    const place = places.findIndex((file) => files.includes(file));
    hit5 += place >= 0 && place < 5 ? 1 : 0;
    mrr += place < 0 ? 0 : 1 / (place + 1);
    const injected = await injection(core, text, made);
    answered += injected.excerpts.some(({ path: file }) => files.includes(file)) ? 1 : 0;
    tokens += injected.tokens;
  }
  let noise = 0;
  for (const text of NOISE) noise += (await injection(core, text, made)).tokens > 0 ? 1 : 0;
  times.sort((a, b) => a - b);
  const count = Math.max(1, questions.length);
  return {
    hit5: hit5 / count,
    mrr: mrr / count,
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
    answered: answered / count,
    tokens: tokens / count,
    noise: noise / NOISE.length,
  };
}

async function nearestTo(
  text: string,
  made: Vectors | undefined,
): Promise<Pick<SearchOptions, 'vectors' | 'floor'>> {
  const vector = await made?.embedder.embedQuery(text, never.signal);
  if (made === undefined || vector === undefined) return {};
  const vectors = await made.store.query(vector, K, never);
  return { vectors: vectors.filter(({ score }) => score > 0), floor: made.embedder.model.floor };
}

/** What a message gets. */
async function injection(core: IndexCore, text: string, made: Vectors | undefined) {
  if (queryTokens(text).length < LEAST_TOKENS) return pack([], BUDGET);
  const hits = await core.search(text, { ...INJECTION, ...(await nearestTo(text, made)) });
  return pack(relevant(hits), BUDGET);
}
