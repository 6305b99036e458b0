/**
 * Starts the view in a terminal and gives the terminal back, however it ends.
 *
 * Owns: Ink's options, the modes of the terminal, the signals. Invariants: after the end, a crash, a signal or a stop
 * (SIGTSTP) the terminal is as it was: cursor, paste mode, keyboard protocol, focus reports, title, raw mode, screen;
 * while somebody else has the terminal (an editor, the shell) no byte of its input is read; all bytes go through one
 * joined output. Does not: know the session or build what is shown.
 */
import { render } from 'ink';
import { App, type AppOptions } from './control/app.ts';
import { Pager, type WholeScreen } from './control/pager-control.ts';
import { type Clock, systemClock } from './frame-clock.ts';
import { loadHighlighter } from './lines/highlight.ts';
import { FilteredInput } from './term/filtered-input.ts';
import { joinOutput } from './term/joined-output.ts';
import { type NotifySettings, notifySequence } from './term/notify.ts';
import {
  clipboardSequence,
  enterAlternate,
  focusReportsOn,
  keyboardPush,
  keyboardQuery,
  leaveAlternate,
  restoreSequence,
  scrolledAway,
  type TerminalEnv,
  titlePush,
  titleSequence,
} from './term/sequences.ts';
import { View } from './View.tsx';

