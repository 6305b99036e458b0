/**
 * `npm run bench`: what the built oagent costs beside the least that a Node agent can cost.
 *
 * node test/bench/main.ts [--rounds N] [--index-files N] [--repository PATH]… [--json] [--bin dist/main.js]. Linux only.
 * `--only real …` and `--only weak …` run the main.ts of that folder instead, with the rest of the command line; real is no part of
 * the default bench. `--only tui` runs the scenes in a terminal alone.
 * Invariants: runs are interleaved, one at a time, each in a fresh repository; a run counts only if its task was
 * really done. Exit code 0 whatever the figures are, 1 when a run failed, 2 for wrong usage.
 * Does not: use a real model, the user's configuration or the network.
 */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { rgPath } from '@vscode/ripgrep';
import type { AgentRun } from './figures.ts';
import { indexVerdicts } from './index-report.ts';
import { type Measured, measure } from './measured-process.ts';
import { type Results, reportOf, verdictsOf } from './report.ts';
import { sandboxOverhead } from './sandbox-overhead.ts';
import type { LoggedRequest, ServerMessage } from './server.ts';
import { createRepository, FLOOD_BYTES, MODELS, PROMPT, stepNames, unfinished } from './task.ts';
import { terminalReport, terminalVerdicts } from './terminal-report.ts';
import { measureTerminal } from './terminal-rounds.ts';
import { TerminalScenes } from './terminal-scenes.ts';

const here = import.meta.dirname;
const DEFAULT_BIN = path.resolve(here, '../../dist/main.js');
/** At least so many starts in a terminal: they are short and noisy. */
const TERMINAL_ROUNDS = 15;
/** Of the stores. */
const VECTORS = '10000';
const FLOOR_AGENT = path.join(here, 'floor-agent.mjs');

/** The scripted server of the bench. */
interface Server {
  readonly host: string;
  /** The requests since the last call. */
  readonly take: () => Promise<readonly LoggedRequest[]>;
  readonly stop: () => void;
}

async function startServer(): Promise<Server> {
  const child = fork(path.join(here, 'server.ts'), { execArgv: [] });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the server of the bench ended')));
  // Only who waits for an answer minds.
  ended.catch(() => undefined);
  const next = async (): Promise<ServerMessage> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [ServerMessage];
    return message;
  };
  const listening = await next();
  if (listening.type !== 'listening') throw new Error('the server of the bench did not listen');
  return {
    host: listening.host,
    take: async () => {
      child.send('take');
      const answer = await next();
      return answer.type === 'requests' ? answer.requests : [];
    },
    stop: () => child.disconnect(),
  };
}

class Bench {
  readonly #folder: string;
  readonly #server: Server;
  readonly #bin: string;
  readonly #env: NodeJS.ProcessEnv;
  #runs = 0;

