/** The library as a program uses it that depends on the package: its types, the examples, a host that must not notice it. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Script } from '../../src/demo/script.ts';
import { addFile, type Bench, bench, type RunResult, startProgram } from '../support/exec.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** A package that depends on oagent, linked as `npm link` does it. */
async function consumer(): Promise<string> {
  const folder = await tempFolder();
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, '@types'), { recursive: true });
  symlinkSync(ROOT, path.join(modules, 'oagent'));
  for (const name of ['@types/node', 'undici-types'])
    symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  for (const name of readdirSync(path.join(ROOT, 'examples')))
    copyFileSync(path.join(ROOT, 'examples', name), path.join(folder, name));
  return folder;
}

/** What the compiler says of these files, with every declaration checked. */
function typeErrors(folder: string, files: readonly string[], types: readonly string[]): string {
  const compilerOptions = {
    ...{ module: 'nodenext', moduleResolution: 'nodenext', target: 'es2024', lib: ['es2024'], types },
    ...{ strict: true, skipLibCheck: false, noEmit: true, allowJs: true, checkJs: true },
  };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' }).stdout;
}

/** Runs a program of the consumer in the bench's repository. */
function run({ cwd, env }: Bench, program: string, ...args: string[]): Promise<RunResult> {
  return startProgram(process.execPath, [program, ...args], { cwd, env }).ended;
}

test('the declarations are complete: without those of Node, and with every library checked', async () => {
  const folder = await consumer();
  writeFileSync(
    path.join(folder, 'program.ts'),
    `import { createSession, type ApprovalAnswer, type Event, type Session, type SessionOptions } from 'oagent';

export async function ask(options: SessionOptions, text: string): Promise<string | null> {
  const session: Session = await createSession(options);
  const stop: () => void = session.subscribe((event: Event) => void event);
  session.submit({ type: 'user_turn', text });
  // @ts-expect-error There is no such operation.
  session.submit({ type: 'users_turn', text });
  const answer: ApprovalAnswer = { type: 'no', instead: 'x' };
  for await (const event of session) {
    if (event.type === 'approval_requested') session.submit({ type: 'approval', id: event.request.id, answer });
    if (event.type === 'turn_completed') return event.lastMessage;
  }
  stop();
  await session.close();
  return null;
}
`,
  );
  expect(typeErrors(folder, ['program.ts'], [])).toBe('');
  expect(typeErrors(folder, ['task.mjs', 'watch.mjs'], ['node'])).toBe('');
});

test('examples/task.mjs answers approvals, and ends with what was changed', async () => {
  const command = 'touch ../outside.txt';
  const escalated = { command, sandbox_permissions: 'require_escalated', justification: 'x' };
  const script: Script = [
    { toolCalls: [{ name: 'shell', arguments: escalated }] },
    { toolCalls: [{ name: 'apply_patch', arguments: { input: addFile('inside.txt', 'one') } }] },
    { content: 'Written inside.' },
  ];
  const made = await bench(script);
  const program = path.join(await consumer(), 'task.mjs');
  const { code, stdout, stderr } = await run(made, program, 'Write', 'a', 'file.');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^asked for: touch \.\.\/outside\.txt \(.+\)$/),
    'Written inside.',
    `add ${made.cwd}/inside.txt`,
    '',
  ]);
  expect(made.chats()[1]?.messages.at(-1)?.content).toContain('Do it without leaving the sandbox.');
  expect(existsSync(path.join(made.cwd, '../outside.txt'))).toBe(false);
  const nowhere = await run({ ...made, env: { ...made.env, OLLAMA_HOST: '127.0.0.1:9' } }, program, 'Hi');
  expect(nowhere).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^no Ollama server at /),
  });
});

