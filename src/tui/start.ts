/**
 * Starts the view in a terminal and gives the terminal back, however it ends.
 *
 * Invariants: after the end, a crash, a signal or a stop (SIGTSTP) the terminal is as it was, raw mode too; while
 * another program has the terminal (an editor, the shell) no byte of its input is read; what is on the primary screen is
 * the painter's.
 */
import type { Event } from '../protocol.ts';
import { App, type AppOptions } from './control/app.ts';
import { type Clock, REST_MS, systemClock } from './control/frame-clock.ts';
import { ENDING, type EndReason } from './ending.ts';
import type { Layout } from './layout.tsx';
import { loadHighlighter } from './lines/highlight.ts';
import { richStyle } from './lines/style.ts';
import type { ThemeName } from './overlay/theme-picker.ts';
import type { SessionPort, Size, Terminal } from './ports.ts';
import { backgroundOf, colourBits, hasLinks, hasProgress } from './term/features.ts';
import { KeyReader } from './term/key-reader.ts';
import type { Key } from './term/keys.ts';
import { TerminalModes } from './term/modes.ts';
import { type NotifyAbout, type NotifySettings, notifySequence } from './term/notify.ts';
import { Painter } from './term/painter.ts';
import {
  clipboardSequence,
  keyboardQuery,
  scrolledAway,
  type TerminalEnv,
  wrapsAgain,
} from './term/sequences.ts';
import type { Background } from './term/start-queries.ts';
import { TerminalInput } from './term/terminal-input.ts';
import { TerminalOutput } from './term/terminal-output.ts';

export interface TuiOptions
  extends Pick<AppOptions, 'services' | 'facts' | 'keymap' | 'hasVi' | 'hasNoColor' | 'begin'> {
  /** Of the terminal; undefined: unknown. */
  readonly background?: Background | undefined;
  readonly session: SessionPort;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly env: TerminalEnv;
  readonly notify: NotifySettings;
  /** The colours to begin with. */
  readonly theme?: ThemeName | undefined;
  /** The machine's own when absent. */
  readonly clock?: Clock;
  /** Signals of the process come from here. */
  readonly signals: Pick<NodeJS.Process, 'on' | 'off' | 'kill' | 'pid'>;
}

export interface Tui {
  readonly app: App;
  /** Resolves when the view has ended and the terminal is as it was: why it ended. */
  readonly ended: Promise<EndReason>;
  /** Ends the view. */
  readonly end: (reason: EndReason) => void;
  /** Resolves when what the app has asked for is on the terminal. */
  readonly painted: () => Promise<void>;
}

/** Far more than a stop takes to happen; the time that the process is stopped does not count. */
const STOPPING_MS = 50;

export function startTui(options: TuiOptions): Tui {
  return new RunningTui(options);
}

class RunningTui implements Tui, Terminal {
  readonly app: App;
  readonly ended: Promise<EndReason>;
  readonly wholeScreen: TerminalModes;
  readonly #options: TuiOptions;
  readonly #clock: Clock;
  readonly #output: TerminalOutput;
  readonly #painter: Painter;
  readonly #input: TerminalInput;
  readonly #modes: TerminalModes;
  readonly #loading: Promise<void>;
  readonly #unsubscribe: () => void;
  readonly #resolveEnd: (reason: EndReason) => void;
  /** Absent until it is loaded, and until then no picture has more to it than its rows. */
  #layout: Layout | undefined;
  #stopPainting: () => void;
  #isOver = false;
  /** Another program has the terminal. */
  #isAway = false;

  constructor(options: TuiOptions) {
    const { promise, resolve } = Promise.withResolvers<EndReason>();
    this.ended = promise;
    this.#resolveEnd = resolve;
    this.#options = options;
    const clock = options.clock ?? systemClock;
    this.#clock = clock;
    this.#output = new TerminalOutput(options.stdout);
    this.#painter = new Painter(this.#output, wrapsAgain(options.env), clock.now);
    this.#modes = new TerminalModes(this.#output, this.#painter);
    this.wholeScreen = this.#modes;
    this.app = new App({
      ...options,
      clock,
      terminal: this,
      richStyle: richStyle({
        bits: colourBits(options.env),
        background: options.background ?? backgroundOf(options.env),
        hasLinks: hasLinks(options.env),
      }),
      // After the key that asked for it, and after those that came with it.
      quit: () => setImmediate(this.end, 'quit'),
    });
    this.#input = new TerminalInput(options.stdin, this.#reader(clock));
    this.#modes.take();
    this.#output.write(keyboardQuery);
    this.#stopPainting = this.app.subscribe(this.#paint);
    this.#paint();
    if (options.theme !== undefined) this.app.setTheme(options.theme);
    this.#listen('on');
    this.#unsubscribe = options.session.subscribe(this.#onEvent);
    this.app.begin();
    this.#loading = this.#load();
  }

  readonly size = (): Size => this.#output.size;

  notify(about: NotifyAbout, message: string): void {
    const { notify, env } = this.#options;
    if (notify.about?.includes(about) === false) return;
    this.#output.write(notifySequence(message, notify, this.app.hasFocus, env));
  }

  setTitle(title: string): void {
    this.#modes.setTitle(title);
  }

