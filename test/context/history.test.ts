import fc from 'fast-check';
import { expect, test } from 'vitest';
import { History, type HistoryItem } from '../../src/context/history.ts';
import { normalize, withoutOldest } from '../../src/context/normalize.ts';

const user = (content: string): HistoryItem => ({ type: 'user', kind: 'prompt', content });
const calls = (...ids: string[]): HistoryItem => ({
  type: 'assistant',
  content: '',
  thinking: '',
  calls: ids.map((id) => ({ id, name: 'shell', arguments: { command: id } })),
});
const output = (callId: string, content = `out ${callId}`): HistoryItem => ({
  type: 'tool',
  callId,
  name: 'shell',
  content,
});

test('turns items into messages, thinking and calls as received', () => {
  const history = new History();
  history.record(
    { type: 'user', kind: 'context', content: 'env' },
    user('fix it'),
    {
      type: 'assistant',
      content: 'I look.',
      thinking: 'hm',
      calls: [{ id: 'c1', name: 'shell', arguments: { b: 1, a: 2 } }],
    },
    output('c1', 'done'),
    { type: 'assistant', content: 'It is done.', thinking: '', calls: [] },
  );
  expect(JSON.stringify(history.forPrompt({ vision: false }))).toBe(
    JSON.stringify([
      { role: 'user', content: 'env' },
      { role: 'user', content: 'fix it' },
      {
        role: 'assistant',
        content: 'I look.',
        thinking: 'hm',
        tool_calls: [{ id: 'c1', function: { index: 0, name: 'shell', arguments: { b: 1, a: 2 } } }],
      },
      { role: 'tool', content: 'done', tool_name: 'shell', tool_call_id: 'c1' },
      { role: 'assistant', content: 'It is done.' },
    ]),
  );
});

test('images go to models that see, and are named to those that do not', () => {
  const history = new History();
  history.record({ type: 'user', kind: 'prompt', content: 'look', images: ['aGk='] });
  expect(history.forPrompt({ vision: true })).toEqual([{ role: 'user', content: 'look', images: ['aGk='] }]);
  expect(history.forPrompt({ vision: false })).toEqual([
    { role: 'user', content: 'look\nimage content omitted because you do not support image input' },
  ]);
});

test('a recorded item cannot be changed', () => {
  const history = new History();
  const item = { type: 'user' as const, kind: 'prompt' as const, content: 'a' };
  history.record(item);
  expect(() => {
    item.content = 'b';
  }).toThrow(TypeError);
});

test('missing outputs become aborted, right behind their call and in call order', () => {
  expect(normalize([user('a'), calls('1', '2', '3'), output('3'), user('b'), output('1')])).toEqual([
    user('a'),
    calls('1', '2', '3'),
    output('1'),
    output('2', 'aborted'),
    output('3'),
    user('b'),
  ]);
});

test('outputs without a call, and second outputs, are dropped', () => {
  expect(normalize([output('0'), calls('1'), output('1'), output('1', 'again')])).toEqual([
    calls('1'),
    output('1'),
  ]);
});

test('the oldest item goes with its pair', () => {
  expect(withoutOldest([])).toEqual([]);
  expect(withoutOldest([user('a'), user('b')])).toEqual([user('b')]);
  expect(withoutOldest([calls('1', '2'), output('1'), output('2'), user('b')])).toEqual([user('b')]);
  expect(withoutOldest([output('1'), calls('1', '2'), output('2'), user('b')])).toEqual([user('b')]);
});

const anyHistory = fc.array(
  fc.oneof(
    fc.string().map(user),
    fc.uniqueArray(fc.constantFrom('1', '2', '3', '4', '5'), { maxLength: 3 }).map((ids) => calls(...ids)),
    fc.constantFrom('1', '2', '3', '4', '5', '6').map((id) => output(id)),
  ),
  { maxLength: 12 },
);

test('nothing but outputs moves, and every call is answered at once', () => {
  fc.assert(
    fc.property(anyHistory, (items) => {
      const once = normalize(items);
      expect(once.filter((item) => item.type !== 'tool')).toEqual(
        items.filter((item) => item.type !== 'tool'),
      );
      for (const [index, item] of once.entries()) {
        if (item.type !== 'assistant') continue;
        expect(
          once
            .slice(index + 1, index + 1 + item.calls.length)
            .map((next) => next.type === 'tool' && next.callId),
        ).toEqual(item.calls.map((call) => call.id));
      }
    }),
  );
});

test('a whole history is sent as it is, so a longer one begins with a shorter one', () => {
  const whole = fc.array(
    fc.oneof(
      fc.string().map((text) => [user(text)]),
      fc.nat().map((n) => [calls(`c${n}`), output(`c${n}`)]),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(whole, whole, (first, second) => {
      const unique = (parts: HistoryItem[][], prefix: string): HistoryItem[] =>
        parts.flatMap(([head], index) =>
          head?.type === 'assistant'
            ? [calls(`${prefix}${index}`), output(`${prefix}${index}`)]
            : head
              ? [head]
              : [],
        );
      const history = new History();
      history.record(...unique(first, 'a'));
      const before = JSON.stringify(history.forPrompt({ vision: false })).slice(0, -1);
      history.record(...unique(second, 'b'));
      expect(JSON.stringify(history.forPrompt({ vision: false })).startsWith(before)).toBe(true);
    }),
  );
});
