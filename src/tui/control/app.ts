/**
 * Hears the session's events and the user's keys, and gives the picture.
 *
 * Owns what is open and when a picture is wanted; who gets a key is in key-routing.ts.
 * Invariants: keys and events change state at once, the picture is made from it at most once a frame; no timer runs
 * while nothing moves.
 */
import type { Event, Op } from '../../protocol.ts';
import { hostInUse } from '../../text/host-lines.ts';
import { isTold, Keymap } from '../composer/keymap.ts';
import { headerLines } from '../lines/header.ts';
import { infoLines, warningLines } from '../lines/notice.ts';
import { asRows } from '../lines/prose.ts';
import { colorStyle, type LineContext, plainStyle, type Style } from '../lines/style.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { ThemeName } from '../overlay/theme-picker.ts';
import type { Services, SessionPort, StartFacts, Terminal } from '../ports.ts';
import { Cells } from '../screen/cells.ts';
import { type Frame, noRegions, type ViewModel } from '../screen/frame.ts';
import { pictureOf } from '../screen/picture.ts';
import type { Body } from '../screen/region.ts';
import { SessionState } from '../screen/session-state.ts';
import { SPINNER_MS } from '../screen/status.ts';
import { TranscriptStore } from '../screen/transcript-store.ts';
import { chordOf, type Key } from '../term/keys.ts';
import type { AppPort, PagerContent } from './app-port.ts';
import { ApprovalControl } from './approval-control.ts';
import { ComposerControl } from './composer-control.ts';
import { type Clock, FrameClock, REST_MS } from './frame-clock.ts';
import { KeyRouting } from './key-routing.ts';
import { Notices } from './notices.ts';
import { Pager } from './pager-control.ts';
import { askAboutPlan } from './plan-control.ts';
import { showEarlier } from './session-overlay.ts';
import { type Begin, StartControl } from './start-control.ts';
import { askAfterTurn } from './trial-control.ts';
import { TurnControl } from './turn-control.ts';
import { WindowStatus } from './window-status.ts';

export interface AppOptions {
  readonly session: Pick<SessionPort, 'submit'>;
  readonly services: Services;
  readonly facts: StartFacts;
  readonly clock: Clock;
  readonly terminal: Terminal;
  /** NO_COLOR is set. */
  readonly hasNoColor: boolean;
  /** With what the terminal can do beyond sixteen colours. */
  readonly richStyle?: Style;
  /** The user's own keys, checked. */
  readonly keymap?: Keymap | undefined;
  /** The composer begins with the keys of vi. */
  readonly hasVi?: boolean | undefined;
  readonly begin: Begin;
  readonly quit: () => void;
}

/** Without the focus only the seconds are painted. */
const UNFOCUSED_TICK_MS = 1_000;

/** For so long after another size little is shown: what a terminal scrolls away or wraps of it can stay there. */
export const RESIZING_MS = 500;

export class App implements AppPort, ViewModel {
  readonly services: Services;
  readonly facts: StartFacts;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly state: SessionState;
  readonly transcript = new TranscriptStore();
  readonly composer: ComposerControl;
  overlay: Overlay | undefined;
  hasFocus = true;
  /** The user has pressed a key, or pasted. */
  isUsed = false;
  theme: ThemeName = 'auto';
  keymap: Keymap;
  readonly #options: AppOptions;
  readonly #cells: Cells;
  readonly #approvals: ApprovalControl;
  readonly #turns: TurnControl;
  readonly #keys: KeyRouting;
  readonly #notices: Notices;
  readonly #window: WindowStatus;
  readonly #start: StartControl;
  readonly #frames: FrameClock;
  readonly #listeners = new Set<() => void>();
  #style: Style;
  #pager: Pager | undefined;
  #frame: Frame | undefined;
  #cancelTick: (() => void) | undefined;
  #isOver = false;
  /** Another program has the terminal. */
  #isAway = false;
  #cancelCalm: (() => void) | undefined;
  #resizedAt = Number.NEGATIVE_INFINITY;

