import { appendFileSync, mkdirSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Turn } from '../../../src/demo/script.ts';
import { EXTRACT_SCHEMA, readAnswer } from '../../../src/memory/extract/answer.ts';
import { Evidence } from '../../../src/memory/extract/evidence.ts';
import { modelInput } from '../../../src/memory/extract/model-input.ts';
import { recordOf } from '../../../src/memory/extract/record.ts';
import { lineText, type RolloutLine } from '../../../src/rollout/lines.ts';
import { lockRollout } from '../../../src/rollout/lock.ts';
import { anyText } from '../../support/any-text.ts';
import { changed, extraction, modelSaid, ran, rolloutOf, userSaid } from '../../support/extract.ts';
import { keptAgent } from '../../support/kept-agent.ts';
import { NATIVE, withOllama } from '../../support/ollama-server.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const NOTHING = { slug: '', summary: '', raw: '' };
const answer = (raw: string, summary = '', slug: string | null = null): Turn => ({
  json: { raw_memory: raw, rollout_slug: slug, rollout_summary: summary },
});
const shell = (command: string): Turn => ({ toolCalls: [{ name: 'shell', arguments: { command } }] });
const SESSION = [
  userSaid('The parser must accept tabs. We always use pnpm here.'),
  ran('cat parse.js', 'split on blanks'),
  changed('parse.js'),
  ran('npm test', '1 failed', 1),
  ran('npm test', '2 passed'),
  modelSaid('The parser accepts tabs now.'),
];

test('a real session, asked about once, gives a record', async () => {
  const [home, cwd] = [await tempFolder(), await tempFolder()];
  const server = await withOllama([
    shell('printf "exports.a = 1\\n" > a.js'),
    { content: 'There is a.js now.' },
    shell('node -e 0'),
    { content: 'It runs.' },
  ]);
  const made = await keptAgent(server, { home, cwd, more: { model: NATIVE.name } });
  await made.turn('Write a.js, which exports one number.');
  await made.turn('No, not a.js: use node -e 0 instead. Never write a.js again.');
  await made.close();
  const rollout = made.summaries.at(-1)?.path ?? '';

  const run = await extraction([
    answer(
      '- preference: never write a.js again\n- Runs with node -e 0.',
      'The user asked for a.js, then for node -e 0 instead. It ended well.',
      'Export One Number',
    ),
  ]);
  run.add('t', rollout, { cwd });
  expect(await run.next()).toEqual({
    state: 'more',
    progress: { phase: 'extract', done: 1, total: 1, title: cwd.split('/').at(-1) },
  });
  expect(await run.next()).toEqual({ state: 'idle' });
  expect(run.record('t')).toEqual({
    slug: 'export-one-number',
    summary: 'The user asked for a.js, then for node -e 0 instead. It ended well.',
    raw: 'preference: No, not a.js: use node -e 0 instead. Never write a.js again.\npreference: never write a.js again\nRuns with node -e 0.',
  });
  const [body, ...more] = run.asked();
  expect(more).toEqual([]);
  expect(body?.format).toEqual(EXTRACT_SCHEMA);
  expect(body?.messages.at(-1)).toEqual({
    role: 'user',
    content: `certain:
  Corrected by the user:
  No, not a.js: use node -e 0 instead. Never write a.js again. [message 2]
  Commands run:
  printf "exports.a = 1\\n" > a.js (exit code 0)
  node -e 0 (exit code 0) [message 2]
user:
  Write a.js, which exports one number.
call:
  printf "exports.a = 1\\n" > a.js (exit code 0)
assistant:
  There is a.js now.
user:
  No, not a.js: use node -e 0 instead. Never write a.js again.
call:
  node -e 0 (exit code 0)
assistant:
  It runs.
`,
  });
});

test('what the user says after an interrupt or a rollback is a correction, and what was rolled back is not', async () => {
  const [home, cwd] = [await tempFolder(), await tempFolder()];
  const server = await withOllama((_request, index) =>
    index === 2 ? { fault: { kind: 'stall' } } : { content: `Answer ${index}.` },
  );
  const made = await keptAgent(server, { home, cwd, more: { model: NATIVE.name } });
  await made.turn('Name three colours.');
  await made.turn('Always answer in capitals.');
  made.agent.submit({ type: 'rollback', userTurns: 1 });
  const stalled = made.turn('Name a fish.');
  await server.waitForRequest(3);
  made.agent.submit({ type: 'interrupt' });
  await stalled;
  await made.turn('Vögel reichen.');
  await made.close();
  const run = await extraction([answer('', '')]);
  run.add('t', made.summaries.at(-1)?.path ?? '', { cwd });
  await run.next();
  expect(run.record('t')).toEqual({
    slug: 'name-three-colours',
    summary: '',
    raw: 'preference: Name a fish.\npreference: Vögel reichen.',
  });
});