  setProgress(progress: Parameters<Terminal['setProgress']>[0]): void {
    if (hasProgress(this.#options.env)) this.#modes.setProgress(progress);
  }

  copy(text: string): boolean {
    const sequence = clipboardSequence(text, this.#options.env);
    if (sequence !== undefined) this.#output.write(sequence);
    return sequence !== undefined;
  }

  redraw(): void {
    this.#painter.repaint();
  }

  clear(): void {
    this.#painter.erase();
    this.#output.write(scrolledAway(this.size().rows));
  }

  async suspend(work: () => Promise<void>): Promise<void> {
    if (this.#isOver || this.#isAway) return;
    this.app.closePager();
    this.#isAway = true;
    this.app.hold();
    this.#painter.erase();
    this.#painter.hold();
    this.#input.hold();
    this.#modes.giveBack();
    try {
      await work();
    } finally {
      this.#isAway = false;
      if (!this.#isOver) this.#takeBack();
    }
  }

  stopProcess(): Promise<void> {
    return this.suspend(this.#stopped);
  }

  readonly end = (reason: EndReason): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unsubscribe();
    this.#listen('off');
    try {
      this.#leave(reason === 'crash');
    } finally {
      this.#modes.giveBack();
      this.#input.close();
      this.#resolveEnd(reason);
    }
  };

  /** While a page has the screen what Ink writes is held back. */
  readonly painted = async (): Promise<void> => {
    await this.#loading;
    if (!this.#modes.isAlternate) await this.#layout?.flushed();
  };

  #takeBack(): void {
    this.#modes.take();
    this.#input.release();
    this.#modes.pushKeyboard();
    this.#painter.release();
    this.app.release();
  }

  #reader(clock: Clock): KeyReader {
    const { app } = this;
    const onKeyboard = (): void => {
      this.#modes.keyboardKnown();
      app.keysAreExact();
    };
    const listener = {
      onKey: (key: Key) => app.onKey(key),
      onPaste: (text: string) => app.onPaste(text),
      onFocus: (hasFocus: boolean) => app.focused(hasFocus),
      onKeyboard,
    };
    return new KeyReader(listener, clock);
  }

  /** The first picture is on the screen before what lays it out is loaded. */
  async #load(): Promise<void> {
    await new Promise(setImmediate);
    const { layOut } = await import('./layout.tsx');
    if (this.#isOver) return;
    this.#stopPainting();
    this.#layout = layOut(this.app, this.size, (frame, rows) => this.#painter.paint(frame, rows));
  }

  #listen(how: 'on' | 'off'): void {
    const { signals, stdin, stdout } = this.#options;
    for (const name of ENDING) {
      if (how === 'on') signals.on(name, this.#onSignal);
      // Not at once: others hear this signal after us, and whoever finds himself alone with it ends the process.
      else setImmediate(() => signals.off(name, this.#onSignal));
    }
    signals[how]('SIGTSTP', this.#onStop);
    // Heard before whoever reports the exception, so that the message comes on a terminal that shows it.
    signals[how]('uncaughtExceptionMonitor', this.#onCrash);
    signals[how]('exit', this.#onCrash);
    stdout[how]('resize', this.#onResize);
    if (how === 'off') return;
    stdin.once('end', this.#onHangUp);
    // Stays: an error of a terminal that is gone must not end the process in a stack trace.
    stdin.on('error', this.#onHangUp);
  }

  /** After a crash the app is not asked for anything: what failed would fail again. */
  #leave(isCrash: boolean): void {
    // A page that closes paints, and with that a timer may begin: it is closed before all timers are ended.
    if (!isCrash) this.app.closePager();
    this.app.stop();
    if (isCrash) {
      if (this.#modes.isAlternate) this.#modes.leave();
    } else {
      this.app.finish();
      // Else React would draw the last picture together with the end, which is not at all.
      this.#layout?.flush();
    }
    this.#painter.leave();
    this.#painter.hold();
    this.#stopPainting();
    this.#layout?.end();
  }

  /**
   * Stops the whole foreground job, as the terminal does on Ctrl+Z, until the shell continues it. Where no shell could
   * (the group is an orphan) the system ignores the signal, and everything continues immediately.
   */
  readonly #stopped = (): Promise<void> => {
    const { signals } = this.#options;
    signals.off('SIGTSTP', this.#onStop);
    signals.kill(0, 'SIGTSTP');
    return new Promise((resolve) => {
      setTimeout(() => {
        if (!this.#isOver) signals.on('SIGTSTP', this.#onStop);
        resolve();
      }, STOPPING_MS);
    });
  };

  readonly #paint = (): void => {
    const frame = this.app.frame();
    this.#painter.paint(frame, frame.live);
  };

  readonly #onEvent = (event: Event): void => {
    this.app.onEvent(event);
    // The grammars load while the model reads; until then, and if they cannot be loaded, code is plain.
    if (event.type === 'turn_started') loadHighlighter().catch(() => undefined);
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    // Ctrl+C in an editor that has left the terminal as it was reaches the whole group; it is meant for the editor.
    if (!(this.#isAway && signal === 'SIGINT')) this.end(signal);
  };

  readonly #onStop = (): void => void (this.#isAway ? this.#stopped() : this.stopProcess());
  readonly #onResize = (): void => {
    this.#painter.resized(this.#clock.now() + REST_MS);
    this.app.resized();
  };
  readonly #onCrash = (): void => this.end('crash');
  readonly #onHangUp = (): void => this.end('SIGHUP');
}
