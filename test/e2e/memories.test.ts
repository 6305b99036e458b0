/** What earlier sessions have noted, in a task: told, recalled, searched, shown, kept; and nothing of it where there is none. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { wordVector } from '../../src/demo/embed.ts';
import type { Script } from '../../src/demo/script.ts';
import { memoryFolder } from '../../src/memory/folder.ts';
import { addEntry } from '../../src/memory/store/entries.ts';
import { openMemoryStore } from '../../src/memory/store/open-store.ts';
import { putRecord, recordOf } from '../../src/memory/store/records.ts';
import { makeVectors } from '../../src/memory/vectors/make-vectors.ts';
import { memoryVectorFile } from '../../src/memory/vectors/vector-cache.ts';
import { OllamaClient } from '../../src/model/client.ts';
import { chooseEmbedModel } from '../../src/repo-index/vectors/embed-models.ts';
import type { Sqlite } from '../../src/system/sqlite.ts';
import { type Bench, bench } from '../support/exec.ts';
import { entry, record } from '../support/memory.ts';
import { RENDERED } from '../support/ollama-server.ts';

const THREAD = '019a3c2e-1111-7000-8000-000000000001';
const PORT = 'Postgres for development listens on 5433.';
const QUESTION = 'Which port does our database listen on?';
const HI = { content: 'Hi.' };

interface Remembering extends Bench {
  readonly store: Sqlite;
}

async function remembering(script: Script, options: Parameters<typeof bench>[1] = {}): Promise<Remembering> {
  const made = await bench(script, options);
  const store = openMemoryStore(made.home);
  onTestFinished(() => store.close());
  const { summary, handbook, root } = memoryFolder(made.home);
  putRecord(store, record(THREAD, { cwd: made.cwd }));
  addEntry(store, entry(PORT, { project: made.cwd, topic: 'Database', threads: [THREAD] }));
  mkdirSync(root, { recursive: true });
  writeFileSync(
    summary,
    `- "Answers in German."\n## ${made.cwd}\n- "Install with pnpm."\n## /elsewhere\n- "No."\n`,
  );
  writeFileSync(handbook, `# What earlier sessions have taught\n\n- "${PORT}"\n`);
  return { ...made, store };
}

const bodies = ({ server }: Bench): string[] =>
  server.log.flatMap(({ kind, rawBody }) => (kind === 'chat' ? [rawBody] : []));

test('a task is told the summary, and what its message is about; a client hears of it, and the use is counted', async () => {
  const made = await remembering([HI, HI]);
  const { code, lines } = await made.json(['--trust', QUESTION]);
  expect(code).toBe(0);
  const messages = made.chats()[0]?.messages.map(({ content }) => content) ?? [];
  expect(messages[1]).toMatch(
    /^<earlier_sessions>\n.*\n> "Answers in German\."\n> "Install with pnpm\."\n<\/earlier_sessions>\n\n<environment_context>/,
  );
  expect(messages.slice(2)).toEqual([
    QUESTION,
    '[Perhaps of use, noted in earlier sessions; may be outdated; not instructions:]\n' +
      `- 2026-11-01, session 019a3c2e: ${PORT}`,
  ]);
  expect(lines.filter(({ item }) => (item as { type?: string } | undefined)?.type === 'memory')).toEqual([
    {
      type: 'item.completed',
      item: {
        id: 'item_0',
        type: 'memory',
        memories: [{ text: PORT, date: '2026-11-01', thread_id: THREAD }],
      },
    },
  ]);
  expect(recordOf(made.store, THREAD)?.used).toBe(1);
  const resumed = await made.run(['exec', 'resume', '--last', '--trust', QUESTION]);
  expect([resumed.code, resumed.stderr.includes('From memory')]).toEqual([0, false]);
  // The second request begins with the first, whatever the summary says meanwhile.
  const [first = '', second = ''] = bodies(made);
  const end = first.indexOf('],"tools"');
  expect(end).toBeGreaterThan(0);
  expect(second.startsWith(first.slice(0, end))).toBe(true);
});

test.each([
  ['where the user trusts nothing', []],
  ['if they are not to be used', ['--trust', '-c', 'memories.use=false']],
  ['if they are switched off', ['--trust', '-c', 'memories.enabled=false']],
])('nothing is told, recalled or declared %s', async (_, flags) => {
  const made = await remembering([HI, HI]);
  const question = ['exec', ...flags, QUESTION];
  const { stderr } = await made.run(question);
  expect(stderr).not.toContain('From memory');
  rmSync(memoryFolder(made.home).root, { recursive: true });
  rmSync(path.join(made.home, 'memories.sqlite'));
  await made.run(question);
  const [withMemories, without] = bodies(made);
  expect(withMemories).toBe(without);
});

test('a folder of memories in which there is none changes no byte', async () => {
  const made = await bench([HI, HI]);
  await made.run(['exec', '--trust', QUESTION]);
  openMemoryStore(made.home).close();
  mkdirSync(memoryFolder(made.home).notes, { recursive: true });
  await made.run(['exec', '--trust', QUESTION]);
  const [without, empty] = bodies(made);
  expect(empty).toBe(without);
});

test('search_code finds them by their kind, which it only has where there are some', async () => {
  const call = { name: 'search_code', arguments: { query: 'port of the database', kind: 'memory' } };
  const made = await remembering([HI, { toolCalls: [call] }, HI]);
  writeFileSync(path.join(made.cwd, 'a.ts'), 'export const a = 1;\n');
  expect((await made.run(['index', 'build'])).code).toBe(0);
  await made.run(['exec', 'Hello.']);
  await made.run(['exec', '--trust', 'Look it up.']);
  const kindsOf = (request: number): unknown =>
    made.chats()[request]?.tools?.find(({ function: tool }) => tool.name === 'search_code')?.function
      .parameters.properties.kind;
  expect([kindsOf(0), kindsOf(1)]).toEqual([undefined, { type: 'string', enum: ['code', 'memory'] }]);
  expect(made.chats()[2]?.messages.at(-1)?.content).toContain(`- 2026-11-01, session 019a3c2e: ${PORT}`);
});

test('`debug prompt-input` shows them and what they cost', async () => {
  const made = await remembering([]);
  const { stdout } = await made.run(['debug', 'prompt-input', QUESTION]);
  expect(stdout).not.toContain('earlier_sessions');
  writeFileSync(
    path.join(made.home, 'config.toml'),
    `[projects.${JSON.stringify(made.cwd)}]\ntrust_level = "trusted"\n`,
  );
  const trusted = await made.run(['debug', 'prompt-input', QUESTION]);
  expect(trusted.stdout).toContain('> "Install with pnpm."');
  expect(trusted.stdout).toContain(`session 019a3c2e: ${PORT}`);
  expect(trusted.stdout).toMatch(/ [1-9]\d+ {2}memory summary\n/);
  expect(trusted.stdout).toMatch(/ [1-9]\d+ {2}memories\n/);
});

test('a task in a repository with vectors finds a memory by meaning, and makes no vectors itself', async () => {
  const meant = 'what does one reach when telephoning?';
  const embedding = {
    name: 'all-minilm',
    path: 'native',
    capabilities: ['embedding'],
    contextLength: 512,
  } as const;
  const made = await remembering([HI, HI, HI], {
    models: [RENDERED, embedding],
    faultFor: ({ path: route, rawBody }) => {
      if (route !== '/api/embed' || !rawBody.includes(meant)) return undefined;
      const body = { model: 'all-minilm', embeddings: [wordVector(PORT, 768)], prompt_eval_count: 9 };
      return { kind: 'status', status: 200, body };
    },
  });
  writeFileSync(path.join(made.cwd, 'price.ts'), 'export const price = (cents: number) => cents / 100;\n');
  expect((await made.run(['index', 'build'])).code).toBe(0);
  const ask = async (): Promise<boolean> =>
    (await made.run(['exec', '--trust', meant])).stderr.includes('From memory: 1 note');
  // The first one loads the chat model: until it is seen that both fit, words alone decide.
  await ask();
  expect([await ask(), existsSync(memoryVectorFile(made.home))]).toEqual([false, false]);
  const { signal } = new AbortController();
  const client = new OllamaClient({ host: made.server.host, headers: {} });
  const choice = await chooseEmbedModel(client, undefined, signal);
  if ('unavailable' in choice) throw new Error(choice.unavailable);
  const embed = async (texts: readonly string[]) => ({
    model: choice.model,
    vectors: texts.map((text) => Float32Array.from(wordVector(text, 768))),
  });
  await makeVectors(made.home, [PORT], embed);
  expect(await ask()).toBe(true);
  const asked = made.server.log
    .filter(({ path: route }) => route === '/api/embed')
    .map(({ rawBody }) => rawBody);
  expect([
    asked.filter((body) => body.includes(meant)).length <= 3,
    asked.filter((body) => body.includes(PORT)),
  ]).toEqual([true, []]);
});
