import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codexSessions, importCodex } from '../../../src/rollout/codex/codex-sessions.ts';
import { rolloutFiles } from '../../../src/rollout/paths.ts';
import { readSession } from '../../../src/rollout/reconstruct.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const SAMPLE = path.join(import.meta.dirname, '../samples/codex-rollout.jsonl');
const ID = '01a219f1-d5ba-7c41-91c1-f0c5c4081600';
const NAME = `rollout-2026-11-26T22-20-09-${ID}.jsonl`;

interface Line {
  readonly type: string;
  readonly payload: { readonly [key: string]: unknown };
}

/** Codex's home with one session of this text, and ours. */
async function codex(text: string): Promise<{ env: { CODEX_HOME: string }; source: string; home: string }> {
  const [CODEX_HOME, home] = [await tempFolder(), await tempFolder()];
  const source = path.join(CODEX_HOME, 'sessions/2026/11/26', NAME);
  mkdirSync(path.dirname(source), { recursive: true });
  writeFileSync(source, text);
  return { env: { CODEX_HOME }, source, home };
}

async function imported(lines: readonly Line[]) {
  const text = lines
    .map((line) => `${JSON.stringify({ timestamp: '2026-01-02T03:04:05.000Z', ...line })}\n`)
    .join('');
  const { env, source, home } = await codex(text);
  return readSession(importCodex(home, source, env).path);
}

const META: Line = { type: 'session_meta', payload: { id: ID, cwd: '/work/shop', source: 'cli' } };
const item = (payload: Line['payload']): Line => ({ type: 'response_item', payload });
const message = (role: string, text: string): Line =>
  item({
    type: 'message',
    role,
    content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }],
  });
const event = (payload: Line['payload']): Line => ({ type: 'event_msg', payload });

