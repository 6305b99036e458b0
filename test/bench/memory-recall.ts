/**
 * Is the right memory recalled, and none where none is of use? `node --import ./test/support/raw-imports.mjs test/bench/memory-recall.ts`
 *
 * By words alone; with the name of an embedding model of the server in OLLAMA_HOST after it, by meaning too. Shows the questions that
 * went wrong. `dev`, `second` and `held, paraphrased` are what the recall was made with; `held` and `reworded` were written
 * afterwards: whatever was fitted to them would prove nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OllamaClient } from '../../src/model/client.ts';
import { askForVectors } from '../../src/repo-index/vectors/embed-call.ts';
import { chooseEmbedModel, type EmbedModel } from '../../src/repo-index/vectors/embed-models.ts';
import { never } from '../repo-index/vector-items.ts';
import { ENTRIES, NOTES, SESSIONS } from './memory/corpus.ts';
import { HELD_ENTRIES, HELD_NOTES, HELD_SESSIONS } from './memory/held-corpus.ts';
import { HELD, HELD_UNRELATED, PARAPHRASED } from './memory/held-questions.ts';
import { type Corpus, isRight, MemoryBench } from './memory/memories.ts';
import { FIRST_OTHER, FIRST_REWORDED, SECOND_OTHER, SECOND_REWORDED } from './memory/paraphrased.ts';
import { type Asked, DEV, DEV_UNRELATED } from './memory/questions.ts';
import { SECOND_ENTRIES, SECOND_NOTES, SECOND_SESSIONS } from './memory/second-corpus.ts';
import { SECOND, SECOND_UNRELATED } from './memory/second-questions.ts';
import { NOISE, USER_QUESTIONS } from './user-questions.ts';

/** Texts of one call, and how long that may take on a machine that is busy. */
const STEP = 16;
const TIMEOUT_MS = 120_000;

const client = new OllamaClient({ host: process.env.OLLAMA_HOST ?? '127.0.0.1:11434', headers: {} });
const model = await modelNamed(process.argv[2]);
const questions = new Map<string, Float32Array>();

async function modelNamed(name: string | undefined): Promise<EmbedModel | undefined> {
  if (name === undefined) return undefined;
  const choice = await chooseEmbedModel(client, name, never.signal);
  if ('unavailable' in choice) throw new Error(choice.unavailable);
  return choice.model;
}

async function vectorsOf({ name }: EmbedModel, texts: readonly string[]): Promise<Float32Array[]> {
  if (texts.length === 0) return [];
  return (await askForVectors(client, name, texts, TIMEOUT_MS, never.signal)).vectors;
}

async function askAll(asked: readonly Asked[]): Promise<void> {
  const missing = [...new Set(asked.map(({ text }) => text))].filter((text) => !questions.has(text));
  for (let start = 0; model !== undefined && start < missing.length; start += STEP) {
    const step = missing.slice(start, start + STEP);
    const vectors = await vectorsOf(
      model,
      step.map((text) => model.queryPrefix + text),
    );
    for (const [at, vector] of vectors.entries()) questions.set(step[at] ?? '', vector);
  }
}

function recalled(bench: MemoryBench, asked: Asked): readonly string[] {
  const vector = questions.get(asked.text);
  return bench.recalled(asked, model && vector && { model, vector });
}

function report(name: string, bench: MemoryBench, all: readonly Asked[]): void {
  let [good, count] = [0, 0];
  for (const asked of all) {
    const found = recalled(bench, asked);
    count += found.length;
    if (isRight(asked, found)) good += 1;
    else
      process.stdout.write(
        `  ${asked.text}\n    wanted ${asked.about.join(' or ') || 'none'}, got ${found.join(', ') || 'none'}\n`,
      );
  }
  process.stdout.write(`${name}: ${good} of ${all.length} right, ${count} memories recalled\n`);
}

const OF_PACKAGES = [...USER_QUESTIONS.flatMap(({ questions: all }) => all.map(([text]) => text)), ...NOISE];

async function run(
  name: string,
  corpus: Corpus,
  related: readonly Asked[],
  unrelated: readonly Asked[],
  hasPackages = unrelated.length > 0,
): Promise<void> {
  const home = mkdtempSync(path.join(tmpdir(), 'oagent-memory-recall-'));
  const bench = new MemoryBench(home, corpus);
  const folders = [...new Set(related.map(({ folder }) => folder))];
  const ofPackages = folders.flatMap((folder) => OF_PACKAGES.map((text) => ({ folder, text, about: [] })));
  try {
    if (model !== undefined)
      await bench.embed(async (texts) => ({ model, vectors: await vectorsOf(model, texts) }));
    await askAll([...related, ...unrelated, ...(hasPackages ? ofPackages : [])]);
    report(name, bench, related);
    if (unrelated.length === 0) return;
    report(`${name}, unrelated`, bench, unrelated);
    if (!hasPackages) return;
    const wrong = ofPackages.filter((one) => recalled(bench, one).length > 0);
    process.stdout.write(
      `${name}, about published packages: a memory for ${wrong.length} of ${ofPackages.length}\n`,
    );
  } finally {
    bench.close();
    rmSync(home, { recursive: true });
  }
}

const dev = { entries: ENTRIES, sessions: SESSIONS, notes: NOTES };
const second = { entries: SECOND_ENTRIES, sessions: SECOND_SESSIONS, notes: SECOND_NOTES };
const held = { entries: HELD_ENTRIES, sessions: HELD_SESSIONS, notes: HELD_NOTES };
await run('dev', dev, DEV, DEV_UNRELATED);
await run('second', second, SECOND, SECOND_UNRELATED);
await run('held', held, HELD, HELD_UNRELATED);
await run('held, paraphrased', held, PARAPHRASED, []);
await run('reworded, of dev', dev, FIRST_REWORDED, FIRST_OTHER, false);
await run('reworded, of second', second, SECOND_REWORDED, SECOND_OTHER, false);
