/** Memories in an interactive session: recalled once, there after a resume, gone as soon as they are forgotten or switched off. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Recalled, Retrieve } from '../../src/agent/agent-options.ts';
import { setMemoriesIn } from '../../src/config/set-memories.ts';
import { memoryFolder } from '../../src/memory/folder.ts';
import { addEntry, deleteEntry } from '../../src/memory/store/entries.ts';
import { openMemoryStore } from '../../src/memory/store/open-store.ts';
import type { Event } from '../../src/protocol.ts';
import { retrieveFrom } from '../../src/session/recall.ts';
import type { Sqlite } from '../../src/system/sqlite.ts';
import { open, type User, user } from '../support/interactive-session.ts';
import { entry } from '../support/memory.ts';

vi.setConfig({ testTimeout: 60_000 });

const PORT = 'Postgres for development listens on 5433.';
const FONT = 'The font of invoices is Inter.';
const QUESTIONS = ['Which port does our database listen on?', 'Which font do our invoices have?'] as const;

interface Remembering extends User {
  readonly store: Sqlite;
}

async function remembering(): Promise<Remembering> {
  const made = await user(() => ({ content: 'Yes.' }));
  const store = openMemoryStore(made.home);
  onTestFinished(() => store.close());
  addEntry(store, entry(PORT, { project: made.repo, topic: 'Database' }));
  addEntry(store, entry(FONT, { project: made.repo, topic: 'Invoices' }));
  const { root, handbook, summary } = memoryFolder(made.home);
  mkdirSync(root, { recursive: true });
  writeFileSync(handbook, '# What earlier sessions have taught\n');
  writeFileSync(summary, '- "Answers in German."\n');
  return { ...made, store };
}

const recalledIn = (events: readonly Event[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'recalled' ? event.memories.map(({ text }) => text) : []));

/** The last chat request. */
function lastRequest({ server }: User): string {
  return server.log.filter(({ kind }) => kind === 'chat').at(-1)?.rawBody ?? '';
}

test('a memory is recalled once, also of a session that is resumed, and shown there', async () => {
  const made = await remembering();
  const { session, events, say } = await open(made.repo);
  await say(QUESTIONS[0]);
  await say(QUESTIONS[0]);
  expect(recalledIn(events)).toEqual([PORT]);
  const id = session.keptAs;
  await session.close();
  const before = lastRequest(made);
  const again = await open(made.repo, id);
  writeFileSync(memoryFolder(made.home).summary, '- "Something else."\n');
  await again.say(QUESTIONS[0]);
  await again.say(QUESTIONS[1]);
  const resumed = again.events.find(({ type }) => type === 'session_resumed');
  expect(
    resumed?.type === 'session_resumed' && resumed.items.filter(({ type }) => type === 'recalled'),
  ).toEqual([expect.objectContaining({ memories: [{ text: PORT, date: '2026-11-01' }] })]);
  expect(recalledIn(again.events)).toEqual([FONT]);
  const sent = lastRequest(made);
  const end = before.indexOf('],"tools"');
  expect([end > 0, sent.startsWith(before.slice(0, end)), sent.includes('Something else')]).toEqual([
    true,
    true,
    false,
  ]);
});

test('what is forgotten, or switched off in another terminal, is not recalled for the next message', async () => {
  const made = await remembering();
  const { events, say } = await open(made.repo);
  await say('Hello.');
  deleteEntry(made.store, 1);
  await say(QUESTIONS[0]);
  setMemoriesIn(made.home, made.repo, false);
  await say(QUESTIONS[1]);
  expect(recalledIn(events)).toEqual([]);
  writeFileSync(path.join(made.home, 'config.toml'), 'broken = [');
  await say(QUESTIONS[1]);
  expect(recalledIn(events)).toEqual([]);
  writeFileSync(path.join(made.home, 'config.toml'), `[projects."${made.repo}"]\ntrust_level = "trusted"\n`);
  await say(QUESTIONS[1]);
  expect(recalledIn(events)).toEqual([FONT]);
});

test('an incognito session recalls nothing from then on, and neither does the next conversation in it', async () => {
  const made = await remembering();
  const { session, events, after, say } = await open(made.repo);
  await say(QUESTIONS[0]);
  await after({ type: 'go_incognito' }, ({ type }) => type === 'incognito');
  await say(QUESTIONS[1]);
  session.submit({ type: 'new_session' });
  await say(QUESTIONS[0]);
  expect(recalledIn(events)).toEqual([PORT]);
  expect(lastRequest(made)).not.toContain('earlier_sessions');
});

test('memories have a quarter of what may be added to a message', async () => {
  const asked: number[] = [];
  const memory: Recalled = { memories: [], text: 'm', isFirst: false };
  const recall = (_message: string, tokens: number): Recalled => {
    asked.push(tokens);
    return memory;
  };
  const signal = new AbortController().signal;
  const code: Retrieve = async () => ({ text: 'c', places: [] });
  const about = (numCtx: number, left = numCtx) => ({ numCtx, left, history: [] });
  for (const [window, wanted] of [[8_192], [32_768], [131_072], [32_768, 400], [32_768, 0]] as const)
    await retrieveFrom({ retrieve: code }, { recall }, wanted)?.('x', about(window), signal);
  await retrieveFrom(undefined, { recall })?.('x', about(32_768, 100), signal);
  expect(asked).toEqual([256, 500, 500, 100, 0, 12]);
  expect(await retrieveFrom({ retrieve: code }, { recall })?.('x', about(8_192), signal)).toEqual({
    text: 'c',
    places: [],
    memory,
  });
  expect(retrieveFrom({ retrieve: code }, undefined)).toBe(code);
  expect(retrieveFrom(undefined, undefined)).toBe(undefined);
});
