/** A series with small programs in place of agents, against a scripted server; and the command line of the bench. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { processStat } from '../../../src/system/process-stat.ts';
import { withOllama } from '../../support/ollama-server.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import type { Agent } from './agents.ts';
import { tasksNamed } from './all-tasks.ts';
import { readRecordings } from './recordings.ts';
import type { RunRecord } from './run-figures.ts';
import { runSeries, type Series } from './series.ts';

// Each run of the bench is a process that loads it.
vi.setConfig({ testTimeout: 60_000 });

/** Asks the model once, writes its answer into hello.txt, prints it, and counts its starts in its HOME. */
const PROGRAM = `
import { appendFileSync, writeFileSync } from 'node:fs';
const body = JSON.stringify({ model: process.env.MODEL, messages: [{ role: 'user', content: process.argv.at(-1) }], stream: false });
const response = await fetch(process.env.OLLAMA_HOST + '/api/chat', { method: 'POST', body });
const { message } = await response.json();
appendFileSync(process.env.HOME + '/starts', 'x');
writeFileSync('hello.txt', message.content);
console.log(message.content);
`;

function agent(name: string, program: string): Agent {
  return {
    name,
    invocation: ({ model, prompt, host }) => ({
      file: process.execPath,
      args: ['--input-type=module', '-e', program, prompt],
      env: { OLLAMA_HOST: host, MODEL: model },
    }),
  };
}

async function recordsOf(
  series: Partial<Series>,
  signal = new AbortController().signal,
): Promise<RunRecord[]> {
  const whole: Series = {
    agents: [agent('writer', PROGRAM)],
    tasks: tasksNamed('create'),
    runs: 1,
    model: 'native',
    host: 'http://127.0.0.1:9',
    server: '0.33.0',
    timeLimitMs: 20_000,
    record: undefined,
    ...series,
  };
  const records: RunRecord[] = [];
  for await (const record of runSeries(whole, signal)) records.push(record);
  return records;
}

test('each run is judged, counted and recorded', async () => {
  const server = await withOllama([{ content: 'Hello, world' }, { content: 'Hello, moon' }]);
  const record = path.join(await tempFolder(), 'recordings');
  const records = await recordsOf({ host: server.host, runs: 2, record });
  const common = {
    agent: 'writer',
    model: 'native',
    server: '0.33.0',
    at: expect.stringMatching(/^\d{4}-.*Z$/),
    task: 'create',
    kind: 'one',
    group: 'ten',
    strangers: [],
    exitCode: 0,
    isTimedOut: false,
    wallMs: expect.any(Number),
    requests: 1,
    log: '',
  };
  const recordings = readRecordings(record);
  const [first, second] = recordings.map(({ raw }) => JSON.parse(raw));
  expect(records).toEqual([
    {
      ...common,
      run: 1,
      isRight: true,
      isClaimed: false,
      readTokens: first.prompt_eval_count,
      wroteTokens: first.eval_count,
      firstTokens: first.prompt_eval_count,
      answer: 'Hello, world',
    },
    {
      ...common,
      run: 2,
      isRight: false,
      isClaimed: true,
      readTokens: second.prompt_eval_count,
      wroteTokens: second.eval_count,
      firstTokens: second.prompt_eval_count,
      answer: 'Hello, moon',
    },
  ]);
  expect(recordings.map(({ raw: _, ...head }) => head)).toEqual(
    [1, 2].map((run) => ({
      agent: 'writer',
      model: 'native',
      task: 'create',
      run,
      answer: 1,
      path: '/api/chat',
      status: 200,
      isCut: false,
      request: {
        model: 'native',
        messages: [{ role: 'user', content: tasksNamed('create')[0]?.prompt }],
        stream: false,
      },
    })),
  );
  expect(first.message.content).toBe('Hello, world');
});

