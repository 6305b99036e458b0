/** What holds whatever happens, in whatever order: events, keys, pastes, sizes, time. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event, Item } from '../../../src/protocol.ts';
import { cellWidth } from '../../../src/text/cell-width.ts';
import { KEYS, startInScreen, type TuiHarness } from '../../support/tui.ts';
import {
  answer,
  asks,
  begins,
  CHANGE,
  call,
  command,
  delta,
  done,
  ends,
  newId,
  patch,
  phase,
  plan,
  TURN,
  TURN_ABORTED,
  TURN_DONE,
  thinking,
  tokens,
  turnDone,
  turnFailed,
  user,
} from '../../support/tui-events.ts';

const hostile = fc.string({
  unit: fc.constantFrom(
    'a',
    ' ',
    '\n',
    '`',
    '**',
    '- ',
    '# ',
    '| a |\n| - |\n',
    '```\n',
    '中',
    '👩‍💻',
    '\t',
    '\x1b[2J',
    '\x1b]0;x\x07',
    '\u202e',
    'word ',
  ),
  maxLength: 200,
});

type Action = (view: TuiHarness) => Promise<void>;

/** One item that begins, grows and ends, or only begins. */
const anyItem: fc.Arbitrary<Event[]> = fc
  .tuple(
    fc.oneof(
      hostile.map((text): Item => answer(text)),
      hostile.map((text): Item => thinking(text)),
      hostile.map((text): Item => user(text)),
      hostile.map((text): Item => command(text, { output: text })),
      hostile.map((text): Item => command(`cat ${text}`, { exitCode: 1, status: 'failed', source: 'user' })),
      hostile.map((text): Item => call(text, { path: text }, { output: text })),
      hostile.map((text): Item => call('read_file', { path: text })),
      hostile.map((text): Item => plan([{ step: text, status: 'in_progress' }], text)),
      hostile.map((text): Item => patch([{ ...CHANGE, path: `/home/ada/shop/${text}` }])),
    ),
    fc.array(hostile, { maxLength: 4 }),
    fc.boolean(),
  )
  .map(([item, deltas, isOver]) => {
    // The generator may be asked twice for the same value: ids must not be.
    const fresh = { ...item, id: newId() };
    return [begins(fresh), ...deltas.map((text) => delta(fresh, text)), ...(isOver ? [ends(fresh)] : [])];
  });

const anyEvents: fc.Arbitrary<Event[]> = fc.oneof(
  { arbitrary: anyItem, weight: 3 },
  fc.constantFrom<Event[]>(
    [TURN],
    [TURN_DONE],
    [TURN_ABORTED],
    [phase('loading', { detail: 'qwen3:8b' })],
    [phase('reading', { newTokens: 9_000, remainingMs: 5_000 })],
    [phase('thinking')],
    [phase('writing')],
    [tokens(9_000, 10, true)],
    [{ type: 'approval_resolved', id: 'a', answer: { type: 'once' } }],
    [
      {
        type: 'queue_changed',
        entries: ['a', 'b', 'c', 'd'].map((id) => ({ id, text: id.repeat(90), kind: 'steer' })),
      },
    ],
    [{ type: 'unqueued', id: 'a', text: 'x\n'.repeat(30) }],
    [{ type: 'server_state', state: 'down', host: 'http://h', message: 'no' }],
    [{ type: 'server_state', state: 'no_model', host: 'http://h', message: 'none' }],
    [{ type: 'server_state', state: 'ready', host: 'http://h' }],
    [{ type: 'models', models: [{ name: 'a', capabilities: ['tools', 'thinking'], isRemote: false }] }],
    [{ type: 'rolled_back', userTurns: 1, text: 'again' }],
    [turnFailed('it broke\n'.repeat(40))],
  ),
  fc
    .tuple(fc.constantFrom('a', 'b', 'c'), hostile)
    .map(([id, text]) => [asks({ id, command: text, justification: text })]),
  hostile.map((text): Event[] => [
    asks({ id: 'p', kind: 'patch', changes: [CHANGE, { ...CHANGE, path: text }] }),
  ]),
  hostile.map((message): Event[] => [
    { type: 'warning', message },
    { type: 'call_rejected', tool: message, message },
    turnDone({ checks: [{ command: message, passed: true }] }),
  ]),
);

