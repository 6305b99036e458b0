/**
 * Starts the session in plain lines, and ends it however it is left.
 *
 * Invariants: lines are the terminal's own, with its editing and echo: its modes are changed for no longer than it
 * takes to read an unfinished line (line-input.ts); Ctrl+Z and the shell's job control need nothing from here.
 */
import { type Clock, systemClock } from '../control/frame-clock.ts';
import { ENDING, type EndReason } from '../ending.ts';
import type { SessionPort } from '../ports.ts';
import { LineInput } from './line-input.ts';
import { PlainApp, type PlainAppOptions } from './plain-app.ts';

export interface PlainOptions extends Pick<PlainAppOptions, 'services' | 'facts' | 'begin'> {
  readonly session: SessionPort;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Signals of the process come from here. */
  readonly signals: Pick<NodeJS.Process, 'on' | 'off'>;
  /** The machine's own when absent. */
  readonly clock?: Clock;
}

export interface Plain {
  readonly app: PlainApp;
  /** Resolves when nothing more is written: why it ended. */
  readonly ended: Promise<EndReason>;
  readonly end: (reason: EndReason) => void;
}

export function startPlain(options: PlainOptions): Plain {
  const plain = new RunningPlain(options);
  plain.app.begin();
  return plain;
}

class RunningPlain implements Plain {
  readonly app: PlainApp;
  readonly ended: Promise<EndReason>;
  readonly #options: PlainOptions;
  readonly #input: LineInput;
  readonly #unsubscribe: () => void;
  readonly #resolveEnd: (reason: EndReason) => void;
  #isOver = false;

  constructor(options: PlainOptions) {
    const { promise, resolve } = Promise.withResolvers<EndReason>();
    this.ended = promise;
    this.#resolveEnd = resolve;
    this.#options = options;
    const { stdin, stdout, clock = systemClock } = options;
    this.app = new PlainApp({
      ...options,
      clock,
      write: (text) => void stdout.write(text),
      takeUnfinished: () => this.#input.takeUnfinished(),
      quit: () => this.end('quit'),
    });
    this.#input = new LineInput(stdin, clock, {
      onLines: this.app.onLines,
      onInterrupt: this.app.onInterrupt,
      onEnd: () => this.end('quit'),
    });
    stdout.on('error', () => this.end('SIGHUP'));
    this.#listen('on');
    this.#unsubscribe = options.session.subscribe(this.app.onEvent);
  }

  readonly end = (reason: EndReason): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unsubscribe();
    this.#listen('off');
    this.#input.close();
    this.app.finish();
    this.#resolveEnd(reason);
  };

  #listen(how: 'on' | 'off'): void {
    const { signals } = this.#options;
    for (const name of ENDING) {
      if (how === 'on') signals.on(name, this.#onSignal);
      // Not at once: whoever hears this signal after us and finds himself alone with it ends the process.
      else setImmediate(() => signals.off(name, this.#onSignal));
    }
    signals[how]('SIGCONT', this.app.onContinued);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT') {
      if (!this.#isOver) this.app.onInterrupt();
    } else this.end(signal);
  };
}
