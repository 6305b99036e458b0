/** The vectors of memories: made once, kept for what is remembered, and no more than a cache. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wordVector } from '../../../src/demo/embed.ts';
import { makeVectors } from '../../../src/memory/vectors/make-vectors.ts';
import { cosines, memoryVectorFile } from '../../../src/memory/vectors/vector-cache.ts';
import type { EmbedModel } from '../../../src/repo-index/vectors/embed-models.ts';
import type { Embedded } from '../../../src/repo-index/vectors/vector-side.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const MODEL: EmbedModel = {
  name: 'all-minilm:latest',
  key: 'all-minilm@1',
  queryPrefix: '',
  documentPrefix: 'd: ',
  window: 256,
};
const PORT = 'Postgres listens on 5433.';
const FONT = 'Invoices are set in Inter.';
const LONG = 'Too long for the model.';

const vectorOf = (text: string, dimensions = 64): Float32Array =>
  Float32Array.from(wordVector(text, dimensions));
const question = (text: string, model = MODEL, dimensions = 64) => ({
  model,
  vector: vectorOf(text, dimensions),
});

interface Embedding {
  readonly asked: string[];
  readonly embed: (texts: readonly string[]) => Promise<Embedded>;
}

function embedding(model = MODEL, failsAfter = Number.POSITIVE_INFINITY): Embedding {
  const asked: string[] = [];
  const embed = async (texts: readonly string[]): Promise<Embedded> => {
    if (asked.length >= failsAfter) throw new Error('the server is gone');
    asked.push(...texts);
    return { model, vectors: texts.map((text) => (text === LONG ? null : vectorOf(text))) };
  };
  return { asked, embed };
}

const rounded = (values: readonly (number | undefined)[]) => values.map((value) => value?.toFixed(2));

test('a text is embedded once, and is as near to a question as its words', async () => {
  const home = await tempFolder();
  const { asked, embed } = embedding();
  expect(cosines(home, question(PORT), [PORT])).toEqual([undefined]);
  expect(existsSync(memoryVectorFile(home))).toBe(false);
  expect(await makeVectors(home, [PORT, FONT, PORT, LONG], embed)).toBe(true);
  expect(await makeVectors(home, [PORT, FONT], embed)).toBe(true);
  expect(asked).toEqual([PORT, FONT, LONG]);
  expect(rounded(cosines(home, question(PORT), [FONT, PORT, LONG]))).toEqual([
    expect.stringMatching(/^-?0\.[0-4]/),
    '1.00',
    undefined,
  ]);
  expect(statSync(memoryVectorFile(home)).mode & 0o777).toBe(0o600);
});

test('of what is not remembered any more no vector is kept, nor of another model', async () => {
  const home = await tempFolder();
  await makeVectors(home, [PORT, FONT], embedding().embed);
  await makeVectors(home, [PORT], embedding().embed);
  expect(rounded(cosines(home, question(FONT), [FONT]))).toEqual([undefined]);
  const other = { ...MODEL, key: 'all-minilm@2' };
  const second = embedding(other);
  await makeVectors(home, [PORT], second.embed);
  expect([second.asked, rounded(cosines(home, question(PORT, other), [PORT]))]).toEqual([[PORT], ['1.00']]);
  expect(cosines(home, question(PORT), [PORT])).toEqual([undefined]);
  expect(cosines(home, question(PORT, other, 32), [PORT])).toEqual([undefined]);
});

test('what was made before a failure stays; without a model, or with another one in its place, nothing is made', async () => {
  const home = await tempFolder();
  const texts = Array.from({ length: 20 }, (_, at) => `Memory ${at}.`);
  await expect(makeVectors(home, texts, embedding(MODEL, 16).embed)).rejects.toThrow('the server is gone');
  const rest = embedding();
  expect(await makeVectors(home, texts, rest.embed)).toBe(true);
  expect(rest.asked).toEqual(texts.slice(16));
  const none = await tempFolder();
  expect(await makeVectors(none, texts, async () => undefined)).toBe(false);
  expect(existsSync(memoryVectorFile(none))).toBe(false);
  const changing = async (some: readonly string[]): Promise<Embedded> =>
    embedding(some.length === 0 ? MODEL : { ...MODEL, key: 'new' }).embed(some);
  expect(await makeVectors(none, texts, changing)).toBe(false);
  expect(cosines(none, question('Memory 1.'), ['Memory 1.'])).toEqual([undefined]);
});

test('a file that is anything else is ignored by a reader, and replaced when vectors are made', async () => {
  const home = await tempFolder();
  await makeVectors(home, [PORT, FONT], embedding().embed);
  const good = readFileSync(memoryVectorFile(home));
  const damages = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(fc.nat(good.length - 1), fc.uint8Array({ minLength: 1, maxLength: 100 })).map(([at, bytes]) => {
      const changed = Buffer.from(good);
      changed.set(bytes.subarray(0, good.length - at), at);
      return changed;
    }),
  );
  await fc.assert(
    fc.asyncProperty(damages, async (bytes) => {
      for (const ending of ['-wal', '-shm']) rmSync(memoryVectorFile(home) + ending, { force: true });
      writeFileSync(memoryVectorFile(home), bytes);
      const read = cosines(home, question(PORT), [PORT, FONT]);
      expect(read.map((value) => Math.abs(value ?? 0) < 1.01)).toEqual([true, true]);
      await makeVectors(home, [PORT], embedding().embed).catch(() =>
        makeVectors(home, [PORT], embedding().embed),
      );
      expect(cosines(home, question(PORT), [PORT])).toHaveLength(1);
    }),
    { numRuns: 60 },
  );
});

test('a file whose schema is damaged is replaced when vectors are made', async () => {
  const home = await tempFolder();
  await makeVectors(home, [PORT], embedding().embed);
  const db = new DatabaseSync(memoryVectorFile(home));
  db.exec('ALTER TABLE vectors RENAME COLUMN dim TO dimmer');
  db.close();
  await expect(makeVectors(home, [PORT], embedding().embed)).rejects.toThrow('no such column: dim');
  await makeVectors(home, [PORT], embedding().embed);
  expect(cosines(home, question(PORT), [PORT])[0]).toBeCloseTo(1, 4);
});

test('a vector that is not of length 1 tells nothing', async () => {
  const home = await tempFolder();
  const huge = async (texts: readonly string[]): Promise<Embedded> => ({
    model: MODEL,
    vectors: texts.map((text) => vectorOf(text).map((value) => (text === PORT ? value * 9 : Number.NaN))),
  });
  await makeVectors(home, [PORT, FONT], huge);
  expect(cosines(home, question(PORT), [PORT, FONT])).toEqual([undefined, undefined]);
});
