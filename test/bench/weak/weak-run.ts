/**
 * One run: the built oagent on one task with the weak model, in a repository of its own, judged by the task's own test.
 *
 * Whatever the agent did to the test, the judge runs the one that was laid down.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { tokenize } from '../../../src/demo/render.ts';
import { startScriptedOllama } from '../../../src/demo/scripted-ollama.ts';
import { innerCommand } from '../../../src/text/shell-word.ts';
import type { Invocation } from '../real/agents.ts';
import { run as judge } from '../real/judging.ts';
import { runAgent } from '../real/run-agent.ts';
import { applySolution, makeWorkspace } from '../real/workspace.ts';
import { WeakModel } from './policy.ts';
import type { Said } from './slips.ts';
import type { WeakTask } from './weak-task.ts';

export interface WeakRun {
  readonly task: string;
  readonly seed: string;
  readonly isRight: boolean;
  /** Read and written, of all requests. */
  readonly tokens: number;
  readonly requests: number;
  /** Effects that no answer asked for. */
  readonly falseRepairs: readonly string[];
  /** The run did not end by itself. */
  readonly isEndless: boolean;
  /** What the model's last answer was. */
  readonly lastSaid: string;
  /** The names of all answers, in order. */
  readonly said: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
}

export interface WeakRunOptions {
  readonly task: WeakTask;
  readonly seed: string;
  readonly p: number;
  readonly bin: string;
  readonly config: readonly string[];
  /** Exists; used and removed. */
  readonly folder: string;
}

/** More requests than any run needs that gets anywhere. */
const MOST_REQUESTS = 80;
const TIME_LIMIT_MS = 240_000;
const MODEL = 'weak';

export async function weakRun({ task, seed, p, bin, config, folder }: WeakRunOptions): Promise<WeakRun> {
  const cwd = path.join(folder, 'repo');
  for (const name of ['repo', 'home', 'tmp']) mkdirSync(path.join(folder, name), { recursive: true });
  makeWorkspace(cwd, asRealTask(task));
  const model = new WeakModel({ p, seed, tasks: [task] });
  const said: Said[] = [];
  const ended = new AbortController();
  const server = await startScriptedOllama({
    models: [
      {
        name: MODEL,
        path: 'rendered',
        capabilities: ['completion', 'tools', 'thinking'],
        contextLength: 32_768,
      },
    ],
    script: (request, index) => {
      if (index >= MOST_REQUESTS) ended.abort();
      const answer = model.answer(request, index);
      said.push(answer);
      return answer.turn;
    },
  });
  try {
    const end = await runAgent(invocation(bin, config, task.prompt), {
      cwd,
      env: environment(folder, server.host),
      timeLimitMs: TIME_LIMIT_MS,
      signal: ended.signal,
    }).catch((error: unknown) => {
      if (!ended.signal.aborted) throw error;
      return { stdout: '', stderr: '', isTimedOut: true };
    });
    const read = server.log.reduce((sum, { promptTokens }) => sum + (promptTokens ?? 0), 0);
    return {
      task: task.name,
      seed,
      isRight: isRight(cwd, task),
      tokens: read + said.reduce((sum, { turn }) => sum + writtenTokens(turn), 0),
      requests: said.length,
      falseRepairs: unaskedEffects(end.stdout, said, cwd),
      isEndless: end.isTimedOut,
      lastSaid: said.at(-1)?.name ?? 'nothing',
      said: said.map(({ name }) => name),
      stdout: end.stdout,
      stderr: end.stderr,
    };
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const writtenTokens = ({ content = '', thinking = '', toolCalls = [] }: Said['turn']): number =>
  tokenize(content + thinking + JSON.stringify(toolCalls)).length;

const asRealTask = ({ name, files, prompt }: WeakTask): Parameters<typeof makeWorkspace>[1] => ({
  ...{ name, files, prompt },
  kind: 'one',
  mayChange: [],
  judge: () => false,
  reference: {},
});

function invocation(bin: string, config: readonly string[], prompt: string): Invocation {
  const flags = ['--json', '--dangerously-bypass-approvals-and-sandbox', '-m', MODEL];
  const settings = config.flatMap((setting) => ['-c', setting]);
  return { file: process.execPath, args: [bin, 'exec', ...flags, ...settings, prompt], env: {} };
}

function environment(folder: string, host: string): NodeJS.ProcessEnv {
  return {
    PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
    HOME: folder,
    TMPDIR: path.join(folder, 'tmp'),
    OAGENT_HOME: path.join(folder, 'home'),
    OLLAMA_HOST: host,
    // Not the bytecode of a file that was changed within the same second.
    PYTHONDONTWRITEBYTECODE: '1',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
  };
}

function isRight(cwd: string, task: WeakTask): boolean {
  const others = Object.entries(task.files).filter(([file]) => !(file in task.fixed));
  applySolution(cwd, { files: Object.fromEntries(others) });
  const [program = '', ...args] = task.test.split(' ');
  const ran = judge(cwd, program, ...args);
  return ran.code === 0 && ran.stdout.trim() === 'ok';
}

interface EffectItem {
  readonly type?: string;
  readonly command?: string;
  readonly changes?: readonly { readonly path: string }[];
}

/** Commands that ran and files that changed, although no answer asked for them. */
export function unaskedEffects(stdout: string, said: readonly Said[], cwd: string): readonly string[] {
  const asked = said.flatMap((answer) => answer.asked);
  const wasAsked = (text: string): boolean =>
    asked.some((one) => text === one || one.includes(JSON.stringify(text).slice(1, -1)));
  return stdout
    .split('\n')
    .filter((line) => line.includes('"item.completed"'))
    .flatMap((line) => effectsOf((JSON.parse(line) as { item: EffectItem }).item, cwd))
    .filter((effect) => !wasAsked(effect));
}

function effectsOf({ type, command = '', changes = [] }: EffectItem, cwd: string): readonly string[] {
  if (type === 'command_execution') return [innerCommand(command).trim()];
  return type === 'file_change'
    ? changes.map(({ path: file }) => path.relative(cwd, path.resolve(cwd, file)))
    : [];
}
