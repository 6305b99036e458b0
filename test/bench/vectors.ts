/**
 * Measures the vector side of the index: the local search and Chroma at several sizes, and what embedding costs beside
 * the model. Run: `OAGENT_CHROMA_ADDON=$(.ci/chroma) node test/bench/vectors.ts [COUNT…]`; a real embedding model over a folder:
 * `OLLAMA_HOST=HOST:PORT node test/bench/vectors.ts [PATH]`, with COUNTs both.
 *
 * Vectors are made up, around 200 centres, as those of code are around topics, but for those of a real model. Does not: judge the figures.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startScriptedOllama } from '../../src/demo/scripted-ollama.ts';
import { OllamaClient } from '../../src/model/client.ts';
import { startChroma } from '../../src/repo-index/chroma/chroma-server.ts';
import { ownServer } from '../../src/repo-index/chroma/chroma-target.ts';
import { ChromaVectors } from '../../src/repo-index/chroma/chroma-vectors.ts';
import { Embedder } from '../../src/repo-index/vectors/embedder.ts';
import { LocalVectors } from '../../src/repo-index/vectors/local-vectors.ts';
import { VectorDb } from '../../src/repo-index/vectors/vector-db.ts';
import type { VectorItem } from '../../src/repo-index/vectors/vector-store.ts';
import { Sqlite } from '../../src/system/sqlite.ts';
import { never, noise, unit } from '../repo-index/vector-items.ts';
import { measureRealModel } from './real-vectors.ts';

const DIMENSIONS = 768;
const QUERIES = 40;
const K = 50;
const args = process.argv.slice(2);
const sizes = args.map(Number).filter((size) => size > 0);
const realHost = process.env.OLLAMA_HOST;

const folder = mkdtempSync(path.join(tmpdir(), 'oagent-vector-bench-'));
const next = noise(1);
const direction = (): Float32Array => unit(Array.from({ length: DIMENSIONS }, next));
const centres = Array.from({ length: 200 }, direction);

function near(number: number): Float32Array {
  const centre = centres[number % centres.length] ?? direction();
  return unit(Array.from(centre, (value) => value + 0.05 * next()));
}

function itemFor(number: number): VectorItem {
  const sha = new Uint8Array(20);
  new DataView(sha.buffer).setUint32(0, number);
  return { id: `id-${number}`, sha, vector: near(number) };
}

const rssMb = (pid: number | 'self'): number => {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function queryTimes(store: Pick<LocalVectors, 'query'>): Promise<string> {
  const times: number[] = [];
  for (let i = 0; i < QUERIES; i += 1) {
    const vector = near(i);
    times.push(await timed(() => store.query(vector, K, never)));
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1);
  return `query k=${K} p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function measureStores(size: number): Promise<void> {
  const dataDir = path.join(folder, String(size));
  const pragmas = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL';
  const file = new Sqlite(`${dataDir}.db`, { busyMs: 0, pragmas });
  const db = new VectorDb(file, 'bench');
  const fill = await timed(async () => {
    for (let start = 0; start < size; start += 1000) {
      db.add(Array.from({ length: Math.min(1000, size - start) }, (_, index) => itemFor(start + index)));
    }
  });
  const local = new LocalVectors(db);
  const before = rssMb('self');
  const load = await timed(() => local.query(near(1), K, never));
  say(
    `local ${size}: fill ${(fill / 1000).toFixed(1)} s (with making them), first query with load ${load.toFixed(0)} ms, ` +
      `${await queryTimes(local)}, vectors ${(local.bytes / 1e6).toFixed(0)} MB, RSS +${rssMb('self') - before} MB`,
  );
  local.unload();
  const chroma = new ChromaVectors(db, ownServer({ dataDir }));
  const ingest = await timed(() => chroma.settled());
  const { server, phase, reason } = chroma.state();
  if (server === undefined) return say(`Chroma ${size}: ${phase}: ${reason}`);
  const times = await queryTimes(chroma);
  say(
    `Chroma ${size}: start and ingest ${(ingest / 1000).toFixed(1)} s (${Math.round((size * 1000) / ingest)}/s), ` +
      `${times}, server RSS ${rssMb(server.pid)} MB`,
  );
  await chroma.close();
  while (existsSync(path.join(dataDir, 'server.json'))) await delay(20);
  const again = new ChromaVectors(db, ownServer({ dataDir }));
  const reopen = await timed(() => again.settled());
  say(`Chroma ${size}: reopened and checked in ${reopen.toFixed(0)} ms, rebuilds ${again.state().rebuilds}`);
  await again.close();
  file.close();
}

async function measureStart(): Promise<void> {
  const times: number[] = [];
  let rss = 0;
  for (let i = 0; i < 5; i += 1) {
    const dataDir = path.join(folder, `start-${i}`);
    const startedAt = performance.now();
    const outcome = await startChroma({ dataDir }, never.signal);
    if (!('server' in outcome)) return say(`server: ${outcome.unavailable}`);
    times.push(performance.now() - startedAt);
    rss = rssMb(outcome.server.pid);
    await outcome.server.kill();
  }
  times.sort((a, b) => a - b);
  say(
    `server start p50 ${(times[2] ?? 0).toFixed(0)} ms (best ${(times[0] ?? 0).toFixed(0)}), RSS idle ${rss} MB`,
  );
}

async function measureEmbedding(): Promise<void> {
  const server = await startScriptedOllama({
    models: [{ name: 'nomic-embed-text', path: 'native', capabilities: ['embedding'], contextLength: 2048 }],
    script: [],
  });
  const client = new OllamaClient({ host: server.host, headers: {} });
  const db = new VectorDb(new Sqlite(path.join(folder, 'embed.db'), { busyMs: 0 }), 'bench');
  const model = { name: 'nomic-embed-text', key: 'bench', queryPrefix: '', documentPrefix: '', window: 2048 };
  const embedder = new Embedder({ client, model, db });
  const text = readFileSync('src/agent/turn.ts', 'utf8');
  const texts = Array.from({ length: 1000 }, (_, number) => `${number} ${text.slice(number, number + 1200)}`);
  const asked = await timed(() => embedder.embed(texts, never.signal));
  const cached = await timed(() => embedder.embed(texts, never.signal));
  say(
    `embedding: ${Math.round(1e6 / asked)} texts/s with a model that takes no time (its server in this process too), ` +
      `${Math.round(1e6 / cached)}/s from the cache, one question ${(await timed(() => embedder.embedQuery('where', never.signal))).toFixed(1)} ms`,
  );
  await server.close();
}

if (realHost === undefined || sizes.length > 0) {
  await measureStart();
  await measureEmbedding();
  for (const size of sizes.length > 0 ? sizes : [10_000, 50_000]) await measureStores(size);
}
if (realHost !== undefined) {
  const root = path.resolve(args.find((arg) => !(Number(arg) > 0)) ?? 'src/repo-index');
  for (const text of await measureRealModel(`http://${realHost.replace(/^https?:\/\//, '')}`, root, folder))
    say(text);
}
rmSync(folder, { recursive: true, force: true });
