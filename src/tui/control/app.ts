/**
 * The view's one object: hears the session's events and the user's keys, and gives the picture.
 *
 * Owns: who gets a key (pager, overlay, approval, app, composer, in this order) and when a picture is wanted.
 * Invariants: keys and events change state at once, the picture is made from it once a frame; no timer runs while
 * nothing moves; the live region is lower than the screen.
 * Does not: paint (View.tsx), build lines (lines/), or know what the commands do (slash-commands.ts).
 */
import type { Event } from '../../protocol.ts';
import type { Frame, ViewModel } from '../frame.ts';
import { type Clock, FrameClock } from '../frame-clock.ts';
import { chordOf, type Key } from '../keys.ts';
import { headerLines } from '../lines/header.ts';
import { infoLines } from '../lines/notice.ts';
import { colorStyle, type LineContext, plainStyle } from '../lines/style.ts';
import type { ThemeName } from '../overlay/theme-picker.ts';
import type { TrustResult } from '../overlay/trust.ts';
import type { Overlay } from '../overlay-port.ts';
import type { Services, SessionPort, StartFacts } from '../ports.ts';
import { Conversation } from '../screen/conversation.ts';
import { pictureOf } from '../screen/picture.ts';
import { SessionState } from '../screen/session-state.ts';
import { SPINNER_MS } from '../screen/status.ts';
import { TranscriptStore } from '../screen/transcript-store.ts';
import { ApprovalControl } from './approval-control.ts';
import { ComposerControl } from './composer-control.ts';
import { Notices } from './notices.ts';
import type { Pager, PagerContent } from './pager-control.ts';
import { showEarlier } from './session-overlay.ts';
import { StartControl } from './start-control.ts';
import { TurnControl } from './turn-control.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface AppOptions {
  readonly session: SessionPort;
  readonly services: Services;
  readonly facts: StartFacts;
  readonly clock: Clock;
  readonly size: () => Size;
  /** NO_COLOR is set. */
  readonly hasNoColor: boolean;
  /** No animation, and nothing painted twice. */
  readonly isForScreenReader: boolean;
  /** Calls the user who looks elsewhere. */
  readonly notify: (message: string) => void;
  readonly setTitle: (title: string) => void;
  /** Copies by the terminal itself (OSC 52). */
  readonly copyByTerminal: (text: string) => boolean;
  /** Gives the whole screen to a page of text until it is closed. */
  readonly openPager: (content: PagerContent) => Pager;
  /** Hands the terminal over while `work` runs. */
  readonly suspend: (work: () => Promise<void>) => Promise<void>;
  /** Stops the process as Ctrl+Z does in a shell, until it is told to go on. */
  readonly stopProcess: () => Promise<void>;
  /** Paints the live region anew. */
  readonly redraw: () => void;
  /** Moves all that is on the screen into the scrollback. */
  readonly clearScreen: () => void;
  /** The trust question was answered, or need not be asked: the session may begin. */
  readonly begin: (trust: Exclude<TrustResult, 'quit'>) => Promise<void>;
  readonly quit: () => void;
}

export class App implements ViewModel {
  readonly options: AppOptions;
  readonly state: SessionState;
  readonly conversation: Conversation;
  readonly transcript = new TranscriptStore();
  readonly composer: ComposerControl;
  readonly approvals: ApprovalControl;
  readonly turns: TurnControl;
  readonly notices: Notices;
  readonly begin: StartControl;
  overlay: Overlay | undefined;
  pager: Pager | undefined;
  hasFocus = true;
  /** The user has pressed a key, or pasted. */
  isUsed = false;
  theme: ThemeName = 'auto';
  style: LineContext['style'];
  readonly #frames: FrameClock;
  readonly #listeners = new Set<() => void>();
  #frame: Frame | undefined;
  #cancelTick: (() => void) | undefined;
  #isOver = false;