  constructor(folder: string, server: Server, bin: string) {
    this.#folder = folder;
    this.#server = server;
    this.#bin = bin;
    // The agents' commands shall find the Node that runs the bench, and the floor oagent's rg.
    const bins = [path.dirname(process.execPath), path.dirname(rgPath), process.env.PATH];
    this.#env = {
      PATH: bins.join(path.delimiter),
      HOME: folder,
      OAGENT_HOME: path.join(folder, 'home'),
      OLLAMA_HOST: server.host,
      SHELL: '/bin/bash',
      LANG: 'C.UTF-8',
    };
  }

  /** The scenes in a terminal, in a folder of their own. */
  scenes(): TerminalScenes {
    return new TerminalScenes(this.#bin, this.#newFolder(), this.#env, this.#server.take);
  }

  bareNode(): Promise<Measured> {
    return this.#measure('node -e 0', ['-e', '0'], this.#folder);
  }

  floor(): Promise<AgentRun> {
    return this.#task('floor', [FLOOR_AGENT, MODELS.floor, PROMPT]);
  }

  oagent(): Promise<AgentRun> {
    return this.#task('oagent', [...this.#exec(MODELS.oagent), PROMPT]);
  }

  async flood(): Promise<AgentRun> {
    const run = await this.#agent('flood', [...this.#exec(MODELS.flood), 'Print a lot.'], this.#newFolder());
    const end = run.requests.findLast((request) => request.path === '/api/chat')?.rawBody ?? '';
    // `yes` prints lines of two bytes.
    if (!end.includes(`Total output lines: ${FLOOD_BYTES / 2}\\n`))
      throw new Error(`flood: cut short: ${end.slice(-500)}`);
    return run;
  }

  #exec(model: string): string[] {
    return [this.#bin, 'exec', '--dangerously-bypass-approvals-and-sandbox', '-m', model];
  }

  async #task(name: string, args: readonly string[]): Promise<AgentRun> {
    const folder = this.#newFolder();
    createRepository(folder);
    const run = await this.#agent(name, args, folder);
    const chats = run.requests.filter(({ kind }) => kind === 'chat').length;
    if (chats !== stepNames.length + 1) throw new Error(`${name}: ${chats} model requests`);
    const problem = unfinished(folder);
    if (problem !== undefined) throw new Error(`${name}: ${problem}`);
    return run;
  }

  async #agent(name: string, args: readonly string[], cwd: string): Promise<AgentRun> {
    const measured = await this.#measure(name, args, cwd);
    return { measured, requests: await this.#server.take() };
  }

  async #measure(name: string, args: readonly string[], cwd: string): Promise<Measured> {
    const measured = await measure({ file: process.execPath, args, cwd, env: this.#env });
    if (measured.exitCode === 0) return measured;
    throw new Error(`${name} ended with ${measured.exitCode}:\n${measured.stderr.slice(-2_000)}`);
  }

  #newFolder(): string {
    this.#runs += 1;
    const folder = path.join(this.#folder, `shop-${this.#runs}`);
    mkdirSync(folder);
    return folder;
  }
}

async function withBench<T>(bin: string, measure: (bench: Bench, folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'oagent-bench-'));
  let server: Server | undefined;
  try {
    server = await startServer();
    return await measure(new Bench(folder, server, bin), folder);
  } finally {
    server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function run({ rounds, indexFiles, bin }: Options): Promise<Results & { readonly raw: object }> {
  const loadBefore = loadavg()[0] ?? 0;
  return withBench(bin, async (bench, folder) => {
    const round = async () => ({
      node: await bench.bareNode(),
      floor: await bench.floor(),
      oagent: await bench.oagent(),
    });
    // Only warms up: compile cache, disk cache, the server's own code.
    const earlier = await round();
    const runs: (typeof earlier)[] = [];
    while (runs.length < rounds) runs.push(await round());
    const flood = await bench.flood();
    const sandbox = await sandboxOverhead(folder, path.join(folder, 'sandbox-home'));
    const terminal = await measureTerminal(bench.scenes(), Math.max(rounds, TERMINAL_ROUNDS));
    // Loaded late: what they hold would make every fork of this process slower.
    const { measureIndex } = await import('./index-speed.ts');
    const index = await measureIndex(indexFiles);
    const figures = await import('./figures.ts');
    const { agentFigures, median, medianFigures, processFigures, secondSessionTokens } = figures;
    const raw = {
      node: runs.map(({ node }) => processFigures(node)),
      floor: runs.map(({ floor }) => agentFigures(floor)),
      oagent: runs.map(({ oagent }) => agentFigures(oagent)),
    };
    const second = (agent: 'floor' | 'oagent') =>
      median(runs.map((run, index) => secondSessionTokens((runs[index - 1] ?? earlier)[agent], run[agent])));
    return {
      machine: machine(loadBefore),
      rounds,
      node: medianFigures(raw.node),
      floor: medianFigures(raw.floor),
      oagent: medianFigures(raw.oagent),
      secondSession: { floor: second('floor'), oagent: second('oagent') },
      steps: stepNames,
      flood: { ...processFigures(flood.measured), bytes: FLOOD_BYTES },
      sandbox,
      terminal,
      index,
      raw,
    };
  });
}

/** The scenes in a terminal alone. */
async function runTerminal({ rounds, bin }: Options): Promise<void> {
  const before = loadavg()[0] ?? 0;
  const results = await withBench(bin, (bench) =>
    measureTerminal(bench.scenes(), Math.max(rounds, TERMINAL_ROUNDS)),
  );
  const { cpu, cores, node, date, load } = machine(before);
  const loads = load.map((of) => of.toFixed(1)).join(' before, ');
  process.stdout.write(`${date}, ${cpu}, ${cores} cores, Node ${node}, load ${loads} after\n\n`);
  process.stdout.write(`${terminalReport(results)}\n`);
}

function machine(loadBefore: number): Results['machine'] {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? 'unknown CPU',
    cores: processors.length,
    node: process.versions.node,
    date: new Date().toISOString().slice(0, 10),
    load: [loadBefore, loadavg()[0] ?? 0],
  };
}