test('examples/watch.mjs prints the calls as they are made, and keeps nothing', async () => {
  const script: Script = [
    { toolCalls: [{ name: 'read_file', arguments: { path: 'price.js' } }] },
    { toolCalls: [{ name: 'shell', arguments: { command: 'cat price.js' } }] },
    { content: 'In price.js.' },
  ];
  const made = await bench(script);
  writeFileSync(path.join(made.cwd, 'price.js'), 'export const price = Math.round(1.5);\n');
  expect(await run(made, path.join(await consumer(), 'watch.mjs'), 'Where?')).toEqual({
    code: 0,
    signal: null,
    stdout: `read_file {"path":"price.js"}: completed\n/bin/bash -c 'cat price.js': exit code 0\n\nIn price.js.\n`,
    stderr: '',
  });
  expect(existsSync(path.join(made.home, 'sessions'))).toBe(false);
});

/** A host that says what it notices of the library, as JSON. */
const HOST = `
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { createSession } from 'oagent';

const [base, host] = process.argv.slice(2);
const [cwd, home] = [path.join(base, 'repo'), path.join(base, 'other-home')];
const listeners = () => process.eventNames().filter((name) => name !== 'exit').map(String);
const before = listeners();
const name = (promise) => promise.then(() => 'none', (error) => error.name);
const errors = [
  await name(createSession({ cwd: path.join(base, 'nowhere') })),
  await name(createSession({ cwd, config: { sandbox_mode: 'everything' } })),
];
const env = { PATH: process.env.PATH, HOME: base, MARK: 'of the host' };
const config = { model_context_window: 8192, index: { enabled: false } };
const options = { cwd, host, home, env, config, model: 'base', sandbox: 'danger-full-access', approval: 'never' };
const session = await createSession(options);
const early = [];
for await (const event of session) {
  early.push(event);
  break;
}
const thrown = [];
process.on('uncaughtException', (error) => thrown.push(error.message));
const stopThrowing = session.subscribe(({ type }) => {
  if (type === 'turn_started') throw new Error('of the host');
});
const shells = [];
const stop = session.subscribe((event) => {
  if (event.type !== 'item_completed' || event.item.source !== 'user') return;
  shells.push(event.item.output);
  // Only now: at the end of the turn the session is closed, and with it what still runs.
  session.submit({ type: 'user_turn', text: 'Hi' });
});
const seen = [];
const reading = (async () => {
  for await (const event of session) {
    seen.push(event.type);
    if (event.type === 'session_configured') session.submit({ type: 'user_shell', command: 'echo $MARK' });
    if (event.type === 'turn_completed') {
      stop();
      stopThrowing();
      await session.close();
    }
  }
})();
await reading;
session.submit({ type: 'user_turn', text: 'too late' });
await session.close();
process.removeAllListeners('uncaughtException');
const after = listeners();
console.log(JSON.stringify({ errors, before, after, early, thrown, shells, seen, kept: readdirSync(path.join(home, 'sessions')).length }));
`;

test('a host keeps its output, its signals and its life; options win over its environment', async () => {
  const script: Script = [
    { toolCalls: [{ name: 'shell', arguments: { command: 'echo $MARK' } }] },
    { content: 'Done.' },
  ];
  const made = await bench(script);
  const folder = await consumer();
  writeFileSync(path.join(folder, 'host.mjs'), HOST);
  const env = { ...made.env, OLLAMA_HOST: '127.0.0.1:9', OAGENT_HOME: '/dev/null/folder' };
  const base = path.dirname(made.cwd);
  const { stdout, ...rest } = await run(
    { ...made, env },
    path.join(folder, 'host.mjs'),
    base,
    made.server.host,
  );
  expect(rest).toEqual({ code: 0, signal: null, stderr: '' });
  const { seen, before, after, ...facts } = JSON.parse(stdout);
  expect(facts).toEqual({
    errors: ['SessionError', 'ConfigError'],
    early: [{ type: 'server_state', state: 'connecting', host: made.server.host }],
    thrown: ['of the host'],
    shells: ['of the host\n'],
    kept: 1,
  });
  expect(after).toEqual(before);
  expect(seen.filter((type: string) => !/^(item|model|token)_/.test(type))).toEqual([
    'server_state',
    'session_configured',
    'turn_started',
    'turn_completed',
  ]);
  const [first, second] = made.chats();
  expect(first?.options).toMatchObject({ num_ctx: 8192 });
  expect(second?.messages.at(-1)?.content).toContain('of the host');
});