test('a session that Codex has written is ours, with its id and its times; nothing of it is lost', async () => {
  const { env, source, home } = await codex(readFileSync(SAMPLE, 'utf8'));
  utimesSync(source, 1_700_000_000, 1_700_000_000);
  const made = importCodex(home, source, env);
  expect(rolloutFiles(home)).toEqual([{ id: ID, path: made.path, isArchived: false, hasLock: false }]);
  expect([path.basename(made.path), statSync(made.path).mtimeMs, statSync(made.path).mode & 0o777]).toEqual([
    NAME,
    1_700_000_000_000,
    0o600,
  ]);
  const call = { id: 'call_e79f6d9d247e', name: 'exec_command', arguments: { cmd: 'echo hi' } };
  const output =
    'Chunk ID: d4d4b9\nWall time: 0.3744 seconds\nProcess exited with code 0\nOriginal token count: 1\nOutput:\nhi\n';
  expect(readSession(made.path)).toMatchObject({
    meta: { id: ID, originator: 'codex_exec', source: 'exec', base_instructions: undefined },
    cwd: '/work/shop',
    firstPrompt: 'please do the thing',
    isBroken: false,
    badLines: 0,
    items: [
      { type: 'user', kind: 'prompt', content: 'please do the thing' },
      { type: 'assistant', content: 'I look.', thinking: '', calls: [call] },
      { type: 'tool', callId: call.id, name: 'exec_command', content: output },
      { type: 'assistant', content: 'Done with it.', thinking: '', calls: [] },
    ],
    shown: [
      { type: 'user_message', id: 'i1', text: 'please do the thing' },
      { type: 'agent_message', id: 'i2', text: 'I look.', status: 'completed' },
      {
        ...{ type: 'command_execution', id: 'i3', command: 'echo hi', cwd: '/work/shop', output: 'hi\n' },
        ...{ exitCode: 0, durationMs: 0, status: 'completed' },
      },
      { type: 'agent_message', id: 'i4', text: 'Done with it.', status: 'completed' },
    ],
    // Of another model, and another server.
    model: undefined,
    usage: undefined,
  });
  const kept = readFileSync(made.path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  const original = readFileSync(SAMPLE, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  const used = original.filter(
    ({ type, payload }) =>
      type === 'response_item' &&
      payload.role !== 'developer' &&
      payload.id !== 'msg_01a219f1-d899-7050-86f1-95bab4a9184d',
  );
  expect(kept.filter(({ type }) => type === 'codex').map(({ payload }) => payload)).toEqual(
    original.filter((line) => !used.includes(line)),
  );
  expect(importCodex(home, source, env)).toEqual({ ...rolloutFiles(home)[0], isNew: false });
});

test('parts of an answer, calls of all kinds and their outputs, old and new', async () => {
  const { items, shown } = await imported([
    META,
    message('user', '<environment_context>\n<cwd>/x</cwd></environment_context>'),
    message('user', '# AGENTS.md instructions for /work\n\nUse tabs.'),
    item({
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'Look.' },
        { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
      ],
    }),
    item({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'x' }),
    item({
      type: 'function_call',
      name: 'shell',
      arguments: '{"command":["bash","-lc","ls | wc"]}',
      call_id: 'a',
    }),
    item({ type: 'local_shell_call', call_id: 'b', action: { type: 'exec', command: ['make', 'all'] } }),
    item({ type: 'custom_tool_call', name: 'apply_patch', input: '*** Begin Patch', call_id: 'c' }),
    item({
      type: 'function_call_output',
      call_id: 'a',
      output: '{"output":"3\\n","metadata":{"exit_code":2}}',
    }),
    item({
      type: 'function_call_output',
      call_id: 'b',
      output: { content: 'Exit code: 0\nOutput:\nok', success: true },
    }),
    item({
      type: 'custom_tool_call_output',
      call_id: 'c',
      output: [{ type: 'input_text', text: 'patched' }],
    }),
    item({ type: 'function_call_output', call_id: 'nobody', output: 'lost' }),
    item({ type: 'reasoning', summary: [{ text: 'never said' }] }),
    message('user', '<turn_aborted>\nThe user interrupted.</turn_aborted>'),
  ]);
  expect(items).toEqual([
    { type: 'user', kind: 'prompt', content: 'Look.', images: ['AAAA'] },
    {
      type: 'assistant',
      content: '',
      thinking: 'Hm.',
      calls: [
        { id: 'a', name: 'shell', arguments: { command: ['bash', '-lc', 'ls | wc'] } },
        { id: 'b', name: 'shell', arguments: { command: ['make', 'all'] } },
        { id: 'c', name: 'apply_patch', arguments: { input: '*** Begin Patch' } },
      ],
    },
    { type: 'tool', callId: 'a', name: 'shell', content: '{"output":"3\\n","metadata":{"exit_code":2}}' },
    { type: 'tool', callId: 'b', name: 'shell', content: 'Exit code: 0\nOutput:\nok' },
    { type: 'tool', callId: 'c', name: 'apply_patch', content: 'patched' },
    { type: 'user', kind: 'note', content: '<turn_aborted>\nThe user interrupted.</turn_aborted>' },
  ]);
  const command = { type: 'command_execution', cwd: '/work/shop', durationMs: 0 };
  expect(shown.slice(1)).toEqual([
    { type: 'reasoning', id: 'i2', text: 'Hm.', status: 'completed' },
    { ...command, id: 'i3', command: 'ls | wc', output: '3\n', exitCode: 2, status: 'failed' },
    { ...command, id: 'i4', command: 'make all', output: 'ok', exitCode: 0, status: 'completed' },
    {
      ...{ type: 'tool_call', id: 'i5', tool: 'apply_patch', arguments: { input: '*** Begin Patch' } },
      ...{ output: 'patched', status: 'completed' },
    },
  ]);
});

test('compactions, rollbacks, names, the last folder, and the model of a local provider', async () => {
  const first = await imported([
    { ...META, payload: { ...META.payload, model_provider: 'oss' } },
    message('user', 'One.'),
    message('assistant', 'First.'),
    {
      type: 'compacted',
      payload: { message: 'A summary.', replacement_history: [message('user', 'One, in short.').payload] },
    },
    { type: 'turn_context', payload: { cwd: '/work/other', model: 'gpt-oss:20b' } },
    message('user', 'Two.'),
    message('assistant', 'Second.'),
    message('user', 'Three.'),
    event({ type: 'thread_rolled_back', num_turns: 2 }),
    event({ type: 'thread_name_updated', thread_name: 'shopping' }),
    { type: 'compacted', payload: { message: 'Only a summary.' } },
  ]);
  expect(first).toMatchObject({
    items: [{ type: 'user', kind: 'note', content: 'Only a summary.' }],
    ...{ name: 'shopping', cwd: '/work/other', model: 'gpt-oss:20b', shownBefore: 0 },
  });
  expect(first.shown.map((shown) => 'text' in shown && shown.text)).toEqual(['One.', 'First.']);
  const { items } = await imported([
    META,
    message('user', 'One.'),
    message('user', 'Two.'),
    event({ type: 'thread_rolled_back', num_turns: 1 }),
  ]);
  expect(items).toEqual([{ type: 'user', kind: 'prompt', content: 'One.' }]);
});

test('a rollout of the first versions, whose lines are the items, and the name in the index', async () => {
  const lines = [
    { id: ID, timestamp: '2025-05-01T00:00:00.000Z', instructions: null },
    { record_type: 'state' },
    {
      type: 'message',
      role: 'user',
      content: [
        {
          type: 'input_text',
          text: '<environment_context>\nCurrent working directory: /old\n</environment_context>',
        },
      ],
    },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello.' }] },
  ];
  const { env, source, home } = await codex(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const index = ['first', 'second'].map((thread_name) => JSON.stringify({ id: ID, thread_name }));
  writeFileSync(path.join(env.CODEX_HOME, 'session_index.jsonl'), `torn\n${index.join('\n')}\n`);
  const { cwd, name, items } = readSession(importCodex(home, source, env).path);
  expect([cwd, name, items]).toEqual([
    '/old',
    'second',
    [{ type: 'user', kind: 'prompt', content: 'Hello.' }],
  ]);
});

test('what is not a session of Codex is an error, and leaves nothing', async () => {
  const { env, source, home } = await codex('no session\n');
  expect(() => importCodex(home, source, env)).toThrow(
    `${source} is not a session of Codex: it does not say where it ran`,
  );
  expect(() => importCodex(home, `${source}.txt`, env)).toThrow('is not named as a session of Codex is');
  rmSync(source);
  expect(() => importCodex(home, source, env)).toThrow(`cannot import ${source}: ENOENT`);
  mkdirSync(source);
  expect(() => importCodex(home, source, env)).toThrow('is not a regular file');
  expect([rolloutFiles(home), codexSessions({ CODEX_HOME: home }), codexSessions({ HOME: home })]).toEqual([
    [],
    [],
    [],
  ]);
});

test('whatever a line says, the session can be imported and read', async () => {
  const { env, source, home } = await codex('');
  const good = readFileSync(SAMPLE, 'utf8').split('\n').slice(0, -1);
  const any = fc.jsonValue();
  const key = fc.constantFrom(
    'type',
    'role',
    'content',
    'call_id',
    'name',
    'arguments',
    'output',
    'cwd',
    'summary',
  );
  const change = fc.tuple(fc.integer({ min: 1, max: good.length - 1 }), fc.boolean(), key, any);
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      const lines = good.map((line) => JSON.parse(line));
      for (const [at, isWhole, name, to] of changes) {
        if (isWhole || typeof lines[at]?.payload !== 'object' || lines[at].payload === null) lines[at] = to;
        else lines[at].payload[name] = to;
      }
      writeFileSync(source, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const made = importCodex(home, source, env);
      const session = readSession(made.path);
      rmSync(made.path);
      expect([session.badLines, session.meta.id]).toEqual([0, ID]);
    }),
    { numRuns: 200 },
  );
});