interface Options {
  readonly rounds: number;
  /** Files of the repository that is indexed. */
  readonly indexFiles: number;
  /** More repositories in which the index has to find. */
  readonly repositories: readonly string[];
  readonly json: boolean;
  readonly bin: string;
}

function options(): Options {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '9' },
      'index-files': { type: 'string', default: '5000' },
      repository: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      bin: { type: 'string', default: DEFAULT_BIN },
    },
  });
  const count = (name: 'rounds' | 'index-files', least: number): number => {
    const value = Number(values[name]);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new Error(`--${name} takes a whole number from ${least} on`);
  };
  const [rounds, indexFiles] = [count('rounds', 1), count('index-files', 1_000)];
  const repositories = values.repository.map((folder) => path.resolve(folder));
  return { rounds, indexFiles, repositories, json: values.json, bin: path.resolve(values.bin) };
}

/**
 * What is measured in programs of its own, which print their figures: kept sessions, a session of many hours, what the first build
 * of the index takes, how well it finds, how fast and at what price, its vectors, and the weak model.
 */
function runParts(repositories: readonly string[]): number {
  const parts: readonly (readonly [string, ...string[]])[] = [
    ['sessions.ts'],
    ['soak.ts'],
    ['index-build.ts', ...repositories],
    ['index-search.ts'],
    ['index-programs.ts'],
    ['retrieval.ts', path.resolve(here, '../..'), ...repositories],
    ['vectors.ts', VECTORS],
    ['weak/main.ts'],
  ];
  const codes = parts.map(([part, ...args]) => {
    process.stdout.write('\n');
    return spawnSync(process.execPath, [path.join(here, part), ...args], { stdio: 'inherit' }).status;
  });
  return codes.every((code) => code === 0) ? 0 : 1;
}

/** Runs the one part that `--only` names, which reads the rest of the command line and sets the exit code. */
async function runOnly(at: number): Promise<void> {
  const [, part] = process.argv.splice(at, 2);
  if (part === 'real') {
    await import('./real/main.ts');
    return;
  }
  if (part === 'weak') {
    await import('./weak/main.ts');
    return;
  }
  if (part === 'tui') {
    await runTerminal(options());
    return;
  }
  process.stderr.write('--only takes the name of a part: real, tui, weak\n');
  process.exitCode = 2;
}

async function main(): Promise<number> {
  let wanted: ReturnType<typeof options>;
  try {
    wanted = options();
    if (process.platform !== 'linux') throw new Error('the bench reads /proc: it runs on Linux only');
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  try {
    const results = await run(wanted);
    const text = wanted.json
      ? JSON.stringify(
          {
            ...results,
            verdicts: [
              ...Object.values(verdictsOf(results)),
              ...Object.values(terminalVerdicts(results.terminal)),
              ...Object.values(indexVerdicts(results.index)),
            ],
          },
          null,
          2,
        )
      : reportOf(results);
    process.stdout.write(`${text}\n`);
    return wanted.json ? 0 : runParts(wanted.repositories);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

const only = process.argv.indexOf('--only');
if (only < 0) process.exitCode = await main();
else await runOnly(only);