  constructor(options: AppOptions) {
    const { services, facts, terminal, clock } = options;
    this.#options = options;
    this.services = services;
    this.facts = facts;
    this.terminal = terminal;
    this.clock = clock;
    this.keymap = options.keymap ?? new Keymap();
    this.#style = this.#styleOf(this.theme);
    this.state = new SessionState(facts.permissions);
    this.#cells = new Cells(() => this.context());
    this.#approvals = new ApprovalControl(this);
    this.composer = new ComposerControl(this);
    this.composer.setVi(options.hasVi ?? false);
    this.#turns = new TurnControl(this);
    this.#keys = new KeyRouting(this, this.#approvals, this.#turns);
    this.#notices = new Notices(this);
    this.#window = new WindowStatus(terminal, this.state, facts.cwd);
    this.#start = new StartControl(this, options.begin);
    this.#frames = new FrameClock(clock, () => this.#paint());
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly frame = (): Frame => {
    this.#frame ??= this.#picture();
    return this.#frame;
  };

  readonly onKey = (key: Key): void => {
    const now = this.clock.now();
    this.isUsed = true;
    this.submit({ type: 'user_active' });
    if (key.name !== 'text' && !isTold(chordOf(key))) this.keymap = this.keymap.exact();
    this.#keys.onKey(key, now);
    if (this.#isOver) return;
    this.#approvals.keyCame(now);
    this.changed(true);
  };

  readonly onPaste = (text: string): void => {
    this.isUsed = true;
    this.submit({ type: 'user_active' });
    if (this.#pager !== undefined) return;
    this.#keys.onPaste(text);
    this.changed(true);
  };

  readonly onEvent = (event: Event): void => {
    const now = this.clock.now();
    this.#notices.before(event, now);
    this.state.handle(event, now);
    this.transcript.handle(event);
    this.#cells.handle(event, now);
    if (event.type === 'session_resumed') showEarlier(this, this.#cells, event);
    // The header, which is still to come, says it.
    const isInHeader = event.type === 'permissions_changed' && this.#cells.printed.length === 0;
    if (!isInHeader) this.#notices.after(event);
    this.#approvals.handle(event);
    this.#turns.handle(event);
    this.#window.handle(event);
    this.composer.handle(event);
    if (this.overlay?.onEvent?.(event, now) === 'done') this.closeOverlay();
    this.#start.handle(event);
    askAboutPlan(this, event);
    askAfterTurn(this, event);
    this.#pager?.contentChanged();
    this.changed();
  };

  get hasPager(): boolean {
    return this.#pager !== undefined;
  }

  get pager(): Pager | undefined {
    return this.#pager;
  }

  /** Asks whether the folder is trusted if that is not known, then begins the session. */
  begin(): void {
    this.#start.begin();
    this.composer.begin();
  }

  submit(op: Op): void {
    this.#options.session.submit(op);
  }

  quit(): void {
    this.#options.quit();
  }

  /** The terminal has another size. */
  resized(): void {
    this.#resizedAt = this.clock.now();
    this.#cancelCalm?.();
    this.#cancelCalm = this.clock.schedule(() => this.#atRest(), REST_MS);
    this.#pager?.contentChanged();
    this.changed(true);
  }

  /** The terminal says of every key what it is. */
  readonly keysAreExact = (): void => {
    this.keymap = this.keymap.exact();
    this.changed();
  };

  #atRest(): void {
    this.#cancelCalm = this.clock.schedule(() => this.changed(), RESIZING_MS - REST_MS);
    this.changed(true);
  }

  focused(hasFocus: boolean): void {
    this.hasFocus = hasFocus;
    this.changed();
  }

  context(): LineContext {
    const { cwd, home } = this.facts;
    return {
      width: Math.max(1, this.terminal.size().columns),
      style: this.#style,
      cwd,
      home,
      fullKey: this.keymap.label('transcript'),
      hang: '',
    };
  }

  changed(urgent = false): void {
    this.#frames.request(urgent);
  }

  print(lines: readonly string[]): void {
    this.#cells.print(lines);
    this.changed();
  }

  say(text: string): void {
    this.print(infoLines(text, this.context()));
  }

  warn(text: string): void {
    this.print(warningLines(text, this.context()));
  }

  printHeader(): void {
    const { model, isLed, window, sandbox, permissions, server } = this.state;
    const { approval } = permissions;
    const { version } = this.facts;
    const host = hostInUse(server.hosts);
    const header = { version, model, isLed, host, sandbox, approval, window: window?.size };
    this.print(headerLines(header, this.context()));
  }

  open(overlay: Overlay): void {
    this.#approvals.covered(this.clock.now());
    this.overlay = overlay;
    this.changed(true);
  }

  answerInstead(text: string): boolean {
    return this.#approvals.answerInstead(text);
  }

  setTheme(theme: ThemeName): void {
    this.theme = theme;
    this.#style = this.#styleOf(theme);
  }

  /** Paints nothing until `release`: another program has the terminal. */
  hold(): void {
    this.#isAway = true;
    this.#frames.hold();
  }

  release(): void {
    this.#isAway = false;
    this.#frames.release();
    this.changed(true);
  }

  /** Shows a page on the whole screen; nothing else is painted until it is closed. */
  openPager(content: PagerContent): void {
    // A key that came together with the one that gave the terminal away.
    if (this.#isAway) return;
    this.#approvals.covered(this.clock.now());
    this.#frames.hold();
    this.#pager = new Pager(this, content);
  }

  closePager(): void {
    if (this.#pager === undefined) return;
    this.#pager.close();
    this.#pager = undefined;
    this.#approvals.covered(this.clock.now());
    this.release();
  }

  /** Ends all timers; the last picture stays. */
  stop(): void {
    this.#isOver = true;
    this.#cancelTick?.();
    this.#cancelCalm?.();
    this.#approvals.stop();
    this.composer.stop();
    this.#frames.stop();
  }

  /** The last picture: no composer, no status. */
  finish(): void {
    this.#cells.finish();
    this.#frame = { printed: this.#cells.printed, live: [], regions: noRegions, size: this.terminal.size() };
    this.#notify();
  }

  #styleOf(theme: ThemeName): Style {
    const { hasNoColor, richStyle = colorStyle } = this.#options;
    if (theme === 'plain' || (theme === 'auto' && hasNoColor)) return plainStyle;
    return theme === 'auto' ? richStyle : colorStyle;
  }

  closeOverlay(): void {
    this.overlay = undefined;
    this.#approvals.covered(this.clock.now());
  }

  #picture(): Frame {
    const ctx = asRows(this.context());
    const now = this.clock.now();
    const isAsking = this.overlay !== undefined || this.#approvals.isOpen;
    return pictureOf({
      ctx,
      rows: this.terminal.size().rows,
      now,
      cells: this.#cells,
      hidesLive: this.#isResizing(),
      state: this.state,
      branch: this.services.gitBranch(),
      isOnTrial: this.services.trial !== undefined,
      idleStatus: this.#start.statusLine(ctx),
      mayAnimate: this.hasFocus,
      body: (maxRows) => this.#body(ctx, maxRows, now),
      hint: isAsking ? '' : (this.#approvals.hint() ?? this.#turns.hint() ?? this.composer.hint()),
      isHintNeeded: this.#turns.hint() !== undefined || !this.transcript.hasPrompt,
      mode: isAsking ? undefined : this.composer.mode(),
      interruptKey: this.keymap.label('interrupt'),
      warning: this.#turns.warning() ?? this.composer.warning(),
    });
  }

  #isResizing(): boolean {
    return this.clock.now() - this.#resizedAt < RESIZING_MS;
  }

  #body(ctx: LineContext, maxRows: number, now: number): Body {
    if (this.overlay !== undefined) {
      const draft = this.composer.isEmpty ? [] : [ctx.style.dim(this.composer.lastRow(ctx))];
      const { lines, cursor } = this.overlay.lines(ctx, Math.max(1, maxRows - draft.length), now);
      return { lines: [...lines, ...draft].slice(0, maxRows), cursor };
    }
    return this.#approvals.body(ctx, maxRows, (rows) =>
      this.composer.body(ctx, rows, this.#approvals.placeholder),
    );
  }

  #paint(): void {
    // Not within React, which would show a stack trace and carry on without a view if this failed.
    if (!this.#isResizing()) this.#cells.flow(this.clock.now());
    this.#frame = this.#picture();
    this.#notify();
    const now = this.clock.now();
    this.#window.update(now);
    if (this.overlay === undefined) this.#approvals.drawn(now);
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
    if (activity === undefined || activity.kind === 'approval' || this.hasPager) return;
    const ms = this.hasFocus ? SPINNER_MS : UNFOCUSED_TICK_MS;
    this.#cancelTick = this.clock.schedule(() => this.changed(), ms);
  }
}
