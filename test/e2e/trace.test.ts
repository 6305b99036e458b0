/** `OAGENT_TRACE`, as a user turns it on. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { httpFault } from '../../src/demo/script.ts';
import type { JsonObject } from '../../src/protocol.ts';
import { BYPASS, bench } from '../support/exec.ts';
import { NATIVE } from '../support/ollama-server.ts';
import { KEYS, readyTui, SOON, send } from '../support/tui-program.ts';

const linesOf = (file: string): JsonObject[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JsonObject);

/** For each line its kind, and what it is about. What the model server does meanwhile is asked at any time: left out. */
function outline(lines: readonly JsonObject[]): string[] {
  const paths = new Map(lines.flatMap(({ id, path: where }) => (where === undefined ? [] : [[id, where]])));
  return lines
    .map(({ kind, id, decision, state, attempt }) =>
      [kind, paths.get(id) ?? decision ?? state ?? attempt].filter(Boolean).join(' '),
    )
    .filter((line) => !line.endsWith('/api/ps'));
}

const CONFIG = `
[model_providers.ollama]
env_key = "SERVER_TOKEN"
http_headers = { "X-Team" = "header-secret" }
[shell_environment_policy]
set = { SET_BY_USER = "policy-secret" }
`;
const SECRETS = ['token-secret', 'header-secret', 'policy-secret', 'password-secret', 'key-secret'];

test('exec: requests, answers, a retry, a repair and decisions, in order, without a secret', async () => {
  const made = await bench(
    [
      httpFault(503, 'busy'),
      { toolCalls: [{ name: 'bash', arguments: { cmd: 'printf "%s|" "$SET_BY_USER" "$OAGENT_TRACE"' } }] },
      { content: 'I saw key-secret.' },
    ],
    { models: [NATIVE] },
  );
  const file = path.join(made.cwd, 'trace.jsonl');
  writeFileSync(path.join(made.home, 'config.toml'), CONFIG);
  const { host } = new URL(made.server.host);
  const env = {
    OAGENT_TRACE: 'trace.jsonl',
    OLLAMA_HOST: `http://me:password-secret@${host}`,
    SERVER_TOKEN: 'token-secret',
    OTHER_API_KEY: 'key-secret',
  };
  const { code, stdout } = await made.run(['exec', BYPASS, '-m', 'native', 'What is set?'], { env });
  expect([code, stdout]).toEqual([0, 'I saw key-secret.\n']);
  const lines = linesOf(file);
  expect(outline(lines)).toEqual([
    'start',
    'request /api/show',
    'answer /api/show',
    'decision model',
    'decision tests',
    'decision permissions',
    'turn started',
    'request /api/chat',
    'failure /api/chat',
    'retry 1',
    'request /api/chat',
    'answer /api/chat',
    'repair',
    'repair',
    'decision command',
    'request /api/chat',
    'answer /api/chat',
    'request /api/tags',
    'answer /api/tags',
    'turn completed',
  ]);
  const chats = lines.filter(({ kind, path: where }) => kind === 'request' && where === '/api/chat');
  expect(chats[2]).toEqual({
    time: expect.any(String),
    kind: 'request',
    id: expect.any(Number),
    method: 'POST',
    host: `http://${host}`,
    path: '/api/chat',
    body: JSON.parse(JSON.stringify(made.chats()[2]).replaceAll('policy-secret', '********')),
  });
  // The path of the trace is not told to commands.
  expect(JSON.stringify(chats[2])).toContain('********||');
  const ofKind = (wanted: string): JsonObject[] => lines.filter(({ kind }) => kind === wanted);
  expect([ofKind('failure'), ofKind('retry'), ofKind('repair'), ofKind('decision')]).toMatchObject([
    [{ status: 503, error: 'Ollama is busy or starting (503): busy', remedy: 'wait', lines: 0 }],
    [{ attempt: 1, max: 2, remedy: 'wait', reason: 'Ollama is busy or starting (503): busy' }],
    [
      { note: 'tool name "bash" read as exec_command' },
      {
        written: { toolCalls: [{ function: { name: 'bash' } }] },
        became: { calls: [{ name: 'exec_command', arguments: { cmd: expect.stringContaining('printf') } }] },
      },
    ],
    [
      {
        decision: 'model',
        model: 'native',
        window: { numCtx: 32_768, source: 'default' },
        profile: 'native',
      },
      { decision: 'tests' },
      { decision: 'permissions', mode: 'danger-full-access', approval: 'never' },
      { decision: 'command', action: 'run', sandboxed: false },
    ],
  ]);
  expect(ofKind('answer').find(({ id }) => id === chats[2]?.id)).toMatchObject({
    status: 200,
    headersMs: expect.any(Number),
    ms: expect.any(Number),
    body: { message: { role: 'assistant', content: 'I saw ********.' }, done: true, done_reason: 'stop' },
  });
  const text = readFileSync(file, 'utf8');
  expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a session that is killed leaves whole lines, up to what it did last', async () => {
  const made = await bench([{ content: 'late', waitFor: new Promise(() => undefined) }]);
  const file = path.join(made.home, 'trace');
  const { child, ended } = made.start(['exec', '-m', 'base', 'Hi'], { env: { OAGENT_TRACE: file } });
  await made.server.waitForRequest(1, 'chat');
  child.kill('SIGKILL');
  await ended;
  expect(outline(linesOf(file))).toEqual([
    'start',
    'request /api/show',
    'answer /api/show',
    'decision model',
    'decision tests',
    'decision permissions',
    'turn started',
    'request /api/chat',
  ]);
});