const anyKey = fc.constantFrom(
  ...Object.entries(KEYS).flatMap(([name, bytes]) => (name === 'ctrlD' || name === 'ctrlC' ? [] : [bytes])),
  ...[
    '?',
    '/',
    '@',
    '!',
    'x',
    ' ',
    'y',
    '1',
    '/model\r',
    '/theme\r',
    '/status\r',
    '/permissions\r',
    '/ps\r',
    '日',
    '👩‍💻',
  ],
  ...[
    '\x12',
    '\x0f',
    '\x1b[200~1\n2\x1b[201~',
    '\x1b[O',
    '\x1b[I',
    '\x1b[6~',
    '\x1b[27;2;13~',
    '\n',
    '\x1b[',
  ],
);

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  {
    arbitrary: anyEvents.map(
      (events): Action =>
        (view) =>
          view.tell(...events),
    ),
    weight: 4,
  },
  {
    arbitrary: anyKey.map(
      (bytes): Action =>
        (view) =>
          view.type(bytes),
    ),
    weight: 4,
  },
  hostile.map(
    (text): Action =>
      (view) =>
        view.paste(text),
  ),
  fc.integer({ min: 0, max: 3_000 }).map(
    (ms): Action =>
      (view) =>
        view.pass(ms),
  ),
  fc.tuple(fc.integer({ min: 20, max: 400 }), fc.integer({ min: 8, max: 120 })).map(
    ([columns, rows]): Action =>
      (view) =>
        view.resize(columns, rows),
  ),
);

/** Collects every picture that breaks a rule. */
function watch(view: TuiHarness): string[] {
  const broken: string[] = [];
  const { app } = view.tui;
  app.subscribe(() => {
    const { live, cursor } = app.frame();
    const { columns, rows } = app.terminal.size();
    if (live.length >= rows) broken.push(`${live.length} lines on ${rows} rows`);
    for (const line of live) {
      if (cellWidth(line) >= columns) broken.push(`${columns} columns: ${JSON.stringify(line)}`);
      if (line.includes('\n')) broken.push(`line end in ${JSON.stringify(line)}`);
    }
    if (cursor !== undefined && (cursor.y >= live.length || cursor.x >= columns))
      broken.push(`cursor ${cursor.x} ${cursor.y}`);
  });
  return broken;
}

/** What was written while the primary screen was shown. */
function onPrimary(raw: string): string {
  return raw.replace(/\x1b\[\?1049h[\s\S]*?\x1b\[\?1049l/g, '');
}

test('the live region fits, nothing throws, and nothing is wiped', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAction, { minLength: 5, maxLength: 25 }), async (actions) => {
      const view = await startInScreen({ columns: 80, rows: 24 });
      const broken = watch(view);
      for (const act of actions) await act(view);
      view.tui.end('quit');
      await view.screen.settled();
      expect(broken).toEqual([]);
      expect(onPrimary(view.screen.raw)).not.toMatch(/\x1b\[[23]J/);
      expect(view.clock.pending).toBe(0);
    }),
    { numRuns: 12 },
  );
});

/** An answer with a mark in each paragraph, so that each can be counted. */
function markedAnswer(number: number, paragraphs: number): { text: string; marks: string[] } {
  const marks = Array.from({ length: paragraphs }, (_, i) => `mark-${number}-${i}.`);
  const forms = [
    (mark: string) => `Some words and ${mark}`,
    (mark: string) => `- one\n- ${mark}\n- three`,
    (mark: string) => `\`\`\`ts\nconst x = 1;\n${mark}\n\`\`\``,
    (mark: string) => `## Heading ${mark}`,
    (mark: string) => `1. first\n2. **${mark}**`,
    (mark: string) => `> ${mark}`,
  ];
  const text = marks.map((mark, i) => forms[(number + i) % forms.length]?.(mark)).join('\n\n');
  return { text: `${text}\n`, marks };
}

