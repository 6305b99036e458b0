/** Whatever comes in whatever order: each item is written once, text loses nothing, and no escape sequence is written. */
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event, Item } from '../../../src/protocol.ts';
import { bareStyle } from '../../../src/tui/lines/style.ts';
import { LineInput } from '../../../src/tui/plain/line-input.ts';
import { Speaker } from '../../../src/tui/plain/speaker.ts';
import { Teller } from '../../../src/tui/plain/teller.ts';
import { anyText } from '../../support/any-text.ts';
import { startPlainly } from '../../support/plain.ts';
import { TestClock } from '../../support/test-clock.ts';
import {
  answer,
  asks,
  begins,
  call,
  command,
  delta,
  ends,
  patch,
  plan,
  TURN,
  TURN_DONE,
  thinking,
  user,
} from '../../support/tui-events.ts';

interface Told {
  readonly item: Item;
  /** What is in the written text once for each item that has it. */
  readonly marks: readonly string[];
}

/** An item of each kind, told apart by a number that no other one has. */
const KINDS: readonly ((n: number) => Told)[] = [
  (n) => ({ item: user(`asked.${n}.`), marks: [`You: asked.${n}.`] }),
  (n) => ({
    item: answer(`one.${n}.\n\ntwo.${n}.\n\nthree.${n}.`),
    marks: [`one.${n}.`, `two.${n}.`, `three.${n}.`],
  }),
  (n) => ({ item: thinking('word '.repeat(n + 1)), marks: ['Thought: '] }),
  (n) => ({ item: command(`run.${n}.`, { output: `out.${n}.` }), marks: [`out.${n}.`] }),
  (n) => ({
    item: command(`own.${n}.`, { output: `own out.${n}.`, source: 'user' }),
    marks: [`own out.${n}.`],
  }),
  (n) => ({ item: command(`cat read.${n}.`), marks: [`Read: read.${n}.`] }),
  (n) => ({ item: call('search_docs', {}, { output: `found.${n}.` }), marks: [`found.${n}.`] }),
  (n) => ({ item: plan([{ step: `step.${n}.`, status: 'pending' }]), marks: [`To do: step.${n}.`] }),
  (n) => ({
    item: patch([{ path: `/home/ada/shop/file.${n}.`, kind: 'add', diff: `@@ -0,0 +1 @@\n+new.${n}.\n` }]),
    marks: [`Added file.${n}.`, `+new.${n}.`],
  }),
];

const told = fc
  .array(fc.nat({ max: KINDS.length - 1 }), { minLength: 1, maxLength: 8 })
  .map((kinds) => kinds.flatMap((kind, n) => KINDS[kind]?.(n) ?? []));

/** The events of an item in their order, its text in pieces. */
function eventsOf({ item }: Told, pieces: number): Event[] {
  const text = 'text' in item && item.type !== 'user_message' ? item.text : '';
  const size = Math.max(1, Math.ceil(text.length / pieces));
  const parts = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
  const start = 'text' in item && text !== '' ? { ...item, text: '' } : item;
  return [begins(start), ...parts.map((part) => delta(item, part)), ends(item)];
}

/** Takes the next event of one or another item, as the numbers say. */
function interleaved(lists: readonly Event[][], choices: readonly number[]): Event[] {
  const left = lists.map((events) => [...events]);
  const all: Event[] = [];
  for (let at = 0; left.some(({ length }) => length > 0); at += 1) {
    const open = left.filter(({ length }) => length > 0);
    const next = open[(choices[at % choices.length] ?? 0) % open.length]?.shift();
    if (next !== undefined) all.push(next);
  }
  return all;
}

const context = () => ({
  width: 100_000,
  style: bareStyle,
  cwd: '/home/ada/shop',
  home: '/home/ada',
  fullKey: undefined,
});

function write(events: readonly Event[]): string {
  const lines: string[] = [];
  const teller = new Teller(context, (said) => void lines.push(...said));
  for (const event of events) teller.handle(event);
  teller.finish();
  return lines.map((line) => `${line}\n`).join('');
}

const choices = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 30 });
const counts = (text: string, items: readonly Told[]): [string, number][] =>
  items.flatMap(({ marks }) => marks.map((mark): [string, number] => [mark, text.split(mark).length - 1]));
const once = (items: readonly Told[]): [string, number][] => {
  const all = items.flatMap(({ marks }) => marks);
  return all.map((mark) => [mark, all.filter((other) => other === mark).length]);
};

test('items that run beside each other are each written once, however their events are mixed', () => {
  fc.assert(
    fc.property(told, choices, fc.integer({ min: 1, max: 9 }), (items, mix, pieces) => {
      const text = write(
        interleaved(
          items.map((item) => eventsOf(item, pieces)),
          mix,
        ),
      );
      expect(counts(text, items)).toEqual(once(items));
    }),
  );
});

test('and in no order at all: ends before beginnings, events twice', () => {
  fc.assert(
    fc.property(told, choices, fc.boolean(), (items, mix, isTwice) => {
      const events = items.flatMap((item) => eventsOf(item, 1).filter(({ type }) => type !== 'item_delta'));
      const all = isTwice ? [...events, ...events] : events;
      const shuffled = interleaved(
        all.map((event) => [event]),
        mix,
      );
      expect(counts(write(shuffled), items)).toEqual(once(items));
    }),
  );
});

