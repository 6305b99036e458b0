/** The repository index by the program: made, searched, used by a task. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Script } from '../../src/demo/script.ts';
import { type Bench, BYPASS, bench } from '../support/exec.ts';
import { RENDERED } from '../support/ollama-server.ts';

const EMBED = {
  name: 'nomic-embed-text',
  path: 'native',
  capabilities: ['embedding'],
  contextLength: 2048,
} as const;

async function repository(script: Script): Promise<Bench> {
  const made = await bench(script, { models: [RENDERED, EMBED] });
  rmSync(path.join(made.cwd, '.git'), { recursive: true });
  execFileSync('git', ['init', '-q', made.cwd]);
  mkdirSync(path.join(made.cwd, 'src'));
  writeFileSync(
    path.join(made.cwd, 'src/discount.ts'),
    '/** Percent off. */\nexport function discountPercent(quantity: number): number {\n  return quantity >= 10 ? 5 : 0;\n}\n',
  );
  for (let at = 0; at < 12; at += 1)
    writeFileSync(path.join(made.cwd, `src/other${at}.ts`), `export const other${at} = ${at};\n`);
  return made;
}

const QUESTION = 'Where is discountPercent computed?';

test('a task makes no index', async () => {
  const { run, chats, home } = await repository([{ content: 'There.' }]);
  expect((await run(['exec', QUESTION])).code).toBe(0);
  expect(chats()[0]?.messages.at(-1)?.content).toBe(QUESTION);
  expect(existsSync(path.join(home, 'index'))).toBe(false);
});

test('a task in a repository with an index gets the code behind it, and search_code', async () => {
  const { run, chats } = await repository([
    { toolCalls: [{ name: 'search_code', arguments: { query: 'percent of a discount' } }] },
    { content: 'There.' },
  ]);
  const built = await run(['index', 'build']);
  expect([built.code, built.stdout.split('\n')[1]]).toEqual([0, 'ready: 13 files, 13 chunks, 0 commits']);
  const done = await run(['exec', BYPASS, QUESTION]);
  expect([done.code, done.stdout]).toEqual([0, 'There.\n']);
  expect(done.stderr).toContain('retrieved src/discount.ts:1-4\n');
  const [first, second] = chats();
  expect(first?.tools?.map((tool) => tool.function.name)).toContain('search_code');
  expect(first?.messages.slice(-2).map(({ content }) => content)).toEqual([
    QUESTION,
    expect.stringContaining('src/discount.ts:1-4 discountPercent\n/** Percent off. */'),
  ]);
  expect(second?.messages.at(-1)).toMatchObject({
    role: 'tool',
    content: expect.stringContaining('quantity >= 10'),
  });
});

test('from a folder of the repository, also through a link, excerpts have the names that read_file takes', async () => {
  const { run, chats, cwd } = await repository([
    { toolCalls: [{ name: 'search_code', arguments: { query: 'percent of a discount', path: '.' } }] },
    { content: 'There.' },
  ]);
  expect((await run(['index', 'build'])).code).toBe(0);
  const link = path.join(cwd, '../link');
  symlinkSync(cwd, link);
  const done = await run(['exec', BYPASS, '-C', path.join(link, 'src'), QUESTION]);
  expect([done.code, done.stdout]).toEqual([0, 'There.\n']);
  expect(done.stderr).toContain('retrieved discount.ts:1-4\n');
  const [first, second] = chats();
  expect(first?.messages.at(-1)?.content).toContain('\ndiscount.ts:1-4 discountPercent\n');
  expect(second?.messages.at(-1)?.content).toContain('discount.ts:1-4 discountPercent\n');
});

test('build makes vectors, search asks for one, status counts them, clear deletes all', async () => {
  const { run, server, home } = await repository([]);
  const built = await run(['index', 'build', '--json']);
  const embedded = () =>
    server.log
      .filter(({ path: name }) => name === '/api/embed')
      .reduce((sum, { body }) => sum + (body as { input: string[] }).input.length, 0);
  expect([JSON.parse(built.stdout).vectors, embedded()]).toMatchObject([
    { model: 'nomic-embed-text:latest', dimensions: 768, vectors: 13 },
    13,
  ]);
  const found = await run(['index', 'search', '--json', '--limit', '1', 'percent of a discount']);
  expect(JSON.parse(found.stdout)).toMatchObject([{ path: 'src/discount.ts', start: 1, end: 4 }]);
  expect(embedded()).toBe(14);
  const status = await run(['index', 'status']);
  expect(status.stdout).toContain('13 vectors by nomic-embed-text:latest (768 dimensions)\n');
  expect((await run(['index', 'clear'])).code).toBe(0);
  expect(readdirSync(path.join(home, 'index'))).toEqual([]);
});
