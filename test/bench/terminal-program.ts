/**
 * A program in a pty, measured from outside: what it writes and when, its CPU, its memory, its wake-ups.
 *
 * Invariants: queries that a terminal would answer are answered; nothing is drawn, so that the cost is the program's.
 * Does not: know which program it is. Linux only.
 */
import { readFileSync } from 'node:fs';
import pty from '@lydell/node-pty';

/** USER_HZ: the same on every Linux that Node runs on. */
const TICK_MS = 10;
const TIME_LIMIT_MS = 120_000;
/** Text that is looked through again with the next bytes. */
const KEPT = 4_096;
/** Begins a frame (synchronised output). */
const FRAME = '\x1b[?2026h';

/** What every terminal answers, and the one question that new ones do. */
const QUERIES = [
  ['\x1b[c', '\x1b[?62;22c'],
  ['\x1b[?u', '\x1b[?0u'],
] as const;

export interface TerminalProgramOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export class TerminalProgram {
  readonly startedAt = performance.now();
  bytes = 0;
  frames = 0;
  get pid(): number {
    return this.#child.pid;
  }

  readonly #child: pty.IPty;
  readonly #ended: Promise<void>;
  /** What `watch` looks for has come. */
  hasWritten = false;
  #watched: string | undefined;
  #recent = '';
  #hasEnded = false;
  #waiting: { readonly text: string; readonly resolve: (at: number) => void } | undefined;

  constructor({ args, cwd, env }: TerminalProgramOptions) {
    this.#child = pty.spawn(process.execPath, [...args], {
      name: 'xterm-256color',
      cols: 100,
      rows: 30,
      cwd,
      env: { ...env, TERM: 'xterm-256color' },
    });
    this.#child.onData((text) => this.#heard(text));
    this.#ended = new Promise((resolve) => {
      this.#child.onExit(() => {
        this.#hasEnded = true;
        resolve();
      });
    });
  }

  /** Resolves with the time when `text` is first written from now on. @throws when that does not happen. */
  async written(text: string): Promise<number> {
    this.#recent = '';
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`never written: ${text}`)), TIME_LIMIT_MS);
    });
    const found = new Promise<number>((resolve) => {
      this.#waiting = { text, resolve };
    });
    const gone = this.#ended.then(() => Promise.reject(new Error(`ended before it wrote ${text}`)));
    gone.catch(() => undefined);
    return Promise.race([found, late, gone]).finally(() => clearTimeout(timer));
  }

  /** Sets `hasWritten` as soon as `text` is written, while something else is awaited. */
  watch(text: string): void {
    this.#watched = text;
    this.hasWritten = false;
  }

  type(bytes: string): void {
    this.#child.write(bytes);
  }

  /** Milliseconds from a key to the first output that holds it. */
  async echo(key: string): Promise<number> {
    const echoed = this.written(key);
    const from = performance.now();
    this.type(key);
    return (await echoed) - from;
  }

  /** User and system time so far, also of children that have ended, ms; 0 when it has ended. */
  cpuMs(): number {
    if (this.#hasEnded) return 0;
    const fields = this.#read('stat')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
  }

  /** Resident memory now, bytes. */
  rss(): number {
    return this.#status('VmRSS') * 1024;
  }

  /** How often the main thread has slept so far: each timer costs one. */
  sleeps(): number {
    return this.#status('voluntary_ctxt_switches');
  }

  /** Ends it, and resolves when it has ended. */
  async end(): Promise<void> {
    if (!this.#hasEnded) this.#child.kill('SIGTERM');
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await this.#ended;
    clearTimeout(kill);
  }

  /** Resolves when the program has ended by itself. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  #read(file: string): string {
    try {
      return readFileSync(`/proc/${this.#child.pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  }

  #status(field: string): number {
    const text = this.#read('status');
    return Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  }

  #heard(text: string): void {
    const now = performance.now();
    this.bytes += Buffer.byteLength(text);
    this.frames += text.split(FRAME).length - 1;
    for (const [query, answer] of QUERIES) {
      if (text.includes(query) && !this.#hasEnded) this.#child.write(answer);
    }
    this.#recent = this.#recent.slice(-KEPT) + text;
    if (this.#watched !== undefined && this.#recent.includes(this.#watched)) this.hasWritten = true;
    if (this.#waiting === undefined || !this.#recent.includes(this.#waiting.text)) return;
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve(now);
  }
}