test('where there can be no trace, one line says so and the work is done', async () => {
  const made = await bench([{ content: 'Hi.' }]);
  const target = path.join(made.home, 'target');
  symlinkSync(target, path.join(made.cwd, 'link'));
  const { code, stdout, stderr } = await made.run(['exec', 'Hi'], { env: { OAGENT_TRACE: 'link' } });
  expect([code, stdout, existsSync(target)]).toEqual([0, 'Hi.\n', false]);
  expect(stderr.split('\n').filter((line) => line.includes('OAGENT_TRACE'))).toEqual([
    expect.stringMatching(/^warning: OAGENT_TRACE: ELOOP: /),
  ]);
});

test('doctor', async () => {
  const made = await bench([]);
  const file = path.join(made.home, 'trace');
  await made.run(['doctor'], { env: { OAGENT_TRACE: file } });
  const asked = linesOf(file).flatMap(({ kind, method, path: where }) =>
    kind === 'request' ? [`${method} ${where}`] : [],
  );
  expect(asked).toEqual(made.asked());
});

test('the thread of the index writes into the same file, with the same secrets', async () => {
  const embedding = { ...NATIVE, name: 'nomic-embed-text', capabilities: ['embedding'] };
  const made = await bench([], { models: [NATIVE, embedding] });
  execFileSync('git', ['init', '-q', made.cwd]);
  writeFileSync(path.join(made.cwd, 'a.ts'), '/** Uses policy-secret. */\nexport const a = 1;\n');
  writeFileSync(path.join(made.home, 'config.toml'), CONFIG);
  const file = path.join(made.home, 'trace');
  const env = { OAGENT_TRACE: file, SERVER_TOKEN: 'token-secret' };
  expect((await made.run(['index', 'build'], { env })).code).toBe(0);
  const ids = linesOf(file).flatMap(({ kind, id }) => (kind === 'request' ? [id] : []));
  expect(new Set(ids).size).toBe(ids.length);
  const embeds = linesOf(file).filter(({ path: where }) => where === '/api/embed');
  expect(embeds.map(({ body }) => (body as { input: string[] }).input)).toEqual([
    [expect.stringContaining('/** Uses ********. */\nexport const a = 1;')],
  ]);
  const text = readFileSync(file, 'utf8');
  expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([]);
});

test('the interactive session: a question to the user and its answer', async () => {
  const command = {
    command: 'touch canary',
    sandbox_permissions: 'require_escalated',
    justification: 'May I?',
  };
  const made = await bench([{ toolCalls: [{ name: 'shell', arguments: command }] }, { content: 'Done.' }]);
  const file = path.join(made.home, 'trace');
  const tui = await readyTui(made, { env: { OAGENT_TRACE: file } });
  await send(tui, 'do it');
  await tui.screen.until(/May I\?[\s\S]*› .*[Yy]es/);
  // No key answers before the question could be read, or too soon after another.
  const answered = (): boolean => {
    tui.type(KEYS.enter);
    return existsSync(path.join(made.cwd, 'canary'));
  };
  await expect.poll(answered, { ...SOON, interval: 1000 }).toBe(true);
  await tui.screen.until(/Done\.[\s\S]*\? help/);
  tui.type(KEYS.ctrlD);
  expect((await tui.ended).code).toBe(0);
  const decisions = linesOf(file).filter(({ decision }) => decision === 'approval');
  expect(decisions).toEqual([
    {
      time: expect.any(String),
      kind: 'decision',
      thread: expect.stringMatching(/^[0-9a-f-]{36}$/),
      decision: 'approval',
      asked: 'command',
      command: 'touch canary',
      cwd: made.cwd,
      reason: expect.any(String),
      justification: 'May I?',
      answer: { type: 'once' },
    },
  ]);
});
