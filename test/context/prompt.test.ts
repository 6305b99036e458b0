import fc from 'fast-check';
import { expect, test } from 'vitest';
import { History, type HistoryItem } from '../../src/context/history.ts';
import {
  buildPrompt,
  messagesOf,
  promptHead,
  withAnswerBegun,
  withoutOldest,
} from '../../src/context/prompt.ts';
import { createTools } from '../../src/tools/registry.ts';

const BLIND = { vision: false };

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

const tools = createTools({ unifiedExec: true, canEscalate: true, env: () => ({}) });

test('tools are for models that call them; one that is led has none, and a text of its own', () => {
  const native = promptHead({ profile: 'native', facts: BLIND }, 'You are an agent.', tools);
  expect({ system: native.system, tools: native.tools.map((tool) => tool.function.name) }).toEqual({
    system: 'You are an agent.',
    tools: ['exec_command', 'write_stdin', 'apply_patch', 'ripgrep', 'read_file', 'update_plan'],
  });
  const led = promptHead({ profile: 'led', facts: BLIND }, 'You are an agent.', tools);
  expect(led).toEqual({
    system: expect.stringMatching(/^You are a coding agent\b/),
    tools: [],
    vision: false,
  });
  const names = tools.map((tool) => tool.schema.function.name);
  // `shell` is also a word.
  expect(names.filter((name) => name !== 'shell' && led.system.includes(name))).toEqual([]);
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
  expect(JSON.stringify(messagesOf(history.items, BLIND))).toBe(
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
  expect(messagesOf(history.items, { vision: true })).toEqual([
    { role: 'user', content: 'look', images: ['aGk='] },
  ]);
  expect(messagesOf(history.items, BLIND)).toEqual([
    { role: 'user', content: 'look\nimage content omitted because you do not support image input' },
  ]);
});

/** Items that are in order, as they are sent. */
const sent = (...items: HistoryItem[]): unknown[] =>
  items.map((item) => {
    if (item.type === 'user') return { role: 'user', content: item.content };
    if (item.type === 'tool') {
      return { role: 'tool', content: item.content, tool_name: item.name, tool_call_id: item.callId };
    }
    const tool_calls = item.calls.map(({ id, ...call }, index) => ({ id, function: { index, ...call } }));
    return { role: 'assistant', content: '', ...(tool_calls.length > 0 && { tool_calls }) };
  });

test('missing outputs become aborted, right after their call and in call order', () => {
  const items = [user('a'), calls('1', '2', '3'), output('3'), user('b'), output('1')];
  expect(messagesOf(items, BLIND)).toEqual(
    sent(user('a'), calls('1', '2', '3'), output('1'), output('2', 'aborted'), output('3'), user('b')),
  );
});

test('outputs without a call, and second outputs, are dropped', () => {
  const items = [output('0'), calls('1'), output('1'), output('1', 'again')];
  expect(messagesOf(items, BLIND)).toEqual(sent(calls('1'), output('1')));
});

test('a question and the beginning of an answer come after the history, and nothing of it changes', () => {
  const head = { system: 'You are a test.', tools: [], vision: true };
  const items = [user('a'), calls('1')];
  const plain = buildPrompt(head, items);
  expect(plain).toEqual({
    messages: [
      { role: 'system', content: 'You are a test.' },
      ...sent(user('a'), calls('1'), output('1', 'aborted')),
    ],
    tools: [],
  });
  const question = { role: 'user', content: 'And?' };
  expect(buildPrompt(head, items, 'And?')).toEqual({ ...plain, messages: [...plain.messages, question] });
  const beginning = { role: 'assistant', content: '```' };
  expect(withAnswerBegun(plain, '```')).toEqual({ ...plain, messages: [...plain.messages, beginning] });
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
      const messages = messagesOf(items, BLIND);
      expect(messages.filter(({ role }) => role !== 'tool')).toEqual(
        sent(...items.filter(({ type }) => type !== 'tool')),
      );
      for (const [index, { tool_calls: asked = [] }] of messages.entries()) {
        expect(messages.slice(index + 1, index + 1 + asked.length).map((next) => next.tool_call_id)).toEqual(
          asked.map(({ id }) => id),
        );
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
      const before = JSON.stringify(messagesOf(history.items, BLIND)).slice(0, -1);
      history.record(...unique(second, 'b'));
      expect(JSON.stringify(messagesOf(history.items, BLIND)).startsWith(before)).toBe(true);
    }),
  );
});
