/**
 * The built program in a pty, with a storm over it: everything that the terminal sees is recorded.
 *
 * Invariant: the program runs under a shell with job control, so that a stop really stops it; the shell continues it.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pty from '@lydell/node-pty';
import type { Turn } from '../../../src/demo/script.ts';
import { type ScriptedOllama, startScriptedOllama } from '../../../src/demo/scripted-ollama.ts';
import { COMPILE_CACHE } from '../compile-cache.ts';
import type { Recording, Seen } from './recording.ts';
import type { Asks, Step, Storm } from './storm.ts';

const PROMPT = 'p1 p2 p3';
/**
 * As often as the program stops, the shell brings it back; keys that come meanwhile do nothing to the shell. Not in a
 * loop, which bash leaves when a command in it stops.
 */
const JOB = [
  'stty susp undef intr undef quit undef',
  'set -m',
  'settle() { [ $? -lt 128 ] || { fg >/dev/null; settle; }; }',
  '"$@"; settle',
].join('\n');
const MODEL = {
  name: 'base',
  path: 'rendered',
  capabilities: ['completion', 'tools'],
  contextLength: 32_768,
} as const;
/** The screen is at rest when nothing has changed for so long: the terminal's size, or what is written. */
const REST_MS = 500;
const KEY_MS = 100;
const MOST_MS = 60_000;
/** For so long nobody types before a dialog opens, and it is seen before it takes a key. */
const DIALOG_MS = 1_300;

const COMMAND = {
  command: 'touch canary',
  sandbox_permissions: 'require_escalated',
  justification: 'May I touch it?',
};
const QUESTION = { question: 'Which colour?', options: ['a red one', 'a blue one'] };

/** What the model says before the answer, so that the user is asked. */
const ASKED: { readonly [asks in Asks]: readonly Turn[] } = {
  nothing: [],
  approval: [{ toolCalls: [{ name: 'shell', arguments: COMMAND }] }],
  question: [{ toolCalls: [{ name: 'ask_user', arguments: { questions: [QUESTION] } }] }],
  plan: [{ content: '1. Paint it.' }],
};

/** @param main the built program. @returns also the words that it had to print. */
export async function recordStorm(storm: Storm, main: string): Promise<Recording & { printed: string[] }> {
  const base = mkdtempSync(path.join(tmpdir(), 'oagent-storm-'));
  const asked = ASKED[storm.asks];
  const answer = { content: storm.answer, chunksPerSecond: storm.chunksPerSecond };
  const server = await startScriptedOllama({ models: [MODEL], script: [...asked, answer] });
  const session = new StormSession(storm, main, base, server.host);
  try {
    await session.written('∴ oagent');
    session.type(`${storm.asks === 'plan' ? '/plan ' : ''}${PROMPT}`);
    await session.written('p3');
    session.type('\r');
    await server.waitForRequest(1, 'chat');
    if (asked.length > 0) {
      for (const step of storm.before) await session.step(step);
      await session.answered(storm.asks, () => chats(server).length > asked.length);
    }
    for (const step of storm.steps) await session.step(step);
    await session.until(
      () => chats(server).filter(({ finishedAt }) => finishedAt !== null).length > asked.length,
    );
    await session.leave();
    const { start } = storm;
    return { start, seen: session.seen, printed: `${PROMPT} ${storm.answer}`.match(/\b[wp]\d+\b/g) ?? [] };
  } finally {
    session.kill();
    await server.close();
    rmSync(base, { recursive: true, force: true });
  }
}

function chats({ log }: ScriptedOllama): ScriptedOllama['log'] {
  return log.filter(({ kind }) => kind === 'chat');
}

class StormSession {
  readonly seen: Seen[] = [];
  readonly #start: Storm['start'];
  readonly #child: pty.IPty;
  #raw = '';
  #sizedAt = 0;
  #heardAt = 0;
  #hasEnded = false;
  readonly #listeners = new Set<() => void>();

  constructor({ start }: Storm, main: string, base: string, host: string) {
    this.#start = start;
    const cwd = path.join(base, 'repo');
    for (const folder of [path.join(cwd, '.git'), path.join(base, 'home')])
      mkdirSync(folder, { recursive: true });
    const command = [process.execPath, main, '-s', 'workspace-write'];
    this.#child = pty.spawn('/bin/bash', ['--norc', '-c', JOB, 'sh', ...command], {
      name: 'xterm-256color',
      cols: start.columns,
      rows: start.rows,
      cwd,
      env: {
        PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? ''}`,
        HOME: base,
        TMPDIR: base,
        OAGENT_HOME: path.join(base, 'home'),
        OLLAMA_HOST: host,
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        LANG: 'C.UTF-8',
        TERM: 'xterm-256color',
      },
    });
    this.#child.onData((bytes) => this.#heard(bytes));
    this.#child.onExit(() => {
      this.#hasEnded = true;
      this.#tell();
    });
  }

  type(bytes: string): void {
    if (!this.#hasEnded) this.#child.write(bytes);
  }

  async step(step: Step): Promise<void> {
    if (step.after > 0) await passed(step.after);
    if (this.#hasEnded) return;
    if (step.do === 'type') this.type(step.bytes);
    if (step.do === 'stop') this.type('\x1a');
    if (step.do !== 'size') return;
    const { columns, rows } = step.size;
    this.#sizedAt = performance.now();
    this.seen.push({ size: step.size });
    try {
      this.#child.resize(columns, rows);
    } catch {
      // It has just ended.
    }
  }

  /** Answers, as often as it takes: another key may have closed the dialog. */
  async answered(asks: Asks, isAnswered: () => boolean): Promise<void> {
    while (!isAnswered() && !this.#hasEnded) {
      // Out of the transcript, and away with the draft, all of its lines.
      this.type('q');
      await passed(KEY_MS);
      this.type('\x15\x7f'.repeat(20));
      await passed(DIALOG_MS);
      if (asks === 'plan') this.type('Go on');
      await passed(KEY_MS);
      this.type('\r');
      await passed(REST_MS);
    }
  }

  async written(text: string): Promise<void> {
    await this.until(() => this.#raw.replace(/\x1b\[[\d;]*m/g, '').includes(text));
  }

  /** Back to the first size; then out of whatever was opened, and away. */
  async leave(): Promise<void> {
    await this.step({ do: 'size', after: KEY_MS, size: this.#start });
    this.type('q');
    while (performance.now() - Math.max(this.#heardAt, this.#sizedAt) < REST_MS) await passed(KEY_MS);
    for (let presses = 0; presses < 20 && !this.#hasEnded; presses += 1) {
      this.type('\x03');
      await passed(KEY_MS);
    }
    await this.until(() => this.#hasEnded);
  }

  kill(): void {
    if (!this.#hasEnded) this.#child.kill('SIGKILL');
  }

  #heard(bytes: string): void {
    this.#raw += bytes;
    this.#heardAt = performance.now();
    this.seen.push({ bytes });
    const isPrimary = this.#raw.lastIndexOf('\x1b[?1049h') <= this.#raw.lastIndexOf('\x1b[?1049l');
    const isKnown = this.#heardAt - this.#sizedAt > REST_MS;
    if (isPrimary && isKnown && bytes.endsWith('\x1b[?2026l')) this.seen.push({ look: true });
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Looks whenever something was written. */
  until(isThere: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(look);
        reject(new Error(`The session hangs:\n${this.#raw.slice(-2_000)}`));
      }, MOST_MS);
      const look = (): void => {
        if (!isThere()) return;
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      look();
    });
  }
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
