import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { lineText } from '../../src/rollout/lines.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { readSession } from '../../src/rollout/reconstruct.ts';
import { openItems } from '../support/agent.ts';
import { chatBodies } from '../support/exec.ts';
import { keptAgent } from '../support/kept-agent.ts';
import { type TestOllama, withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** What a session meets: thinking, several calls in one answer, calls that fail, foreign signs, large outputs. */
const STEPS: readonly Turn[] = [
  {
    thinking: 'I look.',
    content: 'Look:',
    toolCalls: [{ name: 'shell', arguments: { command: 'seq 5000' } }],
  },
  {
    toolCalls: [
      { name: 'read_file', arguments: { path: 'a.txt' } },
      { name: 'read_file', arguments: { limit: 1, path: 'none.txt' } },
      { name: 'no_such_tool', arguments: { x: [1, { y: null, 2: 'two', 1: 'one' }] } },
    ],
  },
  { content: 'Signs: \u2028 \u0000 \ud83d\ude00 é "\\', toolCalls: [PLAN()] },
];

function PLAN() {
  const plan = [
    { step: 'one', status: 'completed' },
    { step: 'two', status: 'in_progress' },
  ];
  return { name: 'update_plan', arguments: { plan } };
}

const script = (request: unknown, index: number): Turn => {
  void request;
  return STEPS[index % 4] ?? { thinking: 'Done.', content: `Answer ${index}.` };
};

async function room(): Promise<{ home: string; cwd: string }> {
  const [home, cwd] = [await tempFolder(), await tempFolder()];
  writeFileSync(path.join(cwd, 'a.txt'), 'one\ntwo\n');
  return { home, cwd };
}

const fileIn = (home: string): string => rolloutFiles(home)[0]?.path ?? '';

const messages = (server: TestOllama): string[] =>
  chatBodies(server.log).map((body) => JSON.stringify(body.messages));

/** Each request begins with the one before. */
function expectPrefixes(all: readonly string[]): void {
  for (const [index, text] of all.entries()) {
    if (index > 0) expect(text.startsWith((all[index - 1] ?? '').slice(0, -1))).toBe(true);
  }
}

test('what goes on sends the same bytes, knows counts and plan, and gives new ids', async () => {
  const server = await withOllama(script);
  const place = await room();
  const first = await keptAgent(server, place);
  await first.turn('Begin.');
  await first.close();
  const again = await keptAgent(server, { ...place, file: fileIn(place.home) });
  await again.turn('Go on.');
  await again.close();

  expectPrefixes(messages(server));
  const chats = server.log.filter(({ kind }) => kind === 'chat');
  expect(chats.slice(1).map(({ rereadTokens, newTokens }) => rereadTokens === newTokens)).toEqual(
    chats.slice(1).map(() => true),
  );
  const total = chats.reduce((sum, { promptTokens }) => sum + (promptTokens ?? 0), 0);
  const end = again.events.findLast(({ type }) => type === 'turn_completed');
  expect(end?.type === 'turn_completed' && end.usage.inputTokens).toBe(total);
  expect(again.session?.plan).toEqual([
    { step: 'one', status: 'completed' },
    { step: 'two', status: 'in_progress' },
  ]);
  expect(again.session?.shown).toEqual(first.completed());
  const ids = [...first.completed(), ...again.completed()].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(readSession(fileIn(place.home)).shown).toEqual([...first.completed(), ...again.completed()]);
  expect(openItems(again.events)).toEqual([]);
});

test('everything that a front end hears of is in the file by then', async () => {
  const server = await withOllama(script);
  const place = await room();
  const missing: string[] = [];
  const agent = await keptAgent(server, {
    ...place,
    onEvent: (event) => {
      if (event.type !== 'item_completed') return;
      const kept = readFileSync(fileIn(place.home), 'utf8');
      if (!kept.includes(JSON.stringify(event.item))) missing.push(event.item.id);
    },
  });
  await agent.turn('Begin.');
  expect(missing).toEqual([]);
  expect(agent.completed().length).toBeGreaterThan(4);
});

test('after going back, the rest stands as it was and the surroundings are told again', async () => {
  const server = await withOllama(script);
  const place = await room();
  const first = await keptAgent(server, place);
  await first.turn('One.');
  await first.turn('Two.');
  first.agent.submit({ type: 'rollback', userTurns: 1 });
  const items = [...first.agent.history.items];
  await first.close();
  const again = await keptAgent(server, { ...place, file: fileIn(place.home) });
  expect(again.agent.history.items).toEqual(items);
  expect(again.session?.shown.filter(({ type }) => type === 'user_message')).toEqual([
    { type: 'user_message', id: 'i1', text: 'One.' },
  ]);
  again.agent.submit({ type: 'rollback', userTurns: 1 });
  await again.turn('Instead.');
  const texts = again.agent.history.items.flatMap((item) => (item.type === 'user' ? [item.kind] : []));
  expect(texts).toEqual(['context', 'prompt']);
});

test('a compaction is the base of what goes on', async () => {
  const server = await withOllama(script);
  const place = await room();
  const first = await keptAgent(server, place);
  await first.turn('One.');
  await first.close();
  const replacement = [
    { type: 'user', kind: 'context', content: 'the frame' },
    { type: 'user', kind: 'prompt', content: 'One.' },
    { type: 'user', kind: 'note', content: 'a summary' },
  ] as const;
  const line = lineText({ type: 'compacted', payload: { replacement_history: replacement } }, new Date());
  appendFileSync(fileIn(place.home), line);
  const again = await keptAgent(server, { ...place, file: fileIn(place.home) });
  expect(again.agent.history.items).toEqual(replacement);
  expect(again.session?.told.map(({ at }) => at)).toEqual([0]);
  expect(again.session?.shown).toEqual(first.completed());
  await again.turn('Two.');
  await again.close();
  const third = await keptAgent(server, { ...place, file: fileIn(place.home) });
  expect(third.agent.history.items).toEqual(again.agent.history.items);
});

test('what a resumed model knows after a compaction: what the user corrected, and for which message things were done', async () => {
  const shell = (command: string): Turn => ({ toolCalls: [{ name: 'shell', arguments: { command } }] });
  const server = await withOllama([
    shell('seq 2000'),
    { content: 'Counted to 2000.' },
    shell('seq 3000'),
    { content: 'Counted to 3000.' },
    { content: '## Progress and decisions\n- counted to 3000, as the user wanted' },
    { content: 'Yes.' },
  ]);
  const place = await room();
  const first = await keptAgent(server, place);
  await first.turn('Count to 2000.');
  await first.turn('Nein, bis 3000.');
  await first.close();
  const again = await keptAgent(server, { ...place, file: fileIn(place.home) });
  again.agent.submit({ type: 'compact' });
  await again.turn('Right?');
  const known = again.agent.history.items.flatMap(({ content }) =>
    content.startsWith('[Known for certain]') ? [content] : [],
  );
  expect(known).toEqual([
    '[Known for certain]\nCorrected by the user:\nNein, bis 3000. [message 2]\nCommands run:\nseq 2000 (exit code 0)\nseq 3000 (exit code 0) [message 2]',
  ]);
});

test('a process that dies at any byte leaves a session that goes on', async () => {
  const server = await withOllama(script);
  const place = await room();
  const first = await keptAgent(server, place);
  await first.turn('One.');
  await first.turn('Two.');
  await first.close();
  const whole = readFileSync(fileIn(place.home));
  const asked = chatBodies(server.log).map((body) => body.messages);
  const start = whole.indexOf(10, whole.indexOf('"kind":"prompt"')) + 1;
  const runs = Number(process.env.OAGENT_KILL_POINTS ?? 30);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: start, max: whole.length }), async (cut) => {
      const home = await tempFolder();
      const file = path.join(home, 'sessions/2026/01/01', path.basename(fileIn(place.home)));
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, whole.subarray(0, cut));
      const before = server.log.length;
      const again = await keptAgent(server, { home, cwd: place.cwd, file });
      const kept = again.session?.items.length ?? 0;
      expect((await again.turn('Go on.')).type).toBe('turn_completed');
      await again.close();
      const sent = chatBodies(server.log.slice(before))[0]?.messages ?? [];
      // The longest request whose messages were all recorded; with the system message in front.
      const last = asked.findLast((request) => request.length <= kept + 1) ?? [];
      expect(sent.slice(0, last.length)).toEqual(last);
      const shown = readSession(file).shown.map(({ id }) => id);
      expect(new Set(shown).size).toBe(shown.length);
      expect(readFileSync(file).subarray(0, whole.lastIndexOf(10, cut - 1) + 1)).toEqual(
        whole.subarray(0, whole.lastIndexOf(10, cut - 1) + 1),
      );
    }),
    { numRuns: runs },
  );
}, 120_000);

test('the model is told of a turn that broke off, once', async () => {
  const server = await withOllama(script);
  const place = await room();
  const first = await keptAgent(server, place);
  await first.turn('One.');
  await first.close();
  const file = fileIn(place.home);
  const text = readFileSync(file, 'utf8');
  const copy = path.join(await tempFolder(), path.basename(file));
  copyFileSync(file, copy);
  writeFileSync(copy, text.slice(0, text.lastIndexOf('{"timestamp"')));
  const notes = async (): Promise<number> => {
    const agent = await keptAgent(server, { ...place, file: copy });
    await agent.close();
    return agent.agent.history.items.filter((item) => item.type === 'user' && item.kind === 'note').length;
  };
  expect([await notes(), await notes()]).toEqual([1, 1]);
});
