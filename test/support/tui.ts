/**
 * The whole view in a terminal of the test: real Ink, a terminal emulator, a clock that the test turns, and a session
 * that says what the test says.
 *
 * Invariants: every method resolves when the screen shows what came of it; no real time passes but Ink's own.
 */
import { EventEmitter } from 'node:events';
import { onTestFinished } from 'vitest';
import type { Event, Op } from '../../src/protocol.ts';
import { RESIZING_MS } from '../../src/tui/control/app.ts';
import { FRAME_MS, REST_MS } from '../../src/tui/control/frame-clock.ts';
import type { Services, StartFacts } from '../../src/tui/ports.ts';
import { startTui, type Tui, type TuiOptions } from '../../src/tui/start.ts';
import { Screen } from './screen.ts';
import { TestClock } from './test-clock.ts';

export interface TuiSetup {
  readonly notify?: TuiOptions['notify'];
  readonly theme?: TuiOptions['theme'];
  readonly keymap?: TuiOptions['keymap'];
  readonly hasVi?: TuiOptions['hasVi'];
  readonly columns?: number;
  readonly rows?: number;
  readonly services?: Partial<Services>;
  readonly facts?: Partial<StartFacts>;
  readonly begin?: TuiOptions['begin'];
  readonly env?: TuiOptions['env'];
  readonly hasNoColor?: boolean;
  /** The session says nothing by itself; absent: it is configured and ready. */
  readonly isSilent?: true;
}

/** What a session tells before the first turn. */
export const READY: readonly Event[] = [
  { type: 'server_state', state: 'ready', host: 'http://127.0.0.1:11434' },
  {
    type: 'session_configured',
    threadId: '0199a5f2-7f1c-7c52-9c4e-1f2a3b4c5d6e',
    model: 'qwen3:8b',
    host: 'http://127.0.0.1:11434',
    numCtx: 32_768,
    cwd: '/home/ada/shop',
  },
];

export const SERVICES: Services = {
  listFiles: async function* () {
    yield ['README.md', 'src/app.ts', 'src/cart.ts', 'test/cart.test.ts'];
  },
  memories: {
    report: async () => ({ entries: [], folder: '/home/ada/shop', isOffHere: false, why: undefined }),
    remember: async () => 'Remembered.',
    forget: async () => 'Forgotten.',
    switchFolder: async (isOn) => `Memories are ${isOn ? 'on' : 'off'}.`,
  },
  gitDiff: async () => '',
  gitBranches: async () => ['main', 'origin/main'],
  gitCommits: async () => [{ hash: 'a1b2c3d4e5f6', subject: 'Round the total' }],
  gitBranch: () => 'main',
  openEditor: async (text) => text,
  copy: async () => true,
  exportTo: async (_markdown, file) => `/home/ada/shop/${file ?? 'oagent.md'}`,
  isFile: () => false,
  lookAlike: () => undefined,
  readImage: async (file) => Buffer.from(file).toString('base64'),
  promptHistory: async () => [],
  rememberPrompt: () => undefined,
  saveSetting: () => undefined,
  prompts: { init: 'Write AGENTS.md.' },
};

export const FACTS: StartFacts = {
  version: '0.1.0',
  cwd: '/home/ada/shop',
  home: '/home/ada',
  permissions: { mode: 'workspace-write', approval: 'on-request' },
  trustRoot: undefined,
  platform: 'linux',
  isHostFromEnv: false,
  prompt: undefined,
};

export class TuiHarness {
  readonly screen: Screen;
  readonly clock = new TestClock();
  readonly signals = new EventEmitter();
  /** Signals that were sent, as `PID NAME`. */
  readonly killed: string[] = [];
  /** Without the signs that somebody is there. */
  readonly ops: Op[] = [];
  signsOfUser = 0;
  readonly tui: Tui;
  readonly #listeners = new Set<(event: Event) => void>();

  constructor(setup: TuiSetup) {
    this.screen = new Screen(setup.columns ?? 100, setup.rows ?? 30);
    const kill = (pid: number, signal: string): boolean => this.killed.push(`${pid} ${signal}`) > 0;
    this.tui = startTui({
      session: {
        submit: (op) => {
          if (op.type === 'user_active') this.signsOfUser += 1;
          else this.ops.push(op);
        },
        subscribe: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
      },
      services: { ...SERVICES, ...setup.services },
      facts: { ...FACTS, ...setup.facts },
      clock: this.clock,
      stdin: this.screen.stdin,
      stdout: this.screen.stdout,
      env: setup.env ?? {},
      notify: setup.notify ?? { when: 'unfocused', method: 'osc9' },
      theme: setup.theme,
      keymap: setup.keymap,
      hasVi: setup.hasVi,
      signals: Object.assign(this.signals, { kill, pid: 1 }) as unknown as TuiOptions['signals'],
      hasNoColor: setup.hasNoColor ?? false,
      begin: setup.begin ?? (async () => undefined),
    });
    onTestFinished(() => this.tui.end('quit'));
  }

  /** Events of the session, and the screen that follows from them a frame later. */
  async tell(...events: readonly Event[]): Promise<void> {
    this.say(...events);
    await this.pass(FRAME_MS);
  }

  /** Events of the session; nothing is waited for. */
  say(...events: readonly Event[]): void {
    for (const event of events) for (const listener of this.#listeners) listener(event);
  }

  /** Bytes as a terminal sends them for keys. */
  async type(...pieces: readonly string[]): Promise<void> {
    for (const bytes of pieces) {
      this.screen.type(bytes);
      await turnOfLoop();
    }
    await this.pass(FRAME_MS);
  }

  async paste(text: string): Promise<void> {
    await this.type(`\x1b[200~${text}\x1b[201~`);
  }

  async resize(columns: number, rows: number): Promise<void> {
    this.screen.resize(columns, rows);
    // At rest, and shown in full.
    await this.pass(REST_MS);
    await this.pass(RESIZING_MS - REST_MS);
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await turnOfLoop();
    this.clock.pass(ms);
    await this.tui.painted();
    await this.screen.settled();
  }

  text(): string {
    return this.screen.text();
  }

  /** The ops since the last call. */
  taken(): Op[] {
    return this.ops.splice(0);
  }
}

/** Starts the view and waits for its first picture. */
export async function startInScreen(setup: TuiSetup = {}): Promise<TuiHarness> {
  const harness = new TuiHarness(setup);
  await harness.pass(0);
  if (setup.isSilent === undefined) await harness.tell(...READY);
  return harness;
}

/** What keys send, in the terminals of today. */
export const KEYS = {
  enter: '\r',
  tab: '\t',
  // As the kitty protocol says it: a lone 0x1b has to be waited for.
  escape: '\x1b[27u',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  backspace: '\x7f',
  ctrlC: '\x03',
  ctrlD: '\x04',
  ctrlT: '\x14',
  ctrlL: '\x0c',
  altUp: '\x1b[1;3A',
} as const;

function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