test.each([
  ['no message', []],
  ['a greeting', [userSaid('Hi there!'), modelSaid('Hello, what can I do?')]],
])('%s: an empty record, and no model is asked', async (_name, session) => {
  const run = await extraction([]);
  run.add('t', await rolloutOf(session));
  expect((await run.next()).state).toBe('more');
  expect(run.record('t')).toEqual(NOTHING);
  expect(run.asked()).toEqual([]);
});

test('nothing worth keeping is not asked for again', async () => {
  const run = await extraction([answer('', '')]);
  run.add(
    't',
    await rolloutOf([userSaid('What does the parser in here do?'), ran('ls'), modelSaid('It parses.')]),
  );
  await run.next();
  expect(run.record('t')).toEqual(NOTHING);
  expect(await run.next()).toEqual({ state: 'idle' });
  expect(run.asked()).toHaveLength(1);
});

test('what the user wants in future needs no model', async () => {
  const run = await extraction([answer('', '')]);
  run.add('t', await rolloutOf(SESSION));
  await run.next();
  expect(run.record('t')).toEqual({
    slug: 'the-parser-must-accept-tabs-we-always-use',
    summary: 'Files changed: parse.js. `npm test` passed last.',
    raw: 'preference: We always use pnpm here.',
  });
});

test.each([
  ['the old keys', { summary: 'The parser accepts tabs.', rawMemory: 'The parser accepts tabs.' }],
  [
    'lists of lines',
    {
      rollout_slug: null,
      rollout_summary: ['The parser accepts tabs.'],
      raw_memory: ['The parser accepts tabs.'],
    },
  ],
  ['in a list', [{ rollout_summary: 'The parser accepts tabs.', raw_memory: 'The parser accepts tabs.' }]],
  ['a text', '{"rollout_summary": "The parser accepts tabs.", "raw_memory": "The parser accepts tabs."}'],
  [
    'a text in a fence',
    '```json\n{"rollout_summary": "The parser accepts tabs.", "raw_memory": "The parser accepts tabs.",}\n```',
  ],
  ['null for nothing', { rollout_slug: 7, rollout_summary: 'The parser accepts tabs.', raw_memory: null }],
])('%s', (_name, value) => {
  const raw = _name === 'null for nothing' ? '' : 'The parser accepts tabs.';
  expect(readAnswer(value)).toEqual({ slug: '', summary: 'The parser accepts tabs.', raw });
});

test.each([
  [{ rollout_summary: 1, raw_memory: '' }, 'rollout_summary is missing or not a text'],
  [{ rollout_summary: '' }, 'raw_memory is missing or not a text'],
  [{ rollout_summary: '', raw_memory: { a: 1 } }, 'raw_memory is missing or not a text'],
  ['Sorry, I cannot.', 'The answer is not a JSON object'],
  [[], 'The answer is not a JSON object'],
  [null, 'The answer is not a JSON object'],
  [undefined, 'The answer is not a JSON object'],
])('%j is not usable: %s', (value, problem) => {
  expect(readAnswer(value)).toBe(problem);
});

test('a useless answer is asked for once more, with the reason', async () => {
  const run = await extraction([
    { json: { rollout_summary: 5, raw_memory: '' } },
    answer('The parser accepts tabs.', 'The parser accepts tabs.', 'parser-tabs'),
  ]);
  run.add('t', await rolloutOf(SESSION));
  expect((await run.next()).problem).toBeUndefined();
  const [first = '', second = ''] = run.asked().map(({ messages }) => messages.at(-1)?.content);
  expect(second).toBe(
    `${first}\n\nrollout_summary is missing or not a text. Answer again, with nothing but the JSON object.`,
  );
  expect(run.record('t')).toEqual({
    slug: 'parser-tabs',
    summary: 'The parser accepts tabs.\nFiles changed: parse.js. `npm test` passed last.',
    raw: 'preference: We always use pnpm here.\nThe parser accepts tabs.',
  });
});

test('two useless answers are a failure that is tried again in an hour', async () => {
  const run = await extraction([{ content: 'Sorry.' }, { content: 'Sorry.' }]);
  run.add('t', await rolloutOf(SESSION));
  expect(await run.next()).toEqual({
    state: 'more',
    progress: { phase: 'extract', done: 0, total: 1, title: 'shop' },
    problem: 'the model gave no usable answer: the answer is not valid JSON',
  });
  expect(run.record('t')).toBeUndefined();
  expect(await run.next()).toEqual({ state: 'idle' });
});

test('a rollout that cannot be read is a failure, and the next one is read', async () => {
  const run = await extraction([answer('', '')]);
  run.add('gone', '/nowhere/rollout.jsonl', { updated: run.deps.now() - 80_000_000 });
  run.add('t', await rolloutOf(SESSION));
  expect((await run.next()).problem).toContain('cannot read the session /nowhere/rollout.jsonl');
  expect((await run.next()).problem).toBeUndefined();
  expect(run.record('t')?.raw).toBe('preference: We always use pnpm here.');
});

