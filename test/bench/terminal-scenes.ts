/**
 * The scenes of oagent in a terminal, each a program of its own, and the same text by a raw program.
 *
 * Invariants: one program runs at a time; a scene counts only when its last word has come. Times in ms, sizes in bytes.
 * Does not: judge (terminal-report.ts).
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoggedRequest } from './server.ts';
import { TerminalProgram } from './terminal-program.ts';
import { answerTokens, LAST_WORD, type Scene, TERMINAL_MODEL } from './terminal-script.ts';

const RAW_WRITER = path.join(import.meta.dirname, 'raw-writer.mjs');
/** What the program says when a prompt can be typed and the model is there. */
const READY = `${TERMINAL_MODEL.name}`;
const FIRST_FRAME = 'Ask';
const ECHOES = 40;
const KEYS = ['Z', 'X', 'Q', 'K', 'V'];
const PASTED = 1_000_000;
/** From this process's clock to the one that all processes share. */
const clockOffset = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export interface Echoes {
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

export interface StreamFigures {
  readonly cpuMs: number;
  readonly bytes: number;
  readonly frames: number;
  /** From the end of the model's answer to its last word on the screen; absent for a program that is the model itself. */
  readonly lagMs: number | undefined;
}

export class TerminalScenes {
  readonly #args: readonly string[];
  readonly #sandboxed: readonly string[];
  readonly #cwd: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #take: () => Promise<readonly LoggedRequest[]>;

  /** @param take the server's requests since the last call. */
  constructor(
    bin: string,
    cwd: string,
    env: NodeJS.ProcessEnv,
    take: () => Promise<readonly LoggedRequest[]>,
  ) {
    this.#take = take;
    const flags = ['-m', TERMINAL_MODEL.name, '-c', `model_context_window=${TERMINAL_MODEL.contextLength}`];
    this.#args = [bin, '--dangerously-bypass-approvals-and-sandbox', ...flags];
    this.#sandboxed = [bin, '-s', 'workspace-write', '-a', 'never', ...flags];
    this.#cwd = cwd;
    this.#env = env;
  }

  /** Start to the first frame. */
  async firstFrame(): Promise<number> {
    return this.#within(
      this.#args,
      async (program) => (await program.written(FIRST_FRAME)) - program.startedAt,
    );
  }

  /** Start of a bare Node to what it writes. */
  async bareNode(): Promise<number> {
    return this.#within(['-e', `process.stdout.write('${FIRST_FRAME}')`], async (program) => {
      return (await program.written(FIRST_FRAME)) - program.startedAt;
    });
  }

  /** Idle: echoes of keys, memory, and what five seconds of nothing cost. */
  async idle() {
    return this.#ready(async (program) => {
      const startRss = program.rss();
      const echoes = await echoesOf(program, ECHOES);
      await delay(1_500);
      const before = { bytes: program.bytes, cpu: program.cpuMs(), sleeps: program.sleeps() };
      await delay(5_000);
      return {
        startRss,
        echoes,
        bytes: program.bytes - before.bytes,
        cpuMs: program.cpuMs() - before.cpu,
        sleeps: program.sleeps() - before.sleeps,
      };
    });
  }

  /** The echo of a program that only gives back what it reads. */
  async rawEcho() {
    return this.#within([RAW_WRITER, 'echo'], async (program) => {
      await program.written('READY');
      const echoes = await echoesOf(program, ECHOES);
      const from = performance.now();
      return { echoes, pasteMs: (await this.#paste(program)) - from };
    });
  }

  async stream(scene: Scene): Promise<StreamFigures> {
    return this.#ready(async (program) => {
      const before = { bytes: program.bytes, frames: program.frames, cpu: program.cpuMs() };
      const at = await this.#send(program, scene);
      const chat = (await this.#take()).findLast(({ kind }) => kind === 'chat');
      await delay(200);
      return {
        cpuMs: program.cpuMs() - before.cpu,
        bytes: program.bytes - before.bytes,
        frames: program.frames - before.frames,
        lagMs: at + clockOffset - (chat?.finishedAt ?? Number.NaN),
      };
    });
  }

  /** The same text by the raw program. */
  async rawStream(rate: number): Promise<StreamFigures> {
    const file = path.join(this.#cwd, 'answer.json');
    writeFileSync(file, JSON.stringify(answerTokens()));
    return this.#within([RAW_WRITER, 'text', file, String(rate)], async (program) => {
      let cpuMs = 0;
      const sampler = setInterval(() => {
        cpuMs = program.cpuMs() || cpuMs;
      }, 20);
      await program.ended.finally(() => clearInterval(sampler));
      return { cpuMs, bytes: program.bytes, frames: 0, lagMs: undefined };
    });
  }

  /** The model thinks for five seconds without a word: percent of a core. */
  async waiting(): Promise<number> {
    return this.#ready(async (program) => {
      await this.#submit(program, 'wait');
      await delay(1_000);
      return busyPercent(program, 5_000);
    });
  }

  /** A session of many tool calls. */
  async calls() {
    return this.#ready(this.#manyCalls);
  }

  /** The same, each in the sandbox. */
  async sandboxedCalls() {
    return this.#ready(this.#manyCalls, this.#sandboxed);
  }

  /** A session of many items that still runs: the spinner's CPU, memory, echoes. */
  async items() {
    return this.#ready(async (program) => {
      const from = performance.now();
      await this.#submit(program, 'items');
      await program.written('Step 99');
      const madeMs = performance.now() - from;
      await delay(2_000);
      const percent = await busyPercent(program, 5_000);
      return { madeMs, percent, rss: program.rss(), echoes: await echoesOf(program, ECHOES) };
    });
  }

  /** A command with a large output: echoes while it runs. */
  async output() {
    return this.#ready(async (program) => {
      const cpu = program.cpuMs();
      const echoes: number[] = [];
      program.watch(LAST_WORD);
      await this.#submit(program, 'output');
      while (!program.hasWritten) {
        echoes.push(await program.echo(KEYS[echoes.length % KEYS.length] ?? ''));
        await delay(5);
      }
      return { echoes: summary(echoes), cpuMs: program.cpuMs() - cpu, rss: program.rss() };
    });
  }

  /** A large paste into the composer: until the program has taken it and gives the echo of the next key. */
  async paste() {
    return this.#ready(async (program) => {
      const [from, cpu] = [performance.now(), program.cpuMs()];
      const at = await this.#paste(program);
      return { ms: at - from, cpuMs: program.cpuMs() - cpu, echoes: await echoesOf(program, 10) };
    });
  }

  readonly #manyCalls = async (program: TerminalProgram) => {
    const [from, cpu] = [performance.now(), program.cpuMs()];
    const at = await this.#send(program, 'calls');
    return { wallMs: at - from, cpuMs: program.cpuMs() - cpu, rss: program.rss(), bytes: program.bytes };
  };

  async #paste(program: TerminalProgram): Promise<number> {
    const shown = program.written('Z');
    program.type(`\x1b[200~${'a line that is pasted\n'.repeat(PASTED / 22)}\x1b[201~`);
    program.type('Z');
    return shown;
  }

  /** Keys that follow at once would make a paste of it, and a line end of Enter. */
  async #submit(program: TerminalProgram, scene: Scene): Promise<void> {
    program.type(scene);
    await delay(100);
    program.type('\r');
    await delay(100);
  }

  /** @returns when the last word was on the screen. */
  async #send(program: TerminalProgram, scene: Scene): Promise<number> {
    const last = program.written(LAST_WORD);
    await this.#submit(program, scene);
    return last;
  }

  async #ready<T>(scene: (program: TerminalProgram) => Promise<T>, args = this.#args): Promise<T> {
    return this.#within(args, async (program) => {
      await program.written(READY);
      await delay(700);
      return scene(program);
    });
  }

  async #within<T>(args: readonly string[], scene: (program: TerminalProgram) => Promise<T>): Promise<T> {
    const program = new TerminalProgram({ args, cwd: this.#cwd, env: this.#env });
    try {
      return await scene(program);
    } finally {
      await program.end();
    }
  }
}

async function busyPercent(program: TerminalProgram, ms: number): Promise<number> {
  const before = program.cpuMs();
  await delay(ms);
  return ((program.cpuMs() - before) / ms) * 100;
}

async function echoesOf(program: TerminalProgram, count: number): Promise<Echoes> {
  const echoes: number[] = [];
  for (let key = 0; key < count; key += 1) {
    echoes.push(await program.echo(KEYS[key % KEYS.length] ?? ''));
    // Unlike any frame, so that keys come at all times of one.
    await delay(40 + ((key * 17) % 50));
  }
  return summary(echoes);
}

function summary(echoes: number[]): Echoes {
  const sorted = echoes.sort((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { median: at(0.5), p95: at(0.95), max: at(1) };
}