  constructor(options: AppOptions) {
    this.options = options;
    const { facts, clock } = options;
    this.style = options.hasNoColor ? plainStyle : colorStyle;
    this.state = new SessionState(facts.permissions);
    this.conversation = new Conversation(() => this.context());
    this.approvals = new ApprovalControl(this);
    this.composer = new ComposerControl(this);
    this.turns = new TurnControl(this);
    this.notices = new Notices(this);
    this.begin = new StartControl(this);
    this.#frames = new FrameClock(clock, () => this.#paint());
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly frame = (): Frame => {
    this.#frame ??= pictureOf(this);
    return this.#frame;
  };

  readonly onKey = (key: Key): void => {
    const now = this.now();
    this.isUsed = true;
    this.#route(key, now);
    if (this.#isOver) return;
    this.approvals.keyCame(now);
    this.changed(true);
  };

  readonly onPaste = (text: string): void => {
    this.isUsed = true;
    if (this.pager !== undefined) return;
    if (this.overlay !== undefined) this.overlay.onPaste?.(text);
    else {
      this.approvals.pasted(this.now());
      this.composer.paste(text);
    }
    this.changed(true);
  };

  readonly onEvent = (event: Event): void => {
    const now = this.now();
    this.notices.before(event, now);
    this.state.handle(event, now);
    this.transcript.handle(event);
    this.conversation.handle(event, now);
    if (event.type === 'session_resumed') showEarlier(this, event, now);
    this.notices.after(event);
    this.approvals.handle(event);
    this.turns.handle(event);
    this.composer.handle(event);
    if (this.overlay?.onEvent?.(event, now) === 'done') this.#closeOverlay();
    this.begin.handle(event);
    this.pager?.contentChanged();
    this.changed();
  };

  /** The terminal has another size. */
  resized(): void {
    this.pager?.contentChanged();
    this.changed(true);
  }

  focused(hasFocus: boolean): void {
    this.hasFocus = hasFocus;
    this.changed();
  }

  now(): number {
    return this.options.clock.now();
  }

  context(): LineContext {
    const { facts, size } = this.options;
    return { width: Math.max(1, size().columns), style: this.style, cwd: facts.cwd, home: facts.home };
  }

  /** Something that is shown has changed. `urgent`: the user waits for it. */
  changed(urgent = false): void {
    this.#frames.request(urgent);
  }

  print(lines: readonly string[]): void {
    this.conversation.print(lines);
    this.changed();
  }

  say(text: string): void {
    this.print(infoLines(text, this.context()));
  }

  open(overlay: Overlay): void {
    this.approvals.covered(this.now());
    this.overlay = overlay;
    this.changed(true);
  }

  printHeader(): void {
    const { facts } = this.options;
    const { model, isLed, window, sandbox, permissions } = this.state;
    const known = window === undefined ? {} : { window: window.size };
    const header = {
      version: facts.version,
      model,
      isLed,
      sandbox,
      approval: permissions.approval,
      ...known,
    };
    this.print(headerLines(header, this.context()));
  }

  /** Paints nothing until `release`: Ink forgets what it is given while somebody else has the terminal. */
  hold(): void {
    this.#frames.hold();
  }

  release(): void {
    this.#frames.release();
    this.changed(true);
  }

  /** Shows a whole-screen page; nothing else is painted until it is closed. */
  openPager(content: PagerContent): void {
    this.approvals.covered(this.now());
    this.#frames.hold();
    this.pager = this.options.openPager(content);
  }

  closePager(): void {
    this.pager?.close();
    this.pager = undefined;
    this.approvals.covered(this.now());
    this.release();
  }

  /** Ends all timers; the last picture stays. */
  stop(): void {
    this.#isOver = true;
    this.#cancelTick?.();
    this.approvals.stop();
    this.composer.stop();
    this.#frames.stop();
  }

  /** The last picture: no composer, no status. */
  finish(): void {
    this.conversation.finish();
    this.#frame = { printed: this.conversation.printed, live: [] };
    this.#notify();
  }

  #route(key: Key, now: number): void {
    if (this.pager !== undefined) {
      if (this.pager.onKey(key) === 'done') this.closePager();
      return;
    }
    if (this.overlay !== undefined) {
      const isLeaving = chordOf(key) === 'ctrl+c' || chordOf(key) === 'ctrl+d';
      if (isLeaving && this.overlay.ownsLeaving !== true) {
        this.overlay.onLeft?.();
        this.#closeOverlay();
        return;
      }
      const { overlay } = this;
      const taken = overlay.onKey(key, now);
      if (taken === 'kept') return;
      // What the overlay led to may have opened another one.
      if (this.overlay === overlay) this.#closeOverlay();
      if (taken === 'done') return;
    }
    if (this.approvals.onKey(key, now)) return;
    if (this.turns.onKey(key)) return;
    this.composer.onKey(key);
  }

  #closeOverlay(): void {
    this.overlay = undefined;
    this.approvals.covered(this.now());
  }

  #paint(): void {
    // Not within React, which would show a stack trace and go on without a view if this failed.
    this.#frame = pictureOf(this);
    this.#notify();
    const now = this.now();
    if (this.overlay === undefined) this.approvals.drawn(now);
    else this.overlay.onDrawn?.(now);
    this.#scheduleTick();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Only what runs without the user moves by itself. */
  #scheduleTick(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    const activity = this.state.turn?.activity ?? this.state.ownCommand;
    if (activity === undefined || activity.kind === 'approval' || this.pager !== undefined) return;
    if (this.options.isForScreenReader) return;
    this.#cancelTick = this.options.clock.schedule(() => this.changed(), this.hasFocus ? SPINNER_MS : 1_000);
  }
}