export interface TuiOptions
  extends Pick<AppOptions, 'session' | 'services' | 'facts' | 'hasNoColor' | 'isForScreenReader' | 'begin'> {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly env: TerminalEnv;
  readonly notify: NotifySettings;
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

/** `crash`: an exception that nobody caught. */
export type EndReason = 'quit' | 'crash' | NodeJS.Signals;

/** The signals that end the session in good order. */
export const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Far more than a stop takes to happen; the time that the process is stopped does not count. */
const STOPPING_MS = 50;

export function startTui(options: TuiOptions): Tui {
  const { stdin, stdout, env, signals } = options;
  const output = joinOutput(stdout);
  let isAlternate = false;
  let isOver = false;
  /** Somebody else has the terminal. */
  let isAway = false;
  let title = '';
  /** The title from before is kept by the terminal. */
  let isTitleKept = false;
  const { promise: ended, resolve: resolveEnd } = Promise.withResolvers<EndReason>();
  /** The terminal knows the protocol; and it was pushed. */
  let hasKeyboard = false;
  let isKeyboardPushed = false;
  const pushKeyboard = (): void => {
    if (!hasKeyboard || isKeyboardPushed || isAlternate || isAway || isOver) return;
    isKeyboardPushed = true;
    output.writeNow(keyboardPush);
  };
  const onKeyboard = (): void => {
    hasKeyboard = true;
    pushKeyboard();
  };
  const input = new FilteredInput(stdin, (hasFocus) => app.focused(hasFocus), onKeyboard);
  const restore = (): void => {
    output.writeNow(
      restoreSequence({ alternate: isAlternate, keyboard: isKeyboardPushed, title: isTitleKept }),
    );
    isTitleKept = false;
    isKeyboardPushed = false;
  };
  const takeTerminal = (): void => {
    output.writeNow(`${titlePush}${title}${focusReportsOn}`);
    isTitleKept = true;
  };

  const screen: WholeScreen = {
    enter: () => {
      output.hold();
      isAlternate = true;
      output.writeNow(enterAlternate({ keyboard: false }));
    },
    draw: (lines) => output.writeNow(wholeScreen(lines)),
    leave: () => {
      isAlternate = false;
      output.writeNow(leaveAlternate({ keyboard: false }));
      output.release();
      pushKeyboard();
    },
  };

  const app: App = new App({
    ...options,
    clock: options.clock ?? systemClock,
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    notify: (message) => output.writeNow(notifySequence(message, options.notify, app.hasFocus, env)),
    setTitle: (text) => {
      title = titleSequence(text);
      output.writeNow(title);
    },
    copyByTerminal: (text) => {
      const sequence = clipboardSequence(text, env);
      if (sequence !== undefined) output.writeNow(sequence);
      return sequence !== undefined;
    },
    openPager: (content) => new Pager(app, content, screen),
    redraw: () => ink.clear(),
    clearScreen: () => {
      ink.clear();
      output.writeNow(scrolledAway(stdout.rows || 24));
    },
    suspend: (work) => suspend(work),
    stopProcess: () => suspend(stopped),
    // Behind the key that asked for it: React draws nothing while it handles an event.
    quit: () => setImmediate(end, 'quit'),
  });

  takeTerminal();
  let suspendInk: ((work: () => Promise<void>) => Promise<void>) | undefined;
  const onMounted = (run: typeof suspendInk): void => {
    suspendInk = run;
  };
  const view = <View model={app} onMounted={onMounted} />;
  output.writeNow(keyboardQuery);
  const ink = render(view, {
    stdout: output.stream,
    stdin: input as unknown as NodeJS.ReadStream,
    interactive: true,
    incrementalRendering: true,
    maxFps: 120,
    exitOnCtrlC: false,
    patchConsole: false,
    isScreenReaderEnabled: options.isForScreenReader,
    // Ink waits 200 ms for the terminal's answer; over a network, or on a busy machine, that is not enough.
    kittyKeyboard: { mode: 'disabled' },
  });

  async function suspend(work: () => Promise<void>): Promise<void> {
    if (isOver || isAway || suspendInk === undefined) return;
    // What Ink writes is kept back while a page is open, also what gives the terminal back.
    if (app.pager !== undefined) app.closePager();
    isAway = true;
    app.hold();
    await suspendInk(async () => {
      input.hold();
      restore();
      await work();
      if (isOver) return;
      takeTerminal();
      input.release();
    });
    isAway = false;
    pushKeyboard();
    if (!isOver) app.release();
  }

  /**
   * Stops the whole foreground job, as the terminal does on Ctrl+Z, until the shell lets it go on. Where no shell could do
   * that (the group is an orphan) the system ignores the signal, and all goes on at once.
   */
  function stopped(): Promise<void> {
    signals.off('SIGTSTP', onStop);
    signals.kill(0, 'SIGTSTP');
    return new Promise((resolve) => {
      setTimeout(() => {
        if (!isOver) signals.on('SIGTSTP', onStop);
        resolve();
      }, STOPPING_MS);
    });
  }

  const onSignal = (signal: NodeJS.Signals): void => {
    // Ctrl+C in an editor that has left the terminal as it was reaches all of the group; it is the editor's.
    if (!(isAway && signal === 'SIGINT')) end(signal);
  };
  const onStop = (): void => void (isAway ? stopped() : suspend(stopped));
  const onResize = (): void => app.resized();
  const onCrash = (): void => end('crash');
  const onHangUp = (): void => end('SIGHUP');
  for (const name of ENDING) signals.on(name, onSignal);
  signals.on('SIGTSTP', onStop);
  // Heard before whoever says what has happened, so that the message comes on a terminal that shows it.
  signals.on('uncaughtExceptionMonitor', onCrash);
  signals.on('exit', onCrash);
  stdout.on('resize', onResize);
  stdin.once('end', onHangUp);
  stdin.on('error', onHangUp);

  function end(reason: EndReason): void {
    if (isOver) return;
    isOver = true;
    unsubscribe();
    for (const name of ENDING) signals.off(name, onSignal);
    signals.off('SIGTSTP', onStop);
    signals.off('uncaughtExceptionMonitor', onCrash);
    signals.off('exit', onCrash);
    stdout.off('resize', onResize);
    try {
      leave(reason === 'crash');
    } finally {
      output.flush();
      restore();
      input.close();
      resolveEnd(reason);
    }
  }

  /** After a crash the app is not asked for anything: what failed would fail again. */
  function leave(isCrash: boolean): void {
    // A page that closes paints, and with that a timer may begin: it is closed before all timers are ended.
    if (!isCrash && app.pager !== undefined) app.closePager();
    app.stop();
    if (isCrash) {
      if (isAlternate) screen.leave();
    } else {
      app.finish();
      // Else React would draw the last picture together with the end, which is not at all.
      ink.rerender(view);
    }
    ink.unmount();
  }

  /** While a page has the screen what Ink writes is kept back. */
  async function painted(): Promise<void> {
    if (!isAlternate) await ink.waitUntilRenderFlush();
  }

  const unsubscribe = options.session.subscribe((event) => {
    app.onEvent(event);
    // The grammars load while the model reads; until then, and if they cannot be loaded, code is plain.
    if (event.type === 'turn_started') loadHighlighter().catch(() => undefined);
  });
  // The first picture does not wait for what begins now.
  output.flush();
  app.begin.begin();
  return { app, ended, end, painted };
}

/** Every row from the top, each cleared behind its text, without a line end that could scroll. */
function wholeScreen(lines: readonly string[]): string {
  const rows = lines.map((line, index) => `\x1b[${index + 1};1H\x1b[0m${line}\x1b[0m\x1b[K`);
  return `\x1b[?2026h${rows.join('')}\x1b[J\x1b[?2026l`;
}
