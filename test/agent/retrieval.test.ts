/** Code of the repository behind a message of the user. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Retrieve } from '../../src/agent/agent-options.ts';
import type { HistoryItem } from '../../src/context/history.ts';
import type { JsonObject } from '../../src/protocol.ts';
import { openCodeIndex } from '../../src/session/code-index.ts';
import type { SessionPlan } from '../../src/session/plan.ts';
import { planSession } from '../../src/session/plan.ts';
import { createTools } from '../../src/tools/registry.ts';
import { testAgent } from '../support/agent.ts';
import { withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

// A busy machine takes its time to start a thread and to search; what is tested is what comes of it.
vi.setConfig({ testTimeout: 120_000 });
const OPTIONS = { purpose: 'make', patienceMs: 60_000, injectMs: 60_000 } as const;

const CODE = `/** Percent off for a quantity of one article. */
export function discountPercent(quantity: number): number {
  return quantity >= 10 ? 5 : 0;
}
`;

async function repository(): Promise<SessionPlan> {
  const cwd = await tempFolder();
  mkdirSync(path.join(cwd, 'src'));
  writeFileSync(path.join(cwd, 'src/discount.ts'), CODE);
  for (let index = 0; index < 12; index += 1) {
    writeFileSync(path.join(cwd, `src/other${index}.ts`), `export const other${index} = ${index};\n`);
  }
  execFileSync('git', ['init', '-q', cwd]);
  execFileSync('git', ['-C', cwd, 'add', '-A']);
  const plan = planSession({ cd: cwd }, { ignoreUserConfig: true });
  return { ...plan, cwd, home: await tempFolder() };
}

test('what a question is about stands behind it, once; search_code finds it too', async () => {
  const plan = await repository();
  const index = await openCodeIndex(plan, OPTIONS);
  if (index === undefined) throw new Error('no index');
  onTestFinished(() => index.close());
  index.start();
  const about = { numCtx: 32_768, left: 20_000, history: [] };
  expect(
    await index.retrieve('where is discountPercent computed', about, new AbortController().signal),
  ).toEqual({
    text: expect.stringContaining('quantity >= 10'),
    places: [{ path: 'src/discount.ts', start: 1, end: 4 }],
  });
  const server = await withOllama([
    { toolCalls: [{ name: 'search_code', arguments: { query: 'discountPercent' } }] },
    { content: 'There.' },
    { content: 'As I said.' },
  ]);
  const tools = createTools({
    unifiedExec: true,
    canEscalate: false,
    env: () => process.env,
    search: index.search,
  });
  const { agent, turn, events } = await testAgent(server, { cwd: plan.cwd, tools, retrieve: index.retrieve });
  await turn('where is discountPercent computed?');
  await turn('and how is discountPercent computed?');
  const said = agent.history.items.map((item) => `${item.type} ${item.content.includes('quantity >= 10')}`);
  expect(said.filter((line) => !line.startsWith('assistant'))).toEqual([
    'user false',
    'user false',
    'user true',
    'tool true',
    'user false',
  ]);
  expect(events.filter(({ type }) => type === 'retrieved')).toEqual([
    {
      type: 'retrieved',
      places: [{ path: 'src/discount.ts', start: 1, end: 4 }],
      text: expect.stringMatching(
        /^src\/discount\.ts:1-4 discountPercent\n[\s\S]*quantity >= 10 \? 5 : 0;\n\}$/,
      ),
    },
  ]);
});

test('what a tool has shown, and what the model has written, is not put behind a message again', async () => {
  const plan = await repository();
  const index = await openCodeIndex(plan, OPTIONS);
  if (index === undefined) throw new Error('no index');
  onTestFinished(() => index.close());
  index.start();
  let left = 20_000;
  const places = async (...history: HistoryItem[]) => {
    const about = { numCtx: 32_768, left, history };
    const found = await index.retrieve(
      'where is discountPercent computed',
      about,
      new AbortController().signal,
    );
    return found?.places.map(({ path: file, start, end }) => `${file}:${start}-${end}`);
  };
  const call = (name: string, args: JsonObject): HistoryItem => ({
    type: 'assistant',
    content: '',
    thinking: '',
    calls: [{ id: name, name, arguments: args }],
  });
  const numbered = CODE.trimEnd()
    .split('\n')
    .map((line, at) => `${at + 1}\t${line}`);
  const reading: HistoryItem[] = [
    call('read_file', { path: 'src/discount.ts' }),
    { type: 'tool', callId: 'read_file', name: 'read_file', content: numbered.join('\n') },
  ];
  expect(await places(...reading)).toBe(undefined);
  left = 60;
  expect(await places()).toBe(undefined);
  left = 20_000;
  // As after a compaction, or a step back.
  expect(await places()).toEqual(['src/discount.ts:1-4']);
  expect(await places(...reading)).toBe(undefined);
  const changed = CODE.replace('5 : 0', '7 : 1');
  writeFileSync(path.join(plan.cwd, 'src/discount.ts'), changed);
  expect(await places(...reading)).toEqual(['src/discount.ts:3-4']);
  const input = `*** Begin Patch\n*** Add File: src/discount.ts\n${changed.trimEnd().replace(/^/gm, '+')}\n*** End Patch`;
  expect(await places(...reading, call('apply_patch', { input }))).toBe(undefined);
});

test('what the user adds while the model works gets its code too', async () => {
  const asked: string[] = [];
  const retrieve: Retrieve = async (message, { history }) => {
    asked.push(`${message} / ${history.at(-1)?.content}`);
    return { text: `code for ${message}`, places: [] };
  };
  const gate = Promise.withResolvers<void>();
  const server = await withOllama([{ content: 'First.', waitFor: gate.promise }, { content: 'Second.' }]);
  const { agent, turn } = await testAgent(server, { retrieve });
  const ended = turn('one');
  await server.waitForRequest(1);
  agent.submit({ type: 'steer', text: 'two' });
  gate.resolve();
  await ended;
  expect(asked).toEqual(['one / one', 'two / two']);
  expect(agent.history.items.map(({ type, content }) => `${type}: ${content}`).slice(1)).toEqual([
    'user: one',
    'user: [Perhaps of use, from the repository:]\ncode for one',
    'assistant: First.',
    'user: two',
    'user: [Perhaps of use, from the repository:]\ncode for two',
    'assistant: Second.',
  ]);
});

test('what stands in AGENTS.md is told already', async () => {
  const plan = await repository();
  const doc = path.join(plan.cwd, 'AGENTS.md');
  const text = '# Discounts\n\nEvery discountPercent is reviewed by the treasurer before it is released.\n';
  writeFileSync(doc, text);
  rmSync(path.join(plan.cwd, 'src/discount.ts'));
  const frame: HistoryItem = { type: 'user', kind: 'context', content: `# AGENTS.md\n\n${text}` };
  const about = { numCtx: 32_768, left: 20_000, history: [frame] };
  const placesIf = async (told: readonly string[]) => {
    const index = await openCodeIndex(plan, OPTIONS);
    if (index === undefined) throw new Error('no index');
    onTestFinished(() => index.close());
    index.setContextFiles(told);
    index.start();
    const signal = new AbortController().signal;
    const found = await index.retrieve('who reviews a discountPercent by AGENTS.md?', about, signal);
    return found?.places.map((place) => place.path);
  };
  expect([await placesIf([]), await placesIf([doc])]).toEqual([['AGENTS.md'], undefined]);
});