test('an aborted step gives its claim back, and the next one finds it', async () => {
  const run = await extraction((_request, index) =>
    index === 0 ? { fault: { kind: 'stall' } } : answer('', ''),
  );
  run.add('t', await rolloutOf(SESSION));
  const control = new AbortController();
  const step = run.next(control.signal);
  await run.server.waitForRequest(1);
  control.abort(new Error('a key was pressed'));
  await expect(step).rejects.toThrow('a key was pressed');
  expect(run.store.sql('SELECT count(*) AS n FROM jobs').get()?.n).toBe(0);
  await expect(run.next(control.signal)).rejects.toThrow('a key was pressed');
  expect((await run.next()).state).toBe('more');
  expect(run.record('t')).toBeDefined();
});

test('a server that is away costs no session a retry', async () => {
  const run = await extraction([]);
  run.add('t', await rolloutOf(SESSION));
  await run.server.close();
  const step = await run.next();
  expect(step.state).toBe('busy');
  expect(step.problem).toContain(run.server.host);
  expect(run.store.sql('SELECT count(*) AS n FROM jobs').get()?.n).toBe(0);
});

test('a session that a process has open is not read, even if it rests', async () => {
  const run = await extraction([answer('', '')]);
  const rollout = await rolloutOf(SESSION);
  run.add('t', rollout);
  const lock = lockRollout(rollout);
  expect(await run.next()).toEqual({ state: 'idle' });
  if (!lock.isHeld) lock.release();
  expect((await run.next()).state).toBe('more');
});

test('nor is one whose lock cannot be read, and the others are', async () => {
  const run = await extraction([answer('', '')]);
  const rollout = await rolloutOf(SESSION);
  mkdirSync(`${rollout}.lock`);
  run.add('locked', rollout, { updated: run.deps.now() - 50_000_000 });
  run.add('t', await rolloutOf(SESSION));
  expect((await run.next()).problem).toBeUndefined();
  expect([run.record('locked'), run.record('t')?.raw]).toEqual([
    undefined,
    'preference: We always use pnpm here.',
  ]);
});

test('a prompt that does not fit is sent again with half of the session', async () => {
  const long = Array.from({ length: 8 }, (_, at) => userSaid(`${at} ${'a word or two '.repeat(80)}`));
  const body = { error: 'prompt is longer than the context length' };
  const overflow: Turn = { fault: { kind: 'status', status: 400, body } };
  const run = await extraction([overflow, overflow, answer('', '')], { numCtx: 4_096 });
  run.add('t', await rolloutOf([userSaid('Explain the long text of this folder to me.'), ...long]));
  expect((await run.next()).problem).toBeUndefined();
  const sizes = run.asked().map(({ messages }) => Buffer.byteLength(messages.at(-1)?.content ?? ''));
  const [whole = 0, half = 0, quarter = 0] = sizes;
  expect(sizes).toHaveLength(3);
  expect(half).toBeLessThanOrEqual((4_096 - 1_350) * 1.5);
  expect([whole > half, half > quarter, quarter > 0]).toEqual([true, true, true]);
  expect(run.record('t')).toEqual(NOTHING);
});

test('no secret is sent or kept', async () => {
  const token = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';
  const [configured, spoken] = ['tok-en-of-env-77', 'hunter2-and-more'];
  const run = await extraction(
    [
      answer(
        `The parser uses ${token}.\npreference: always use the parser with ${configured}`,
        `The password is ${spoken}. The parser accepts ${token}.`,
        `parser-${token}`,
      ),
    ],
    { secrets: [configured, ''] },
  );
  run.add(
    't',
    await rolloutOf([
      userSaid(`Always use the parser with ${token}, ${configured}; my password is ${spoken}`),
      ran(`curl -H "Authorization: Bearer ${token}" x`, `API_KEY=${spoken}\n${configured}`),
      changed('parse.js'),
    ]),
  );
  await run.next();
  const all = JSON.stringify([run.asked(), run.record('t')]);
  for (const secret of [token, configured, spoken]) expect(all).not.toContain(secret);
  expect(all).toContain('********');
});

const json = fc.jsonValue();
const lines = fc.array(anyText(400), { maxLength: 30 }).map((all) => all.join('\n'));

