/** That memories were used is one line, in a session and of a task; clients of exec get their texts. */
import { expect, test } from 'vitest';
import { HumanEvents } from '../../../src/cli/exec/exec-human.ts';
import { JsonEvents } from '../../../src/cli/exec/exec-json.ts';
import type { Event } from '../../../src/protocol.ts';
import { noticeLines } from '../../../src/tui/screen/notice-cells.ts';
import { context, plain } from '../lines/support.ts';

const memory = { text: 'It is 5433.', date: '2026-11-01', thread: '019a3c2e-1111' };
const recalled = (count: number): Event => ({
  type: 'recalled',
  memories: Array.from({ length: count }, () => memory),
  text: '',
});

test('how many, and how to see them', () => {
  const facts = { elapsedMs: 0, tokens: 0, hasCalled: false, request: undefined };
  const shown = [1, 2].map((count) => noticeLines(recalled(count), facts, context(80)).map(plain));
  expect(shown).toEqual([['• From memory: 1 note (ctrl+t)'], ['• From memory: 2 notes (ctrl+t)']]);
});

test('a task says it to people, and gives it to programs', () => {
  const written: string[] = [];
  const human = new HumanEvents({ write: (text) => written.push(text), color: false, live: false });
  human.handle(recalled(2));
  const json = new JsonEvents((line) => written.push(line));
  json.handle(recalled(1));
  expect(written).toEqual([
    'From memory: 2 notes (2026-11-01, session 019a3c2e-1111; 2026-11-01, session 019a3c2e-1111)\n',
    '{"type":"item.completed","item":{"id":"item_0","type":"memory","memories":[{"text":"It is 5433.","date":"2026-11-01","thread_id":"019a3c2e-1111"}]}}',
  ]);
});
