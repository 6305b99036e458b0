/**
 * The built program at work, as a user starts it: dist/main.js in a process of its own, against a scripted server.
 *
 * Invariants: a run sees nothing of the developer's machine but PATH, the shell and the system's folders: HOME,
 * OAGENT_HOME and TMPDIR are folders of the test. Does not: build; `npm test` does that first.
 */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { ModelSpec } from '../../src/demo/models.ts';
import type { RequestLogEntry } from '../../src/demo/request-log.ts';
import type { Script } from '../../src/demo/script.ts';
import type { ScriptedOllamaOptions } from '../../src/demo/scripted-ollama.ts';
import type { ChatMessage, ToolSchema } from '../../src/model/chat.ts';
import type { JsonObject } from '../../src/protocol.ts';
import { COMPILE_CACHE } from './compile-cache.ts';
import { RENDERED, type TestOllama, withOllama } from './ollama-server.ts';
import { tempFolder } from './temp-folder.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
export const DIST = path.join(ROOT, 'dist');
export const MAIN = path.join(DIST, 'main.js');

/** What `--version` must say. */
export const VERSION: string = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).version;

/** The flag that lets a model run anything. */
export const BYPASS = '--dangerously-bypass-approvals-and-sandbox';

export interface RunResult {
  /** Null if a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What is piped in; `open` leaves the pipe open without a byte. Default: a pipe that is empty. */
  readonly stdin?: string | Buffer | 'open';
}

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<RunResult>;
  /** Resolves when stdout and stderr together contain `text`; rejects if the process ends without it. */
  readonly printed: (text: string) => Promise<void>;
}

/** Starts the program; it is killed with the running test at the latest. */
export function startOagent(args: readonly string[], options: RunOptions): Running {
  return startProgram(process.execPath, [MAIN, ...args], options);
}

/** Like `startOagent` for any program. */
export function startProgram(
  program: string,
  args: readonly string[],
  { cwd, env, stdin = '' }: RunOptions,
): Running {
  const running = execa(program, args, {
    ...{ cwd, env, extendEnv: false, reject: false, stripFinalNewline: false, forceKillAfterDelay: false },
    stdin: stdin === 'open' ? 'pipe' : Buffer.from(stdin),
    all: true,
  });
  onTestFinished(() => void running.kill('SIGKILL'));
  const ended = running.then(({ exitCode = null, signal = null, stdout, stderr, cause }) => {
    if (exitCode === null && signal === null) throw cause;
    return { code: exitCode, signal, stdout, stderr };
  });
  let said = '';
  const output = running.readable({ from: 'all' }).setEncoding('utf8');
  output
    .on('error', () => undefined)
    .on('data', (text: string) => {
      said += text;
    });
  return {
    child: running.nodeChildProcess,
    pid: running.pid ?? 0,
    ended,
    async printed(text) {
      const over = async (): Promise<never> => {
        throw new Error(`ended without ${JSON.stringify(text)}: ${JSON.stringify(await ended)}`);
      };
      while (!said.includes(text)) await Promise.race([once(output, 'data'), over()]);
    },
  };
}

export interface Bench {
  readonly server: TestOllama;
  /** OAGENT_HOME; exists. */
  readonly home: string;
  /** The working directory: a folder with a `.git` folder in it. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly start: (args: readonly string[], options?: Partial<RunOptions>) => Running;
  readonly run: (args: readonly string[], options?: Partial<RunOptions>) => Promise<RunResult>;
  /** `exec --json` with these arguments behind it. */
  readonly json: (args: readonly string[], options?: Partial<RunOptions>) => Promise<JsonRun>;
  /** The requests so far, as `GET /api/tags`. */
  readonly asked: () => string[];
  /** The bodies of the chat requests so far. */
  readonly chats: () => ChatBody[];
}

interface JsonRun extends RunResult {
  /** Each line of stdout. */
  readonly lines: readonly JsonObject[];
}

/** What a chat request of the program looks like. */
export interface ChatBody {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ToolSchema[];
  readonly think?: boolean | string;
  readonly format?: JsonObject;
  readonly options: JsonObject;
}