test('every finished answer is in the history once, in order, however it was cut', async () => {
  const answers = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
  const between = fc.array(fc.constantFrom('key', 'thinking', 'command', 'time', 'page', 'size'), {
    maxLength: 3,
  });
  const size = fc.tuple(fc.integer({ min: 20, max: 200 }), fc.integer({ min: 8, max: 60 }));
  await fc.assert(
    fc.asyncProperty(
      answers,
      size,
      between,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      async (counts, [columns, rows], others, cuts) => {
        const view = await startInScreen({ columns, rows });
        const expected: string[] = [];
        await view.tell(TURN);
        for (const [number, count] of counts.entries()) {
          const { text, marks } = markedAnswer(number, count);
          expected.push(...marks);
          const said = answer(text);
          view.say(begins({ ...said, text: '' }));
          for (let at = 0, i = 0; at < text.length; i += 1) {
            const length = cuts[i % cuts.length] ?? 1;
            view.say(delta(said, text.slice(at, at + length)));
            at += length;
            if (i % 5 === 0) await view.pass(60);
          }
          await view.tell(ends(said));
          for (const other of others) await OTHERS[other]?.(view);
        }
        await view.tell(TURN_DONE);
        expect(view.screen.history().match(/mark-\d+-\d+\./g)).toEqual(expected);
      },
    ),
    { numRuns: 12 },
  );
});

const OTHERS: { readonly [name: string]: Action } = {
  key: (view) => view.type('x'),
  thinking: (view) => view.tell(...done(thinking('I think.'))),
  command: (view) => view.tell(...done(command('npm test', { output: 'ok\n' }))),
  time: (view) => view.pass(1_000),
  size: async (view) => {
    for (const [columns, rows] of [
      [30, 9],
      [140, 50],
      [64, 20],
    ] as const)
      await view.resize(columns, rows);
  },
  page: async (view) => {
    await view.type(KEYS.ctrlT);
    await view.type('q');
  },
};

const typed = fc
  .string({
    unit: fc.constantFrom('a', 'y', 'n', '1', ' ', 'é', '日', '👩‍💻', '.', 'p'),
    minLength: 1,
    maxLength: 30,
  })
  .map((text) => text.trim())
  // A lone answer to a question is no message.
  .filter((text) => text !== '' && !/^[yn\d]$/i.test(text));

test('what is sent is what was typed, and typing answers no question', async () => {
  const step = fc.oneof(
    { arbitrary: typed.map((text) => ({ text, isPaste: false })), weight: 3 },
    typed.map((text) => ({ text, isPaste: true })),
  );
  const event = fc.constantFrom<Event | undefined>(
    TURN,
    TURN_DONE,
    asks({ id: 'a' }),
    asks({ id: 'b' }),
    undefined,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(step, event, fc.integer({ min: 0, max: 2_000 }), fc.boolean()), {
        minLength: 1,
        maxLength: 10,
      }),
      async (steps) => {
        const view = await startInScreen({ columns: 60, rows: 20 });
        for (const [{ text, isPaste }, happens, ms, isBefore] of steps) {
          if (happens !== undefined && isBefore) await view.tell(happens);
          await view.pass(ms);
          if (isPaste) await view.paste(text);
          else await view.type(...(text.match(/[\s\S]{1,3}/gu) ?? []));
          if (happens !== undefined && !isBefore) await view.tell(happens);
          await view.pass(ms);
          await view.type(KEYS.enter);
        }
        const sent = view.taken();
        expect(sent.map((op) => ('text' in op ? op.text : op))).toEqual(steps.map(([{ text }]) => text));
      },
    ),
    { numRuns: 15 },
  );
});
