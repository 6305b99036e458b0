import { rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { wordVector } from '../../../src/demo/embed.ts';
import { indexFolder } from '../../../src/repo-index/queries.ts';
import { Shown } from '../../../src/repo-index/search/pack.ts';
import { indexLines } from '../../../src/session/index-lines.ts';
import { RENDERED, withOllama } from '../../support/ollama-server.ts';
import { repository, temporaryFolder, until, write } from '../repository.ts';
import { build, EMBED, FILES, inputs, service } from '../vector-session.ts';
import { hasChroma } from '../vector-support.ts';

// Threads and servers of Chroma, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

test('the chunks of a repository are embedded once, in this session and in the next', async () => {
  const server = await withOllama([], { models: [EMBED] });
  const [root, home] = [repository(FILES), temporaryFolder()];
  const first = service(root, home, server.host);
  await build(first);
  expect(first.vectors()).toMatchObject({
    model: 'nomic-embed-text:latest',
    vectors: 3,
    owed: hasChroma ? 0 : 3,
  });
  expect(first.vectors().backend).toBe(hasChroma ? 'chroma' : 'local');
  await first.index.close();
  const second = service(root, home, server.host);
  await build(second);
  expect([second.vectors().vectors, inputs(server).length]).toEqual([3, 3]);
});

test('a change is embedded alone, and what is gone has no vector any more', async () => {
  const server = await withOllama([], { models: [EMBED] });
  const root = repository(FILES);
  const made = service(root, temporaryFolder(), server.host, { watch: true });
  await build(made);
  const before = inputs(server).length;
  write(root, { 'src/queue.ts': 'export function drainQueue() {\n  return 1;\n}\n' });
  rmSync(path.join(root, 'src/pool.ts'));
  await until(() => inputs(server).length > before);
  await made.index.update();
  await made.index.embedded();
  expect([inputs(server).slice(before).length, inputs(server).at(-1)]).toEqual([
    1,
    expect.stringContaining('src/queue.ts drainQueue'),
  ]);
  expect(made.vectors().vectors).toBe(3);
});

test('a question is embedded as a question, and finds the code', async () => {
  const server = await withOllama([], { models: [EMBED] });
  const root = repository(FILES);
  const made = service(root, temporaryFolder(), server.host);
  await build(made);
  const hits = await made.index.search('pool of sockets');
  expect(hits[0]?.path).toBe('src/pool.ts');
  expect(inputs(server).at(-1)).toBe('search_query: pool of sockets');
});

test('a chat model is not pushed out of memory, by chunks or by a question: the status says so, and a build finds out', async () => {
  const server = await withOllama([], { models: [EMBED, RENDERED] });
  const loadChat = { method: 'POST', body: JSON.stringify({ model: 'base', messages: [] }) };
  await fetch(`${server.host}/api/chat`, loadChat);
  const [root, home] = [repository(FILES), temporaryFolder()];
  const session = service(root, home, server.host);
  session.index.chat({ model: 'base', isBusy: false });
  await session.index.update();
  const status = async () => indexLines(await session.index.freshStatus()).at(-1);
  await until(async () => (await status())?.includes('waiting') === true);
  const why =
    'the server was never seen to hold base:latest together with nomic-embed-text:latest (`oagent index build` finds out)';
  await expect(session.index.embed(['a memory'])).rejects.toThrow(why);
  expect([await status(), inputs(server)]).toEqual([
    `0 vectors by nomic-embed-text:latest; embedding 0 of 3 chunks, waiting: ${why}`,
    [],
  ]);
  await session.index.close();
  await build(service(root, home, server.host, { purpose: 'build' }));
  // It was seen that the server holds both, which the next session knows.
  const next = service(root, home, server.host);
  next.index.chat({ model: 'base', isBusy: true });
  await build(next);
  await next.index.search('pool of sockets');
  expect([next.vectors().vectors, inputs(server).at(-1)]).toEqual([3, 'search_query: pool of sockets']);
});

test('a message in other words is told where the code is that it means, if the floor of the model was measured; other topics get none', async () => {
  const message = 'Woher kommen die offenen Verbindungen?';
  const injected = async (name: string): Promise<(string | undefined)[]> => {
    const server = await withOllama([], {
      models: [{ ...EMBED, name }],
      faultFor: ({ path: route, rawBody }) => {
        if (route !== '/api/embed' || !rawBody.includes(message)) return undefined;
        // As if the model knew German.
        const embeddings = [wordVector('src/pool.ts SocketPool acquire', 768)];
        return { kind: 'status', status: 200, body: { model: name, embeddings, prompt_eval_count: 9 } };
      },
    });
    const made = service(repository(FILES), temporaryFolder(), server.host);
    await build(made);
    const texts = [];
    for (const text of [message, 'Wie wird das Wetter morgen in Hamburg?'])
      texts.push((await made.index.inject(text, { budgetTokens: 500, shown: new Shown() }))?.text);
    return texts;
  };
  const [first] = FILES['src/pool.ts'].split('\n');
  expect(await injected('all-minilm')).toEqual([`src/pool.ts:1\n${first}`, undefined]);
  expect(await injected('bge-m3')).toEqual([undefined, undefined]);
});

test('a vector that does not come in time is told, with and without code for the message', async () => {
  let isStalled = false;
  const server = await withOllama([], {
    models: [EMBED],
    faultFor: ({ path: route }) => (isStalled && route === '/api/embed' ? { kind: 'stall' } : undefined),
  });
  const made = service(repository(FILES), temporaryFolder(), server.host);
  await build(made);
  const told = async (message: string): Promise<readonly unknown[]> => {
    let late = 0;
    const onVectorLate = (): void => {
      late += 1;
    };
    const found = await made.index.inject(message, { budgetTokens: 500, shown: new Shown(), onVectorLate });
    return [found?.excerpts[0]?.path, late];
  };
  const message = 'Where is the SocketPool that can acquire?';
  expect(await told(message)).toEqual(['src/pool.ts', 0]);
  isStalled = true;
  expect(await told(`${message} Say it`)).toEqual(['src/pool.ts', 1]);
  expect(await told('Wie wird das Wetter morgen in Hamburg?')).toEqual([undefined, 1]);
});

test('without an embedding model the search is by words, and the status says so', async () => {
  const server = await withOllama([], { models: [] });
  const made = service(repository(FILES), temporaryFolder(), server.host);
  await build(made);
  expect(made.vectors()).toEqual({
    unavailable: 'no embedding model is installed: `ollama pull embeddinggemma`',
  });
  expect((await made.index.search('parse config file'))[0]?.path).toBe('src/config.ts');
});

test('without a server the search is by words', async () => {
  const made = service(repository(FILES), temporaryFolder(), 'http://127.0.0.1:9');
  await build(made);
  expect(made.vectors().unavailable).toContain('127.0.0.1:9');
  expect((await made.index.search('parse config file'))[0]?.path).toBe('src/config.ts');
});

test('two sessions of one repository embed each chunk once', async () => {
  const server = await withOllama([], { models: [EMBED] });
  const [root, home] = [repository(FILES), temporaryFolder()];
  const both = [service(root, home, server.host), service(root, home, server.host)];
  await Promise.all(both.map(build));
  expect([both.map(({ vectors }) => vectors().vectors), inputs(server).length]).toEqual([[3, 3], 3]);
});

test('for one search no Chroma is started and nothing is embedded but the question', async () => {
  const server = await withOllama([], { models: [EMBED] });
  const [root, home] = [repository(FILES), temporaryFolder()];
  const first = service(root, home, server.host);
  await build(first);
  await first.index.close();
  write(root, { 'src/more.ts': 'export const more = 1;\n' });
  const second = service(root, home, server.host, { purpose: 'use' });
  await build(second);
  expect((await second.index.search('pool of sockets'))[0]?.path).toBe('src/pool.ts');
  expect([second.vectors().phase, inputs(server).length]).toEqual(['idle', 4]);
});

test('a damaged index file is made anew, with its vectors', async () => {
  const server = await withOllama([], { models: [EMBED] });
  const [root, home] = [repository(FILES), temporaryFolder()];
  const first = service(root, home, server.host);
  await build(first);
  await first.index.close();
  write(indexFolder(home, root), { 'index.db': 'no database at all, but text\n'.repeat(500) });
  const second = service(root, home, server.host);
  await build(second);
  expect(second.vectors()).toMatchObject({ vectors: 3, owed: hasChroma ? 0 : 3 });
});

test('texts that are no chunks get vectors where vectors are made, and leave no trace in the index; a search has that of its question', async () => {
  const server = await withOllama([], { models: [EMBED] });
  const [root, home] = [repository(FILES), temporaryFolder()];
  const making = service(root, home, server.host);
  await build(making);
  const asked = inputs(server).length;
  const made = await making.index.embed(['a memory']);
  expect([made?.model.name, made?.vectors.length, made?.vectors[0]?.length]).toEqual([
    'nomic-embed-text:latest',
    1,
    768,
  ]);
  await making.index.embed(['a memory']);
  expect(inputs(server).slice(asked)).toEqual(['search_document: a memory', 'search_document: a memory']);
  expect((await making.index.embed([]))?.vectors).toEqual([]);
  const questions: (string | undefined)[] = [];
  await making.index.search('pool of sockets', { onQuestion: ({ model }) => questions.push(model.name) });
  expect(questions).toEqual(['nomic-embed-text:latest']);
  await making.index.close();
  const using = service(root, home, server.host, { purpose: 'use' });
  await using.index.update();
  expect(await using.index.embed(['a memory'])).toBe(undefined);
});
