/**
 * What an index costs the programs that use it: `node test/bench/index-programs.ts [dist/main.js]`, over the sources of oagent itself.
 *
 * Owns: the measuring and its aims, each a ratio to what stands beside it by turns in one run, so that a slow or busy machine does not
 * count. Invariants: it writes only to a temporary folder; milliseconds. Linux only.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startScriptedOllama } from '../../src/demo/scripted-ollama.ts';
import { IndexCore } from '../../src/repo-index/index-core.ts';
import { type Measured, measure } from './measured-process.ts';
import { judged, mb, ms, table, type Verdict } from './report-table.ts';

const TURNS = 9;
const SWITCHES = 3;
const QUESTION = 'Where is the output of a command truncated, and how is a request retried after a timeout?';
const SOURCES = path.resolve(import.meta.dirname, '../..');
const MODEL = {
  name: 'm',
  path: 'rendered',
  capabilities: ['completion', 'tools'],
  contextLength: 32_768,
} as const;

interface Run {
  readonly measured: Measured;
  /** From the start to the arrival of the first chat; NaN without one. */
  readonly firstMs: number;
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

class Programs {
  readonly #bin: string;
  readonly #work: string;
  readonly #root: string;

  constructor(bin: string, work: string) {
    this.#bin = bin;
    this.#work = work;
    this.#root = path.join(work, 'repo');
  }

  async measure(): Promise<Readonly<Record<'version' | 'search' | 'indexed' | 'plain', readonly Run[]>>> {
    const server = await startScriptedOllama({ models: [MODEL], script: () => ({ content: 'Done.' }) });
    const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now();
    const run = async (home: string, ...args: string[]): Promise<Run> => {
      const env = { PATH: process.env.PATH, HOME: this.#work, OAGENT_HOME: path.join(this.#work, home) };
      const before = server.log.length;
      const measured = await measure({
        file: process.execPath,
        args: [this.#bin, ...args],
        cwd: this.#root,
        env: { ...env, OLLAMA_HOST: server.host },
      });
      if (measured.exitCode !== 0) throw new Error(`${args.join(' ')}: ${measured.stderr.slice(-1_000)}`);
      const first = server.log.slice(before).find(({ kind }) => kind === 'chat')?.receivedAt ?? Number.NaN;
      return { measured, firstMs: first + offset - measured.startedAt };
    };
    const exec = ['exec', '--dangerously-bypass-approvals-and-sandbox', '-m', MODEL.name, QUESTION];
    const runs = { version: [] as Run[], search: [] as Run[], indexed: [] as Run[], plain: [] as Run[] };
    try {
      await run('indexed', 'index', 'build');
      // The first turn only warms up.
      for (let turn = 0; turn <= TURNS; turn += 1) {
        const all = {
          version: await run('indexed', '--version'),
          search: await run('indexed', 'index', 'search', ...QUESTION.split(' ')),
          indexed: await run('indexed', ...exec),
          plain: await run('plain', ...exec),
        };
        if (turn === 0) continue;
        for (const name of ['version', 'search', 'indexed', 'plain'] as const) runs[name].push(all[name]);
      }
      return runs;
    } finally {
      await server.close();
    }
  }

  /** Processor time of a switch to a branch in which every third file is changed, and of those between the two afterwards. */
  async switches(): Promise<{ readonly files: number; readonly there: number; readonly back: number }> {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: this.#root, stdio: 'ignore' });
    git('checkout', '-q', '-b', 'other');
    const files = readdirSync(this.#root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.startsWith('.git'))
      .sort()
      .filter((_, at) => at % 3 === 0);
    for (const name of files) {
      const lines = readFileSync(path.join(this.#root, name), 'utf8').split('\n');
      for (const part of [0.25, 0.75]) lines[Math.floor(lines.length * part)] += ' // changed';
      writeFileSync(path.join(this.#root, name), lines.join('\n'));
    }
    commit(this.#root);
    git('checkout', '-q', 'main');
    const core = new IndexCore({ root: this.#root, folder: path.join(this.#work, 'switched'), watch: false });
    const cost = async (branch: string): Promise<number> => {
      git('checkout', '-q', branch);
      const before = process.cpuUsage();
      await core.update('all');
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e3;
    };
    try {
      await core.update('all');
      const there = await cost('other');
      const back: number[] = [];
      for (let at = 0; at < SWITCHES; at += 1) back.push(await cost('main'), await cost('other'));
      return { files: files.length, there, back: middle(back) };
    } finally {
      await core.close();
    }
  }
}

function commit(root: string): void {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, stdio: 'ignore' });
  git('add', '--all');
  git('-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '--quiet', '-m', 'sources');
}

/** @param most the aim, of what stands beside it. */
function row(name: string, value: number, beside: number, most: number, form = ms): string[] {
  const part = value / beside;
  const verdict: Verdict = { name, value: part, target: `<= ${most}`, met: part <= most };
  return [name, form(value), form(beside), part.toFixed(2), ...judged(verdict)];
}

const work = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'oagent-index-programs-')));
try {
  const root = path.join(work, 'repo');
  mkdirSync(root);
  for (const folder of ['src', 'test', 'prompts', 'docs'])
    cpSync(path.join(SOURCES, folder), path.join(root, folder), { recursive: true });
  execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: root });
  commit(root);
  const programs = new Programs(path.resolve(process.argv[2] ?? path.join(SOURCES, 'dist/main.js')), work);
  const { version, search, indexed, plain } = await programs.measure();
  const { files, there, back } = await programs.switches();
  const wall = (runs: readonly Run[]) =>
    middle(runs.map(({ measured }) => measured.endedAt - measured.startedAt));
  const first = (runs: readonly Run[]) => middle(runs.map(({ firstMs }) => firstMs));
  const cpu = (runs: readonly Run[]) => middle(runs.map(({ measured }) => measured.cpuMs));
  const memory = (runs: readonly Run[]) => middle(runs.map(({ measured }) => measured.peakTreeBytes));
  process.stdout.write(
    `${[
      'What an index costs the programs that use it:',
      '',
      table(
        ['', '', 'beside it', 'ratio', 'target', ''],
        [
          row('`oagent index search`, beside `--version`, ms', wall(search), wall(version), 3),
          row('exec with an index, beside none: the first request, ms', first(indexed), first(plain), 1.15),
          row('exec with an index, beside none: processor time, ms', cpu(indexed), cpu(plain), 1.3),
          row('exec with an index, beside none: memory, MB', memory(indexed), memory(plain), 1.15, mb),
          row(`a switch back of ${files} files, beside the first one: processor time, ms`, back, there, 0.5),
        ],
      ),
    ].join('\n')}\n`,
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}
