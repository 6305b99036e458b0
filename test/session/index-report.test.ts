/** What `/index` tells in a session, and the progress of the first reading. */
import { expect, onTestFinished, test } from 'vitest';
import { openCodeIndex } from '../../src/session/code-index.ts';
import { planSession } from '../../src/session/plan.ts';
import { repository, temporaryFolder } from '../repo-index/repository.ts';

async function opened(files: Readonly<Record<string, string>>) {
  const cwd = repository(files);
  const plan = planSession(
    { cd: cwd, config: ['ollama.host="http://127.0.0.1:9"'] },
    { ignoreUserConfig: true },
  );
  const ready = Promise.withResolvers<void>();
  const progress: (readonly [number, number])[] = [];
  const index = await openCodeIndex(
    { ...plan, home: temporaryFolder() },
    {
      purpose: 'make',
      patienceMs: 60_000,
      injectMs: 60_000,
      onProgress: (done, total) => progress.push([done, total]),
      onStatus: ([line = '']) => line.startsWith('ready') && ready.resolve(),
    },
  );
  if (index === undefined) throw new Error('no index');
  onTestFinished(() => index.close());
  const ask = async (message: string, left = 20_000) => {
    const about = { numCtx: 32_768, left, history: [] };
    const found = await index.retrieve(message, about, new AbortController().signal);
    return found?.places.map(({ path }) => path);
  };
  return { index, ask, ready: ready.promise, progress };
}

const FILES = {
  'src/retry.ts': '/** Tries a failed request again. */\nexport function retryRequest() {\n  return 3;\n}\n',
  'src/my file.ts': 'export const red = 1;\n',
};

test('/index: the state, what came of the last message, and why a file is where it is', async () => {
  const { index, ask, ready } = await opened(FILES);
  index.start();
  await ready;
  const last = async (): Promise<string | undefined> => (await index.report('')).at(-1);
  expect(await index.report('')).toEqual([
    'ready: 2 files, 2 chunks, 1 commits',
    expect.stringContaining('semantic search off'),
    'No message has asked for code yet.',
  ]);
  const question = 'how is a failed request retried?';
  expect(await ask(question)).toEqual(['src/retry.ts']);
  expect(await last()).toBe(`Last message: "${question}": src/retry.ts:1-4`);
  expect((await index.report('why src/retry.ts')).slice(0, 1)).toEqual([
    expect.stringContaining(`src/retry.ts: place 1 of 1 for "${question}", score `),
  ]);
  expect(await ask('weather in Lisbon tomorrow')).toBe(undefined);
  expect(await last()).toBe('Last message: "weather in Lisbon tomorrow": nothing relevant');
  expect(await index.report('why "src/my file.ts"')).toEqual([
    'src/my file.ts: not found for "weather in Lisbon tomorrow": it is in the index, but none of the evidence speaks for it.',
    'A message with this question gets: nothing relevant.',
  ]);
  expect((await index.report('why @src/retri.ts a failed request'))[1]).toBe('Like it: src/retry.ts');
  await ask('ok');
  expect(await last()).toBe('Last message: "ok": the message is too short to be a question');
  await ask(question, 0);
  expect(await last()).toBe(`Last message: "${question}": there is no room for it`);
  const usage = ['Usage: /index, or /index why PATH QUESTION (without a question: that of the last message)'];
  expect([await index.report('why'), await index.report('build')]).toEqual([usage, usage]);
  await expect(index.report('why ../x.ts how')).rejects.toThrow('is outside of');
});

test('the first reading of many files tells how many can be searched; that of a few, and later ones, nothing', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 150 }, (_, at) => [`f${at}.ts`, `export const f${at} = ${at};\n`]),
  );
  const { index, ready, progress } = await opened(many);
  index.start();
  await ready;
  expect(progress[0]).toEqual([0, 150]);
  expect(progress.at(-1)).toEqual([150, 150]);
  const few = await opened(FILES);
  few.index.start();
  await few.ready;
  expect(few.progress).toEqual([]);
});