test('whatever a model answers, a record is within its limits and grounded', () => {
  const evidence = new Evidence('/work/shop', []);
  for (const item of SESSION) evidence.hear({ type: 'item_completed', item });
  const texts = fc.record({ slug: anyText(200), summary: lines, raw: lines });
  const words = fc.array(fc.constantFrom('parser', 'tabs', 'accept', 'npm', 'test', '.', '\n', 'ä'), {
    maxLength: 900,
  });
  const known = words.map((all) => all.join(' '));
  const grounded = fc.record({ slug: known, summary: known, raw: known });
  fc.assert(
    fc.property(fc.oneof(texts, grounded), (given) => {
      const { slug, summary, raw } = recordOf(given, evidence, (text) => text);
      expect(slug).toMatch(/^(?:[a-z0-9]+(?:-[a-z0-9]+)*)?$/);
      expect(slug.length).toBeLessThanOrEqual(60);
      expect(summary.length).toBeLessThanOrEqual(1_500);
      const kept = raw.split('\n');
      expect(kept.length).toBeLessThanOrEqual(12);
      expect(Math.max(...kept.map(({ length }) => length))).toBeLessThanOrEqual(300);
      expect(`${summary}${raw}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u200b\u202e]/);
    }),
  );
});

test('any JSON is read or refused with a reason', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        json,
        json.map((value) => JSON.stringify(value)),
        anyText(),
      ),
      (value) => {
        const read = readAnswer(value);
        if (typeof read === 'string') expect(read).not.toBe('');
        else expect(Object.values(read).map((text) => typeof text)).toEqual(['string', 'string', 'string']);
      },
    ),
  );
});

test('the input is never longer than its limit, and only headers begin a line', () => {
  const item = fc.oneof(
    anyText(3_000).map(userSaid),
    anyText(3_000).map(modelSaid),
    fc.tuple(anyText(100), anyText(3_000)).map(([command, output]) => ran(command, output)),
  );
  fc.assert(
    fc.property(fc.array(item, { maxLength: 40 }), fc.integer({ min: 600, max: 9_000 }), (items, limit) => {
      const evidence = new Evidence('/work/shop', []);
      for (const one of items) evidence.hear({ type: 'item_completed', item: one });
      const text = modelInput(evidence, limit, (all) => all);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      for (const line of text.split('\n'))
        expect(line).toMatch(/^(?:(?:certain|user|assistant|call|output):$| {2}|$)/);
    }),
    { numRuns: 60 },
  );
});

test('outputs are cut first, then old answers, and the user’s words last', () => {
  const evidence = new Evidence('/work/shop', []);
  const items = [
    userSaid(`first ${'u'.repeat(400)}`),
    ran('cat a', 'o'.repeat(3_000)),
    modelSaid(`old ${'a'.repeat(2_000)}`),
    userSaid('second words'),
    modelSaid(`middle ${'b'.repeat(400)}`),
    modelSaid(`last ${'c'.repeat(400)}`),
  ];
  for (const item of items) evidence.hear({ type: 'item_completed', item });
  const left = (limit: number): string =>
    modelInput(evidence, limit, (text) => text).replace(
      /(.)\1{9,}/g,
      (run, letter) => `${letter}${run.length}`,
    );
  expect([6_000, 4_000, 2_500, 1_200, 700].map(left)).toMatchInlineSnapshot(`
    [
      "certain:
      Commands run:
      cat a (exit code 0)
    user:
      first u400
    call:
      cat a (exit code 0)
    output:
      o1000…1000 chars truncated…o1000
    assistant:
      old a2000
    user:
      second words
    assistant:
      middle b400
    assistant:
      last c400
    ",
      "certain:
      Commands run:
      cat a (exit code 0)
    user:
      first u400
    call:
      cat a (exit code 0)
    output:
      o100…2800 chars truncated…o100
    assistant:
      old a2000
    user:
      second words
    assistant:
      middle b400
    assistant:
      last c400
    ",
      "certain:
      Commands run:
      cat a (exit code 0)
    user:
      first u400
    call:
      cat a (exit code 0)
    assistant:
      old a496…1004 chars truncated…a500
    user:
      second words
    assistant:
      middle b400
    assistant:
      last c400
    ",
      "certain:
      Commands run:
      cat a (exit code 0)
    user:
      first u400
    user:
      second words
    assistant:
      middle b143…107 chars truncated…b150
    assistant:
      last c145…105 chars truncated…c150
    ",
      "certain:
      Commands run:
      cat a (exit code 0)
    user:
      first u94…206 chars truncated…u100
    user:
      second words
    ",
    ]
  `);
});

test('a session that has become incognito since it was listed is not read', async () => {
  const run = await extraction([answer('- anything', 'Anything at all was done here.')]);
  const rollout = await rolloutOf(SESSION);
  run.add('a', rollout);
  const off: RolloutLine = { type: 'event_msg', payload: { type: 'memories_off', why: 'incognito' } };
  appendFileSync(rollout, lineText(off, new Date()));
  expect([(await run.next()).state, run.record('a'), run.asked()]).toEqual(['idle', undefined, []]);
});
