/**
 * `npm run bench -- --only real`: real coding tasks on a real model, for oagent and the other agents that are there.
 *
 * node test/bench/real/main.ts [--model M] [--runs 3] [--agents oagent,aider,pi,codex] [--tasks ten,NAME…] [--out FILE]
 * [--record DIR] [--write-docs] [--bin dist/main.js] [--baseline OTHER/main.js] [--time-limit 240] [--server-version V]
 * [--config KEY=VALUE …] [--server URL]
 * The server is the one that OLLAMA_HOST names, or with --server any kind that oagent knows, for oagent alone. Exit code 0 whatever the figures are, 1 when the series failed or was
 * interrupted, 2 for wrong usage. Does not: start a server, or pull a model.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { sameModel } from '../../../src/model/capabilities.ts';
import { parseHost } from '../../../src/model/host.ts';
import { serverAt } from '../../../src/model/late-server.ts';
import { errorMessage } from '../../../src/text/error-message.ts';
import { AGENT_NAMES, type Agent, oagent, otherAgent } from './agents.ts';
import { allTasks, tasksNamed } from './all-tasks.ts';
import { figuresTable, runLine, section, withSection } from './real-report.ts';
import { figuresOf, type RunRecord } from './run-figures.ts';
import { runSeries, type Series } from './series.ts';
import type { RealTask } from './task.ts';
import { agentFolders, hasProgram, pathWithTools } from './tools.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const FIGURES = path.join(ROOT, 'docs/figures.md');

/** A mistake in the command line or the environment. */
class UsageError extends Error {}

function options() {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'qwen2.5-coder:1.5b' },
      runs: { type: 'string', default: '3' },
      agents: { type: 'string', default: AGENT_NAMES.join(',') },
      tasks: { type: 'string' },
      out: { type: 'string' },
      record: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      bin: { type: 'string', default: path.join(ROOT, 'dist/main.js') },
      baseline: { type: 'string' },
      // For oagent, as `-c`.
      config: { type: 'string', multiple: true, default: [] },
      'time-limit': { type: 'string', default: '240' },
      // Of any kind that oagent knows, such as llama.cpp's.
      server: { type: 'string' },
      // For a server built from source, which tells 0.0.0.
      'server-version': { type: 'string' },
    },
  });
  return values;
}

type Options = ReturnType<typeof options>;

function wholeNumber(values: Options, name: 'runs' | 'time-limit'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(`--${name} takes a whole number from 1 on`);
}

/** The server and its version, if the model is there. */
async function serverWith(
  model: string,
  other: string | undefined,
): Promise<{ host: string; version: string }> {
  const named = other ?? process.env.OLLAMA_HOST?.trim() ?? '';
  if (named === '')
    throw new UsageError(
      'OLLAMA_HOST is not set. The real tasks run on the server that it names, as in OLLAMA_HOST=127.0.0.1:11434',
    );
  const host = parseHost(named);
  const api = { path: '/v1', wire: 'chat', provider: 'bench' };
  const client = serverAt({ host, headers: {}, ...(other !== undefined && { api }) });
  const { signal } = new AbortController();
  const names = (await client.installed(signal)).map(({ name }) => name);
  if (!names.some((name) => sameModel(name, model)))
    throw new Error(`${host} has no model ${model}. It has: ${names.join(', ') || 'none'}`);
  const about = await client.about?.(signal);
  const version = (await client.version(signal)) ?? 'unknown';
  return { host, version: about === undefined ? version : `${about.name} ${version}` };
}

function agentsOf({ agents, bin, baseline, config, server }: Options): Agent[] {
  const provider = server === undefined ? () => [] : providerSettings;
  const found = (server === undefined ? agents : 'oagent').split(',').flatMap((name): Agent[] => {
    if (!AGENT_NAMES.includes(name))
      throw new UsageError(`no such agent: ${name}. There are: ${AGENT_NAMES.join(', ')}`);
    if (name === 'oagent') return [built(bin, (host) => [...provider(host), ...config])];
    const agent = otherAgent(name, agentFolders(name));
    if (agent === undefined) process.stdout.write(`${name}: not found, skipped\n`);
    return agent === undefined ? [] : [agent];
  });
  return baseline === undefined ? found : [...found, { ...built(baseline, provider), name: 'baseline' }];
}

/** As `-c`: a server of any kind, through the proxy that counts. */
function providerSettings(host: string): string[] {
  return ['model_provider=bench', `model_providers.bench.base_url=${host}/v1`];
}

function built(bin: string, config: (host: string) => readonly string[]): Agent {
  const main = path.resolve(bin);
  if (!existsSync(main)) throw new UsageError(`${main} does not exist: npm run build`);
  return oagent(main, config);
}

/** All of them unless named; those whose programs are missing are left out, and told. */
function tasksOf({ tasks }: Options): RealTask[] {
  let named: readonly RealTask[];
  try {
    named = tasks === undefined ? allTasks : tasksNamed(tasks);
  } catch (error) {
    throw new UsageError(errorMessage(error));
  }
  return named.filter(({ name, needs = [] }) => {
    const missing = needs.filter((program) => !hasProgram(program));
    if (missing.length > 0) process.stdout.write(`${name}: needs ${missing.join(', ')}, skipped\n`);
    return missing.length === 0;
  });
}

async function seriesOf(values: Options): Promise<Series> {
  const [runs, seconds] = [wholeNumber(values, 'runs'), wholeNumber(values, 'time-limit')];
  const agents = agentsOf(values);
  const tasks = tasksOf(values);
  const { model, record } = values;
  const { host, version } = await serverWith(model, values.server);
  const server = values['server-version'] ?? version;
  return { agents, tasks, runs, model, host, server, timeLimitMs: seconds * 1000, record };
}

async function measure(values: Options, signal: AbortSignal): Promise<void> {
  const series = await seriesOf(values);
  // Judges run the same programs as the agents.
  process.env.PATH = pathWithTools(series.tasks.some(({ prompt }) => prompt.includes('pytest')));
  const records: RunRecord[] = [];
  try {
    for await (const record of runSeries(series, signal)) {
      records.push(record);
      process.stdout.write(`${runLine(record)}\n`);
      if (values.out !== undefined) appendFileSync(values.out, `${JSON.stringify(record)}\n`);
    }
  } finally {
    if (records.length > 0) process.stdout.write(`\n${figuresTable(figuresOf(records))}\n`);
  }
  if (values['write-docs']) writeDocs(values, series, records);
}

function writeDocs({ tasks }: Options, { model, server, runs }: Series, records: readonly RunRecord[]): void {
  const processors = cpus();
  const text = section(
    {
      model,
      server,
      runs,
      date: new Date().toISOString().slice(0, 10),
      machine: `${processors[0]?.model ?? 'unknown CPU'}, ${processors.length} cores`,
      tasks: tasks === undefined ? 'all tasks' : `tasks ${tasks}`,
    },
    figuresOf(records),
  );
  writeFileSync(FIGURES, withSection(readFileSync(FIGURES, 'utf8'), text));
}

async function main(): Promise<number> {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => controller.abort(new Error('interrupted')));
  try {
    await measure(options(), controller.signal);
    return 0;
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n`);
    const isUsage =
      error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
    return isUsage ? 2 : 1;
  }
}

process.exitCode = await main();