test('there is no index where nobody wants one, or of more than a project; without git there is one', async () => {
  const plan = await repository();
  const off = planSession({ cd: plan.cwd, config: ['index.enabled=false'] }, { ignoreUserConfig: true });
  expect(await openCodeIndex(off, OPTIONS)).toBe(undefined);
  expect(await openCodeIndex({ ...plan, home: path.join(plan.cwd, '.oagent') }, OPTIONS)).toBe(undefined);
  rmSync(path.join(plan.cwd, '.git'), { recursive: true });
  const index = await openCodeIndex(plan, OPTIONS);
  if (index === undefined) throw new Error('no index');
  onTestFinished(() => index.close());
  index.start();
  const about = { numCtx: 32_768, left: 20_000, history: [] };
  const found = await index.retrieve('where is discountPercent?', about, new AbortController().signal);
  expect(found?.places).toEqual([{ path: 'src/discount.ts', start: 1, end: 4 }]);
});

test('that the code was not found in time is said, and the message goes without', async () => {
  const plan = await repository();
  const index = await openCodeIndex(plan, { ...OPTIONS, injectMs: 0 });
  if (index === undefined) throw new Error('no index');
  onTestFinished(() => index.close());
  index.start();
  const about = { numCtx: 32_768, left: 20_000, history: [] };
  const late = { text: '', places: [], isLate: true };
  expect(
    await index.retrieve('where is discountPercent computed', about, new AbortController().signal),
  ).toEqual(late);
  const server = await withOllama([{ content: 'There.' }]);
  const { agent, turn } = await testAgent(server, { retrieve: () => Promise.resolve(late) });
  const told: unknown[] = [];
  agent.subscribe((event) => void (event.type === 'retrieved' && told.push(event)));
  await turn('where is discountPercent computed');
  expect(told).toEqual([{ type: 'retrieved', places: [], isLate: true }]);
  expect(agent.history.items.map(({ type, content }) => `${type}: ${content}`).slice(1)).toEqual([
    'user: where is discountPercent computed',
    'assistant: There.',
  ]);
});

test('that words alone decided is told with the code, and without any', async () => {
  const places = [{ path: 'src/discount.ts', start: 1, end: 4 }];
  const answers = [
    { text: 'src/discount.ts:1-4\ncode', places, isByWords: true },
    { text: '', places: [], isByWords: true },
  ];
  const server = await withOllama([{ content: 'One.' }, { content: 'Two.' }]);
  const { agent, turn } = await testAgent(server, { retrieve: () => Promise.resolve(answers.shift()) });
  const told: unknown[] = [];
  agent.subscribe((event) => void (event.type === 'retrieved' && told.push(event)));
  for (const text of ['where is discountPercent computed', 'and where is it shown']) await turn(text);
  expect(told).toEqual([
    { type: 'retrieved', places, isByWords: true, text: 'src/discount.ts:1-4\ncode' },
    { type: 'retrieved', places: [], isByWords: true },
  ]);
  expect(agent.history.items.filter((item) => item.type === 'user' && item.kind === 'note')).toHaveLength(1);
});