test('not a control character is written, whatever the model, a tool or a file says', async () => {
  const hostile = fc.oneof(
    anyText(40),
    fc.constantFrom('\x1b[2J', '\x1b]0;x\x07', '\x9b1A', 'a\r\nb', '\x08\x7f'),
  );
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const it = await startPlainly();
      it.say(TURN, { type: 'warning', message: text }, { type: 'session_renamed', name: text });
      for (const item of [
        user(text),
        answer(text),
        thinking(text),
        command(text, { output: text, exitCode: 1, status: 'failed' }),
        command(`cat ${text}`),
        call(text, { [text]: text }, { output: text }),
        plan([{ step: text, status: 'pending' }], text),
        patch([{ path: text, movePath: text, kind: 'update', diff: text }], {
          output: text,
          status: 'failed',
        }),
        patch([{ path: text, kind: 'update', diff: `@@ -1 +1 @@\n-${text}\n+${text}` }]),
      ]) {
        it.say(begins(item), delta(item, text), ends(item));
      }
      const asked = { command: text, reason: text, justification: text, prefix: [text] };
      await it.tell(asks(asked), { type: 'model_phase', phase: 'loading', detail: text });
      await it.tell({ type: 'approval_resolved', id: 'approval_1', answer: { type: 'no', instead: text } });
      const question = { id: 'q', kind: 'question', question: text, options: [text, text] } as const;
      await it.tell(asks({ ...asked, ...question }));
      await it.tell({ type: 'approval_resolved', id: 'q', answer: { type: 'no' } }, TURN_DONE);
      for (const line of ['/last\n', '/last 2\n', '/status\n']) await it.type(line);
      await it.end();
      expect(it.written).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    }),
    { numRuns: 60 },
  );
});

test('nor does what nobody has made safe before', () => {
  let written = '';
  const speaker = new Speaker(
    (text) => {
      written += text;
    },
    new TestClock(),
    () => undefined,
  );
  speaker.say(['a\x1b[2J\x1b]0;title\x07b', 'c']);
  expect(written).toBe('ab\nc\n');
});

test('lines are the same wherever their bytes are cut, and those that come together stay together', async () => {
  const line = anyText(12).map((text) => text.replace(/[\r\n\x03]/g, ' '));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      async (lines, sizes) => {
        const stdin = new PassThrough();
        const clock = new TestClock();
        const heard: (readonly string[])[] = [];
        const input = new LineInput(stdin as unknown as NodeJS.ReadStream, clock, {
          onLines: (all) => void heard.push(all),
          onInterrupt: () => undefined,
          onEnd: () => undefined,
        });
        const bytes = Buffer.from(`${lines.join('\n')}\nrest`);
        for (let at = 0, n = 0; at < bytes.length; n += 1) {
          const size = sizes[n % sizes.length] ?? 1;
          stdin.write(bytes.subarray(at, at + size));
          at += size;
        }
        expect(await input.takeUnfinished()).toBe('rest');
        expect(heard).toEqual([Buffer.from(lines.join('\n')).toString().split('\n')]);
      },
    ),
    { numRuns: 60 },
  );
});

test('a line that the loop finds only when the time is over belongs to those before', async () => {
  const stdin = new PassThrough();
  const clock = new TestClock();
  const heard: (readonly string[])[] = [];
  const terminal = Object.assign(stdin, { unref: () => undefined }) as unknown as NodeJS.ReadStream;
  const input = new LineInput(terminal, clock, {
    onLines: (all) => void heard.push(all),
    onInterrupt: () => undefined,
    onEnd: () => undefined,
  });
  const looked = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  stdin.emit('data', Buffer.from('one\n'));
  clock.pass(100);
  stdin.emit('data', Buffer.from('two\n'));
  await looked();
  expect(heard).toEqual([]);
  clock.pass(100);
  await looked();
  expect(heard).toEqual([['one', 'two']]);
  stdin.emit('data', Buffer.from('three\n'));
  clock.pass(100);
  input.close();
  await looked();
  expect(heard).toEqual([['one', 'two']]);
});

test('nothing that comes before the prompt for it answers a question', async () => {
  const pieces = fc.array(fc.constantFrom('1', '\n', '1\n', 'y\n', '2\n3\n', 'no '), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(pieces, pieces, async (before, after) => {
      const it = await startPlainly();
      it.say(TURN);
      for (const piece of before) it.sendBytes(piece);
      it.say(asks());
      for (const piece of after) it.sendBytes(piece);
      await it.settled();
      expect(it.taken().filter(({ type }) => type === 'approval')).toEqual([]);
      expect(it.written.endsWith('\nNumber, 1 to 5: ')).toBe(true);
      await it.type('1\n');
      const answers = it.taken().filter(({ type }) => type === 'approval');
      expect(answers).toEqual([{ type: 'approval', id: 'approval_1', answer: { type: 'once' } }]);
    }),
    { numRuns: 60 },
  );
});