/** A repository, a home and a scripted server for one test; the model is RENDERED unless `models` says otherwise. */
export async function bench(
  script: Script,
  options: Partial<Omit<ScriptedOllamaOptions, 'script'>> & { models?: readonly ModelSpec[] } = {},
): Promise<Bench> {
  const server = await withOllama(script, { models: [RENDERED], ...options });
  const base = await tempFolder();
  const cwd = path.join(base, 'repo');
  const home = path.join(base, 'home');
  for (const folder of [path.join(cwd, '.git'), home, path.join(base, 'tmp')])
    mkdirSync(folder, { recursive: true });
  const env = environment(base, home, server.host);
  const start: Bench['start'] = (args, more = {}) =>
    startOagent(args, { cwd, ...more, env: { ...env, ...more.env } });
  return {
    server,
    home,
    cwd,
    env,
    start,
    run: (args, more) => start(args, more).ended,
    json: async (args, more) => jsonRun(await start(['exec', '--json', ...args], more).ended),
    asked: () => server.log.map(({ method, path }) => `${method} ${path}`),
    chats: () => chatBodies(server.log),
  };
}

function environment(base: string, home: string, host: string): NodeJS.ProcessEnv {
  return {
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? ''}`,
    HOME: base,
    TMPDIR: path.join(base, 'tmp'),
    OAGENT_HOME: home,
    OLLAMA_HOST: host,
    // One cache for all runs of this user: a new home for each test would compile the program anew each time.
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  };
}

export function chatBodies(log: readonly RequestLogEntry[]): ChatBody[] {
  return log.filter(({ kind }) => kind === 'chat').map(({ body }) => body as ChatBody);
}

/** Parses stdout; throws if a line is no JSON object. */
function jsonRun(result: RunResult): JsonRun {
  if (result.stdout !== '' && !result.stdout.endsWith('\n')) throw new Error('stdout ends within a line');
  const lines = result.stdout.split('\n').slice(0, -1);
  return { ...result, lines: lines.map((line) => JSON.parse(line) as JsonObject) };
}

/** The usage that a client must be told: everything that this server read and said. `output` is what it said. */
export function usageOf(log: readonly RequestLogEntry[], output: number): JsonObject {
  const input = log.reduce((sum, { promptTokens }) => sum + (promptTokens ?? 0), 0);
  return {
    input_tokens: input,
    cached_input_tokens: 0,
    cache_write_input_tokens: 0,
    output_tokens: output,
    reasoning_output_tokens: 0,
  };
}

/** The first program of that name on PATH that is not one of the project's own, or undefined. */
export function systemProgram(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => path.join(folder, name))
    .find((file) => existsSync(file));
}

/** True where the terminal tests can run; elsewhere they are skipped. */
export const hasScript = process.platform === 'linux' && systemProgram('script') !== undefined;
if (!hasScript) console.warn("SKIPPED: the tests in a terminal, which need util-linux's `script`");

/**
 * Runs the program with a terminal as stdin, stdout and stderr, by util-linux's `script`; `redirects` are the shell's
 * (`2>file`). What the terminal got is in `stdout`, with CRLF.
 */
export function inTerminal(made: Bench, args: readonly string[], redirects = ''): Promise<RunResult> {
  const quoted = [process.execPath, MAIN, ...args]
    .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
    .join(' ');
  const script = ['-qec', `${quoted} ${redirects}`, '/dev/null'];
  // Without a stdin of its own `script` would send an end of input, which some programs take for an answer.
  return startProgram('script', script, { cwd: made.cwd, env: { ...made.env, TERM: 'xterm' }, stdin: 'open' })
    .ended;
}

/** The processes that have this text in their command line. Zombies have none. */
export function pidsWith(text: string): number[] {
  return processes()
    .filter(({ line }) => line.includes(text))
    .map(({ pid }) => pid);
}

export const processesWith = (text: string): number => pidsWith(text).length;

/** How many `sleep DURATION` run; the shells that wait for one do not count. */
export function sleepers(duration: string): number {
  return processes().filter(({ line }) => line === `sleep ${duration}`).length;
}

function processes(): { readonly pid: number; readonly line: string }[] {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' });
    return [...stdout.matchAll(/^ *(\d+) (.*)$/gm)].map(([, pid, line = '']) => ({ pid: Number(pid), line }));
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trimEnd();
        return { pid: Number(name), line };
      } catch {
        return { pid: Number(name), line: '' };
      }
    });
}

/** A patch that adds one file. */
export const addFile = (name: string, line: string): string =>
  `*** Begin Patch\n*** Add File: ${name}\n+${line}\n*** End Patch`;
