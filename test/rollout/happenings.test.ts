/** What happened besides the items: kept in the rollout, and there again when the session is read. */
import { appendFileSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event, Happening, Item } from '../../src/protocol.ts';
import { happeningOf } from '../../src/rollout/happenings.ts';
import type { EventMessage } from '../../src/rollout/lines.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { readSession } from '../../src/rollout/reconstruct.ts';
import { SessionRecorder } from '../../src/rollout/recorder.ts';
import { tempFolder } from '../support/temp-folder.ts';

const REQUEST = {
  id: 'a1',
  kind: 'command',
  command: 'npm publish',
  cwd: '/work',
  reason: 'network',
} as const;

const HAPPENINGS: readonly Happening[] = [
  { type: 'retrieved', places: [{ path: 'a.ts', start: 1, end: 2 }], text: 'a.ts:1-2\nx' },
  {
    type: 'recalled',
    memories: [{ text: 'It is 5433.', date: '2026-11-01', note: 'db.md', project: 'shop' }],
    text: '- It is 5433.',
  },
  { type: 'retry', attempt: 1, max: 2, reason: 'broken' },
  { type: 'repaired', message: 'JSON' },
  { type: 'call_rejected', tool: 'apply_patch', message: 'no such line', arguments: { input: '-x' } },
  { type: 'approval_resolved', id: 'a1', answer: { type: 'no', instead: 'y' }, request: REQUEST },
  {
    type: 'rewound',
    outcome: {
      done: [{ path: '/w/a', kind: 'update' }],
      refused: [{ path: '/w/b', reason: 'r', diff: '' }],
      same: 1,
    },
  },
  { type: 'warning', message: 'careful' },
];

const user = (id: string, text: string): Item => ({ type: 'user_message', id, text });

/** The file of a session in which this happened. */
async function recorded(...events: readonly Event[]): Promise<string> {
  const home = await tempFolder();
  const recorder = new SessionRecorder({
    home,
    cwd: '/work',
    meta: {
      id: '01a1fdb2-3c69-72d3-a633-92fb8138136e',
      timestamp: '2026-01-02T03:04:05.678Z',
      cwd: '/work',
      originator: 'oagent',
      cli_version: '0.1.0',
      rollout_version: 1,
      source: 'cli',
      model_provider: 'ollama',
    },
    rules: () => ({ sandbox: 'read-only', approval: 'never' }),
    warn: (message) => {
      throw new Error(message);
    },
    onChanged: () => undefined,
  });
  for (const event of events) recorder.happened(event);
  await recorder.close();
  return rolloutFiles(home)[0]?.path ?? '';
}

const completed = (item: Item): Event => ({ type: 'item_completed', item });
const evidence = { files: [], commands: [], checks: [] };

test('everything is there again, between the items, in its order', async () => {
  const [one, two] = [user('i1', 'one'), user('i2', 'two')];
  const file = await recorded(
    completed(one),
    ...(HAPPENINGS as readonly Event[]),
    { type: 'compacted', before: 9, after: 3 },
    { type: 'turn_failed', turnId: 't1', message: 'no answer', evidence },
    completed(two),
    { type: 'turn_aborted', turnId: 't2' },
  );
  const { shown, entries, shownBefore } = readSession(file);
  expect({ shown, entries, shownBefore }).toEqual({
    shown: [one, two],
    entries: [
      one,
      ...HAPPENINGS,
      { type: 'compacted', before: 9, after: 3 },
      { type: 'turn_failed', message: 'no answer' },
      two,
      { type: 'turn_aborted' },
    ],
    shownBefore: 0,
  });
});

test('only items count for how much is shown, and what happened before the first of them is left out', async () => {
  const [one, two, three] = [user('i1', 'one'), user('i2', 'two'), user('i3', 'three')];
  const warning: Event = { type: 'warning', message: 'careful' };
  const file = await recorded(completed(one), warning, completed(two), warning, completed(three));
  const { shown, entries, shownBefore } = readSession(file, { shownItems: 2 });
  expect({ shown, entries, shownBefore }).toEqual({
    shown: [two, three],
    entries: [two, warning, three],
    shownBefore: 1,
  });
  expect(readSession(file, { shownItems: 0 }).entries).toEqual([]);
});

test('what was rolled back did not happen; a warning alone makes no session', async () => {
  const warning: Event = { type: 'warning', message: 'careful' };
  const one = user('i1', 'one');
  const file = await recorded(completed(one), warning, completed(user('i2', 'two')), warning);
  const line = { type: 'event_msg', payload: { type: 'thread_rolled_back', num_turns: 1, items_left: 1 } };
  appendFileSync(file, `${JSON.stringify({ timestamp: new Date(0).toISOString(), ...line })}\n`);
  expect(readSession(file).entries).toEqual([one, warning]);
  expect(await recorded(warning)).toBe('');
});

test('a line that was damaged, or is of a newer oagent, is left out and breaks nothing', async () => {
  const file = await recorded(completed(user('i1', 'one')), { type: 'warning', message: 'careful' });
  const text = readFileSync(file, 'utf8');
  for (const event of [
    null,
    3,
    {},
    { type: 'later' },
    { type: 'warning' },
    { type: 'retrieved', places: [null] },
    { type: 'recalled', text: '', memories: [null] },
    { type: 'recalled', text: '', memories: [{ text: 1, date: '' }] },
  ])
    appendFileSync(
      file,
      text.split('\n')[2]?.replace(/"event":.*$/, `"event":${JSON.stringify(event)}}}\n`) ?? '',
    );
  expect(readSession(file).entries).toEqual([user('i1', 'one'), { type: 'warning', message: 'careful' }]);
});

test('any value in the place of an event is taken as it is, or left out', () => {
  const anyEvent = fc.record(
    {
      type: fc.constantFrom(...HAPPENINGS.map(({ type }) => type)),
      message: fc.anything(),
      tool: fc.anything(),
      places: fc.anything(),
      answer: fc.anything(),
      request: fc.anything(),
    },
    { requiredKeys: ['type'] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), anyEvent), (event) => {
      const found = happeningOf({ type: 'happened', event } as EventMessage);
      expect([undefined, event]).toContain(found);
    }),
  );
});
