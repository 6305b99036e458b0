/**
 * Starts the view in a terminal and gives the terminal back, however it ends.
 *
 * Owns: Ink's options, the modes of the terminal, the signals. Invariants: after the end, a crash, a signal or a stop
 * (SIGTSTP) the terminal is as it was: cursor, paste mode, keyboard protocol, focus reports, title, raw mode, screen;
 * all bytes go through one joined output. Does not: know the session or build what is shown.
 */
import { render } from 'ink';
import { App, type AppOptions } from './app.ts';
import { systemClock } from './frame-clock.ts';
import { Pager, type WholeScreen } from './pager-control.ts';
import { FilteredInput } from './term/filtered-input.ts';
import { joinOutput } from './term/joined-output.ts';
import { type NotifySettings, notifySequence } from './term/notify.ts';
import {
  clipboardSequence,
  enterAlternate,
  focusReportsOn,
  leaveAlternate,
  restoreSequence,
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
  /** Signals of the process come from here. */
  readonly signals: Pick<NodeJS.Process, 'on' | 'off' | 'kill' | 'pid'>;
}

export interface Tui {
  readonly app: App;
  /** Resolves when the view has ended and the terminal is as it was: why it ended. */
  readonly ended: Promise<'quit' | NodeJS.Signals>;
  /** Ends the view. */
  readonly end: (reason: 'quit' | NodeJS.Signals) => void;
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function startTui(options: TuiOptions): Tui {
  const { stdin, stdout, env, signals } = options;
  const output = joinOutput(stdout);
  let isAlternate = false;
  let isOver = false;
  let resolveEnd: (reason: 'quit' | NodeJS.Signals) => void = () => undefined;
  const ended = new Promise<'quit' | NodeJS.Signals>((resolve) => {
    resolveEnd = resolve;
  });
  const input = new FilteredInput(stdin, (hasFocus) => app.focused(hasFocus));
  const restore = (): void => {
    output.writeNow(restoreSequence({ alternate: isAlternate, keyboard: false, title: true }));
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
    },
  };

  const app: App = new App({
    ...options,
    clock: systemClock,
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    notify: (message) => output.writeNow(notifySequence(message, options.notify, app.hasFocus, env)),
    setTitle: (title) => output.writeNow(titleSequence(title)),
    copyByTerminal: (text) => {
      const sequence = clipboardSequence(text, env);
      if (sequence !== undefined) output.writeNow(sequence);
      return sequence !== undefined;
    },
    openPager: (content) => new Pager(app, content, screen),
    redraw: () => ink.clear(),
    suspend: (work) => suspend(work),
    stopProcess: () => suspend(stopped),
    quit: () => end('quit'),
  });

  output.writeNow(`${titlePush}${focusReportsOn}`);
  let suspendInk: ((work: () => Promise<void>) => Promise<void>) | undefined;
  const onMounted = (run: typeof suspendInk): void => {
    suspendInk = run;
  };
  const ink = render(<View model={app} onMounted={onMounted} />, {
    stdout: output.stream,
    stdin: input as unknown as NodeJS.ReadStream,
    interactive: true,
    incrementalRendering: true,
    maxFps: 120,
    exitOnCtrlC: false,
    patchConsole: false,
    isScreenReaderEnabled: options.isForScreenReader,
    kittyKeyboard: { mode: 'auto' },
  });

  async function suspend(work: () => Promise<void>): Promise<void> {
    if (isOver || suspendInk === undefined) return;
    await suspendInk(async () => {
      restore();
      await work();
      output.writeNow(`${titlePush}${focusReportsOn}`);
    });
    app.changed(true);
  }

  /** Stops the whole process group, as a shell's Ctrl+Z does, until it is told to go on. */
  function stopped(): Promise<void> {
    return new Promise((resolve) => {
      signals.on('SIGCONT', function goOn() {
        signals.off('SIGCONT', goOn);
        resolve();
      });
      signals.kill(0, 'SIGSTOP');
    });
  }

  const onSignal = (signal: NodeJS.Signals): void => end(signal);
  const onStop = (): void => void suspend(stopped);
  const onResize = (): void => app.resized();
  const onExit = (): void => {
    if (!isOver) restore();
  };
  for (const name of ENDING) signals.on(name, onSignal);
  signals.on('SIGTSTP', onStop);
  signals.on('exit', onExit);
  stdout.on('resize', onResize);
  stdin.once('end', () => end('SIGHUP'));

  function end(reason: 'quit' | NodeJS.Signals): void {
    if (isOver) return;
    isOver = true;
    unsubscribe();
    if (app.pager !== undefined) app.closePager();
    app.stop();
    app.finish();
    for (const name of ENDING) signals.off(name, onSignal);
    signals.off('SIGTSTP', onStop);
    signals.off('exit', onExit);
    stdout.off('resize', onResize);
    ink.unmount();
    output.flush();
    restore();
    input.close();
    resolveEnd(reason);
  }

  const unsubscribe = options.session.subscribe(app.onEvent);
  app.begin.begin();
  return { app, ended, end };
}

/** Every row from the top, each cleared behind its text, without a line end that could scroll. */
function wholeScreen(lines: readonly string[]): string {
  const rows = lines.map((line, index) => `\x1b[${index + 1};1H\x1b[0m${line}\x1b[0m\x1b[K`);
  return `\x1b[?2026h${rows.join('')}\x1b[J\x1b[?2026l`;
}