test('an agent keeps its HOME in a series, and gets a fresh repository each time', async () => {
  const program = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
appendFileSync(process.env.HOME + '/starts', 'x');
console.log(readFileSync(process.env.HOME + '/starts', 'utf8'), existsSync('.git'), existsSync('left.txt'));
appendFileSync('left.txt', 'x');
`;
  const agents = [agent('a', program), agent('b', program)];
  const records = await recordsOf({ agents, tasks: tasksNamed('create,delete') });
  expect(records.map((record) => [record.agent, record.task, record.answer, record.strangers])).toEqual([
    ['a', 'create', 'x true false', ['left.txt']],
    ['a', 'delete', 'xx true false', ['left.txt']],
    ['b', 'create', 'x true false', ['left.txt']],
    ['b', 'delete', 'xx true false', ['left.txt']],
  ]);
});

test('the time limit ends the agent with all that it started', async () => {
  const pidFile = path.join(await tempFolder(), 'pid');
  const program = `
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
const child = spawn('sleep', ['600'], { stdio: 'inherit' });
writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
console.log('begun');
`;
  const [record] = await recordsOf({ agents: [agent('slow', program)], timeLimitMs: 1_000 });
  expect(record).toMatchObject({
    isRight: false,
    isClaimed: false,
    exitCode: null,
    isTimedOut: true,
    answer: 'begun',
  });
  const state = () => processStat(readFileSync(pidFile, 'utf8'))[0] ?? 'gone';
  // A zombie is for somebody else to collect.
  await expect.poll(state).toMatch(/^(Z|X|gone)$/);
});

test('an abort ends the series at once', async () => {
  const controller = new AbortController();
  const started = path.join(await tempFolder(), 'started');
  const program = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(started)}, ''); setInterval(() => {}, 1e6);`;
  const records = recordsOf({ agents: [agent('endless', program)] }, controller.signal);
  records.catch(() => undefined);
  while (!existsSync(started)) await new Promise((resolve) => setImmediate(resolve));
  controller.abort(new Error('interrupted'));
  await expect(records).rejects.toThrow('interrupted');
});

async function bench(main: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [path.resolve(import.meta.dirname, main), ...args], {
    // Without the agents that a developer has.
    env: { PATH: '/usr/bin:/bin', HOME: await tempFolder(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}

test('the command line measures a build, and says what it skips', async () => {
  const server = await withOllama([{ content: 'Hello, world' }]);
  const folder = await tempFolder();
  const bin = path.join(folder, 'main.mjs');
  writeFileSync(bin, `process.env.MODEL = 'native';${PROGRAM}`);
  const out = path.join(folder, 'out.jsonl');
  const ask = [
    '--only',
    'real',
    '--model',
    'native',
    '--runs',
    '1',
    '--agents',
    'oagent,pi',
    '--tasks',
    'create',
  ];
  const { code, stdout, stderr } = await bench(
    '../main.ts',
    [...ask, '--bin', bin, '--out', out],
    server.env,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.split('\n');
  expect(lines[0]).toBe('pi: not found, skipped');
  expect(lines[1]).toMatch(/^oagent create #1: right, \d\.\d s, 1 requests, read \d+, wrote \d+, first \d+$/);
  expect(lines[3]).toMatch(/^\| agent {2}\|/);
  expect(lines[5]).toMatch(/^\| oagent \| 1 of 1 \|/);
  const record: RunRecord = JSON.parse(readFileSync(out, 'utf8'));
  expect([record.agent, record.task, record.isRight]).toEqual(['oagent', 'create', true]);
});

test('what cannot be measured is told, with the exit code of its kind', async () => {
  const server = await withOllama([]);
  const real = (...args: string[]) =>
    bench('main.ts', ['--bin', import.meta.filename, '--agents', 'oagent', ...args], server.env);
  const usage = (stderr: unknown) => ({ code: 2, stdout: '', stderr });
  expect(
    await Promise.all([
      bench('../main.ts', ['--only', 'unreal']),
      bench('main.ts', ['--bin', import.meta.filename, '--agents', 'oagent']),
      real('--model', 'absent'),
      real('--tasks', 'nowhere'),
      real('--agents', 'nobody'),
      real('--runs', '0'),
      real('--bin', '/nowhere/main.js'),
      real('--unknown'),
    ]),
  ).toEqual([
    usage('--only takes the name of a part: real, tui, weak\n'),
    usage(
      'OLLAMA_HOST is not set. The real tasks run on the server that it names, as in OLLAMA_HOST=127.0.0.1:11434\n',
    ),
    {
      code: 1,
      stdout: '',
      stderr: `${server.host} has no model absent. It has: base:latest, native:latest\n`,
    },
    usage(
      expect.stringMatching(
        /^no such task: nowhere\. There are: ten, more, one, question, several, fix-py, /,
      ),
    ),
    usage('no such agent: nobody. There are: oagent, aider, pi, codex\n'),
    usage('--runs takes a whole number from 1 on\n'),
    usage('/nowhere/main.js does not exist: npm run build\n'),
    usage(expect.stringContaining("Unknown option '--unknown'")),
  ]);
});
