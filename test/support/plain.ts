/**
 * The session in plain lines without a terminal: what is written, a clock that the test turns, and a session that says
 * what the test says.
 *
 * Invariant: every method resolves when all that came of it is written.
 */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { Event, Op } from '../../src/protocol.ts';
import { type Plain, type PlainOptions, startPlain } from '../../src/tui/plain/start.ts';
import type { Services, StartFacts } from '../../src/tui/ports.ts';
import { TestClock } from './test-clock.ts';
import { FACTS, READY, SERVICES } from './tui.ts';

interface PlainSetup {
  readonly services?: Partial<Services>;
  readonly facts?: Partial<StartFacts>;
  readonly begin?: PlainOptions['begin'];
  /** The session says nothing by itself; absent: it is configured and ready. */
  readonly isSilent?: true;
}

/** Far more than anything waits for. */
const PATIENCE_MS = 2_000;

export class PlainHarness {
  readonly clock = new TestClock();
  readonly signals = new EventEmitter();
  readonly ops: Op[] = [];
  readonly plain: Plain;
  /** All that was written. */
  written = '';
  readonly #stdin = new PassThrough();
  readonly #listeners = new Set<(event: Event) => void>();

  constructor(setup: PlainSetup) {
    const stdout = Object.assign(new EventEmitter(), {
      write: (text: string): boolean => {
        this.written += text;
        return true;
      },
    });
    this.plain = startPlain({
      session: {
        submit: (op) => void this.ops.push(op),
        subscribe: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
      },
      services: { ...SERVICES, ...setup.services },
      facts: { ...FACTS, ...setup.facts },
      begin: setup.begin ?? (async () => undefined),
      stdin: Object.assign(this.#stdin, {
        unref: () => this.#stdin,
      }) as unknown as NodeJS.ReadStream,
      stdout: stdout as unknown as NodeJS.WriteStream,
      signals: this.signals as unknown as PlainOptions['signals'],
      clock: this.clock,
    });
    onTestFinished(() => this.plain.end('quit'));
  }

  /** Events of the session; nothing is waited for. */
  say(...events: readonly Event[]): void {
    for (const event of events) for (const listener of this.#listeners) listener(event);
  }

  /** What is written because of these events. */
  async tell(...events: readonly Event[]): Promise<string> {
    return this.#because(() => this.say(...events));
  }

  /** What is written because of these bytes; the terminal's echo of them is not part of it. */
  async type(text: string): Promise<string> {
    return this.#because(() => this.sendBytes(text));
  }

  /** The same; nothing is waited for. */
  sendBytes(text: string): void {
    this.#stdin.write(text);
  }

  /** Ctrl+C. */
  async interrupt(): Promise<string> {
    return this.#because(() => this.signals.emit('SIGINT', 'SIGINT'));
  }

  /** Ctrl+D. */
  async end(): Promise<string> {
    return this.#because(() => this.#stdin.end());
  }

  /** The ops since the last call. */
  taken(): Op[] {
    return this.ops.splice(0);
  }

  async #because(work: () => unknown): Promise<string> {
    const before = this.written.length;
    work();
    await this.settled();
    return this.written.slice(before);
  }

  /** The loop has looked for input. */
  looks(): Promise<void> {
    return looks();
  }

  async settled(): Promise<void> {
    do {
      await looks();
      this.clock.pass(PATIENCE_MS);
      await looks();
    } while (this.clock.pending > 0);
  }
}

export async function startPlainly(setup: PlainSetup = {}): Promise<PlainHarness> {
  const harness = new PlainHarness(setup);
  if (setup.isSilent === undefined) harness.say(...READY);
  await harness.settled();
  return harness;
}

/** Reading an unfinished line takes some turns of the loop. */
async function looks(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
