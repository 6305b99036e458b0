/** Memories found by meaning, in a session with an index: the vectors are made in the background, the message is embedded once. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { wordVector } from '../../src/demo/embed.ts';
import { memoryFolder } from '../../src/memory/folder.ts';
import { addEntry, deleteEntry } from '../../src/memory/store/entries.ts';
import { openMemoryStore } from '../../src/memory/store/open-store.ts';
import { memoryVectorFile } from '../../src/memory/vectors/vector-cache.ts';
import { MemoryMeaning } from '../../src/session/memory-meaning.ts';
import type { Sqlite } from '../../src/system/sqlite.ts';
import { EMBED, FILES, inputs } from '../repo-index/vector-session.ts';
import { addon, openDatabase } from '../repo-index/vector-support.ts';
import { open, type User, user } from '../support/interactive-session.ts';
import { entry } from '../support/memory.ts';
import { RENDERED } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

vi.setConfig({ testTimeout: 60_000 });

const PORT = 'Postgres for development listens on 5433.';
const FONT = 'The font of invoices is Inter.';
const MESSAGE = 'what does one reach when telephoning the pool?';
const EMBEDDING = { ...EMBED, name: 'all-minilm' };

interface Remembering extends User {
  readonly store: Sqlite;
}

/** @param entries nothing is remembered without them. */
async function remembering(entries: readonly string[]): Promise<Remembering> {
  if (addon !== undefined) vi.stubEnv('OAGENT_CHROMA_ADDON', addon);
  const made = await user(() => ({ content: 'Yes.' }), {
    models: [RENDERED, EMBEDDING],
    faultFor: ({ path: route, rawBody }) => {
      if (route !== '/api/embed' || !rawBody.includes(MESSAGE)) return undefined;
      const embeddings = [wordVector(PORT, 768)];
      return { kind: 'status', status: 200, body: { model: 'all-minilm', embeddings, prompt_eval_count: 9 } };
    },
  });
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(path.dirname(path.join(made.repo, name)), { recursive: true });
    writeFileSync(path.join(made.repo, name), text);
  }
  const store = openMemoryStore(made.home);
  onTestFinished(() => store.close());
  for (const text of entries) addEntry(store, entry(text, { project: made.repo }));
  const { root, handbook } = memoryFolder(made.home);
  mkdirSync(root, { recursive: true });
  if (entries.length > 0) writeFileSync(handbook, '# What earlier sessions have taught\n');
  return { ...made, store };
}

function vectorsIn({ home }: User): number {
  if (!existsSync(memoryVectorFile(home))) return 0;
  const db = openDatabase(memoryVectorFile(home));
  try {
    return Number(db.sql('SELECT count(*) n FROM vectors').get()?.n);
  } catch {
    return 0;
  } finally {
    db.close();
  }
}

const timesAsked = ({ server }: User, text: string): number =>
  inputs(server).filter((input) => input === text).length;

const SOON = { timeout: 20_000, interval: 50 } as const;

/** Opens a session with an index, and resolves when all vectors are there. */
async function ready(made: Remembering, memories: number): Promise<Awaited<ReturnType<typeof open>>> {
  const session = await open(made.repo, undefined, { index: 'make' });
  const isEmbedded = () =>
    session.events.some(
      (event) =>
        event.type === 'index_status' && event.lines.some((line) => / 3 vectors by/.test(` ${line}`)),
    );
  await expect.poll(() => [isEmbedded(), vectorsIn(made)], SOON).toEqual([true, memories]);
  return session;
}

test('in other words: each memory is embedded once, the message once, and what was forgotten leaves no vector', async () => {
  const made = await remembering([PORT, FONT]);
  const first = await ready(made, 2);
  // The first message loads the chat model: until it is seen that both fit, words alone decide.
  await first.say('Hello.');
  const recalled = () => first.events.flatMap((event) => (event.type === 'recalled' ? [event.memories] : []));
  let said = 0;
  // On a busy machine a vector may come too late for a message: then words alone decide, and the next one has another chance.
  const say = async () => {
    said += 1;
    await first.say(MESSAGE);
    return recalled();
  };
  await expect.poll(say, SOON).toEqual([[{ text: PORT, date: '2026-11-01' }]]);
  expect([PORT, FONT].map((text) => timesAsked(made, text))).toEqual([1, 1]);
  expect(timesAsked(made, MESSAGE)).toBeLessThanOrEqual(said);
  deleteEntry(made.store, 2);
  await first.say('Thanks.');
  await expect.poll(() => vectorsIn(made), SOON).toBe(1);
  await first.session.close();
  const second = await ready(made, 1);
  await second.session.close();
  expect([PORT, FONT].map((text) => timesAsked(made, text))).toEqual([1, 1]);
});

test('a cache that is deleted is made again by the next session', async () => {
  const made = await remembering([PORT]);
  const first = await ready(made, 1);
  await first.session.close();
  rmSync(memoryVectorFile(made.home));
  const second = await ready(made, 1);
  await second.session.close();
  expect(timesAsked(made, PORT)).toBe(2);
});

test('without memories nothing is embedded for them, and in an incognito session nothing changes', async () => {
  const none = await remembering([]);
  const { session } = await ready(none, 0);
  await session.close();
  expect(existsSync(memoryVectorFile(none.home))).toBe(false);
  vi.unstubAllEnvs();
  const made = await remembering([PORT]);
  const { session: hidden, after, say, events } = await ready(made, 1);
  await after({ type: 'go_incognito' }, ({ type }) => type === 'incognito');
  addEntry(made.store, entry(FONT, { project: made.repo }));
  await say(MESSAGE);
  await hidden.close();
  expect([vectorsIn(made), timesAsked(made, FONT), events.some(({ type }) => type === 'recalled')]).toEqual([
    1,
    0,
    false,
  ]);
});

test('one attempt at a time; after a failure the next turn is another, and memories made at rest count as others', async () => {
  let [texts, isFailing]: [readonly string[], boolean] = [[PORT], true];
  const asked: (readonly string[])[] = [];
  const embed = async (some: readonly string[]) => {
    asked.push(some);
    if (isFailing) throw new Error('another model has the memory');
    const model = { name: 'm', key: 'm', queryPrefix: '', documentPrefix: '', window: 9 };
    return { model, vectors: some.map(() => Float32Array.of(1)) };
  };
  const meaning = new MemoryMeaning(await tempFolder(), { texts: () => texts }, { embed });
  const turn = { type: 'turn_completed' } as const;
  const heard = async (event: Parameters<typeof meaning.hear>[0]): Promise<number> => {
    meaning.hear(event);
    meaning.hear(event);
    await meaning.settled();
    return asked.splice(0).length;
  };
  expect(await heard(turn)).toBe(1);
  isFailing = false;
  expect(await heard({ type: 'memory_progress', total: 2 })).toBe(0);
  expect([await heard(turn), await heard(turn)]).toEqual([2, 0]);
  texts = [PORT, FONT];
  expect(await heard({ type: 'memory_progress' })).toBe(2);
});
