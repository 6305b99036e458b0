/**
 * A session in plain lines: for screen readers, and for terminals that cannot move their cursor.
 *
 * Invariants: what is finished is written once, in words, and never again; while a turn runs nothing is written to show
 * that it runs; no text of the user is lost: it is sent, refused aloud, or said to be unsent.
 */
import type { Event, Op } from '../../protocol.ts';
import { errorMessage } from '../../text/error-message.ts';
import { queueText } from '../../text/queue-text.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { typedCommand } from '../../text/typed-command.ts';
import { customCommand, findCommand, type SlashCommand } from '../composer/commands.ts';
import type { ComposerEffect } from '../composer/composer-state.ts';
import { effectOf, refusal } from '../composer/send.ts';
import type { Clock } from '../control/frame-clock.ts';
import { Notices } from '../control/notices.ts';
import { NO_MESSAGE } from '../control/rewind-overlay.ts';
import { NO_SESSION, SESSION_TITLES, showEarlier } from '../control/session-overlay.ts';
import type { Begin } from '../control/start-control.ts';
import { askAboutTrial } from '../control/trial-control.ts';
import { infoLines, warningLines } from '../lines/notice.ts';
import { modelName } from '../lines/short-path.ts';
import { bareStyle, type LineContext } from '../lines/style.ts';
import type { Services, SessionPort, StartFacts } from '../ports.ts';
import { SessionState } from '../screen/session-state.ts';
import { TranscriptStore } from '../screen/transcript-store.ts';
import { Asking, type Question } from './asking.ts';
import { Beginning } from './beginning.ts';
import {
  approvalQuestion,
  modelQuestion,
  planQuestion,
  rewindQuestion,
  sessionQuestion,
  trialQuestion,
} from './choices.ts';
import { Downloads } from './downloads.ts';
import { KNOWN_COMMANDS, type PlainPort, runPlainCommand } from './plain-commands.ts';
import { QueueWords } from './queue-words.ts';
import { Speaker } from './speaker.ts';
import { Teller } from './teller.ts';
import { inWords } from './words.ts';

export interface PlainAppOptions {
  readonly session: Pick<SessionPort, 'submit'>;
  readonly services: Services;
  readonly facts: StartFacts;
  readonly clock: Clock;
  readonly begin: Begin;
  readonly write: (text: string) => void;
  /** What the user has typed and not sent; it is no longer in the terminal's line. */
  readonly takeUnfinished: () => Promise<string>;
  readonly quit: () => void;
}

/** Wider than any line: the terminal wraps, not oagent. */
const WIDTH = 100_000;

/** An answer to what was sent comes sooner, if one comes; until then no prompt is written between the two. */
const REPLY_MS = 500;

const ITEM_EVENTS: ReadonlySet<Event['type']> = new Set(['item_started', 'item_delta', 'item_completed']);

export class PlainApp implements PlainPort {
  readonly services: Services;
  readonly facts: StartFacts;
  /** Only programs can copy: for the terminal it takes an escape sequence. */
  readonly terminal = { copy: (): boolean => false };
  readonly clock: Clock;
  readonly state: SessionState;
  readonly transcript = new TranscriptStore();
  /** The user has typed a line. */
  isUsed = false;
  readonly #options: PlainAppOptions;
  readonly #speaker: Speaker;
  readonly #teller: Teller;
  readonly #asking: Asking;
  readonly #notices: Notices;
  readonly #beginning: Beginning;
  readonly #downloads: Downloads;
  readonly #queue: QueueWords;
  /** Lines that end with a backslash, so far. */
  #begun: string[] = [];
  /** Which lists were asked for. */
  #modelsFor: 'user' | 'start' | undefined;
  #isRewinding = false;
  #listing: keyof typeof SESSION_TITLES | undefined;
  /** Ctrl+C was pressed: the next one quits. */
  #isLeaving = false;
  /** What the turn is doing was said. */
  #saidPhase: string | undefined;

  constructor(options: PlainAppOptions) {
    const { services, facts, clock, write, takeUnfinished } = options;
    this.#options = options;
    this.services = services;
    this.facts = facts;
    this.clock = clock;
    this.state = new SessionState(facts.permissions);
    this.#speaker = new Speaker(write, clock, () => this.#prompt());
    this.#teller = new Teller(
      () => this.context(),
      (lines) => this.#speaker.say(lines),
    );
    this.#asking = new Asking({
      clock,
      takeUnfinished,
      say: (lines) => this.show(lines),
      breakTyped: () => this.#speaker.breakLine(true),
      promptSoon: () => this.#speaker.promptSoon(),
      promptNow: () => this.#speaker.promptNow(),
    });
    this.#notices = new Notices(this);
    this.#beginning = new Beginning(this, options.begin);
    this.#downloads = new Downloads(this);
    this.#queue = new QueueWords(this);
  }

  get hasBegun(): boolean {
    return this.#beginning.hasHeader;
  }

  /** Asks whether the folder is trusted if that is not known, then begins the session. */
  begin(): void {
    this.#beginning.begin();
  }

  readonly onLines = (lines: readonly string[], cameAt: number): void => {
    this.isUsed = true;
    this.#isLeaving = false;
    this.#speaker.entered();
    const [first = '', ...others] = lines;
    const all = [...this.#begun, this.#asking.completed(first), ...others];
    const last = all.at(-1) ?? '';
    if (last.endsWith('\\')) {
      this.#begun = [...all.slice(0, -1), last.slice(0, -1)];
      return;
    }
    this.#begun = [];
    for (const text of messagesOf(all)) this.#take(text, cameAt);
  };

  /** Ctrl+C. */
  readonly onInterrupt = (): void => {
    this.#speaker.breakLine(true);
    this.#begun = [];
    if (this.#asking.leave() || this.#downloads.cancel()) return;
    if (this.#isLeaving) return this.quit();
    this.#isLeaving = true;
    if (this.state.turn !== undefined || this.state.ownCommand !== undefined) {
      this.submit({ type: 'interrupt' });
    } else this.say('Ctrl+C again quits; so does Ctrl+D.');
  };

  /** The shell has continued the process: its own prompt stands in the line. */
  readonly onContinued = (): void => this.#speaker.entered();

  readonly onEvent = (event: Event): void => {
    const now = this.clock.now();
    this.#notices.before(event, now);
    this.state.handle(event, now);
    this.transcript.handle(event);
    if (event.type === 'session_resumed') {
      this.#teller.replay(() => showEarlier(this, this.#teller, event));
    }
    this.#teller.handle(event);
    // The header, which is still to come, says it.
    const isInHeader = event.type === 'permissions_changed' && !this.hasBegun;
    if (!isInHeader) this.#notices.after(event);
    this.#beginning.handle(event);
    this.#downloads.handle(event);
    this.#queue.handle(event);
    this.#react(event);
    if (!ITEM_EVENTS.has(event.type)) this.#speaker.promptSoon();
  };

  /** Nothing more is written after it. */
  finish(): void {
    this.#teller.finish();
    this.#speaker.stop();
  }

  readonly submit = (op: Op): void => {
    this.#options.session.submit(op);
    this.#speaker.promptSoon(REPLY_MS);
  };

  readonly quit = (): void => this.#options.quit();

  readonly context = (): LineContext => {
    const { cwd, home } = this.facts;
    return { width: WIDTH, style: bareStyle, cwd, home, fullKey: undefined };
  };

  readonly show = (lines: readonly string[]): void => this.#teller.say(lines);
  readonly print = (lines: readonly string[]): void => this.show(inWords(lines));
  readonly say = (text: string): void => this.print(infoLines(text, this.context()));
  readonly warn = (text: string): void => this.print(warningLines(text, this.context()));
  readonly ask = (question: Question): void => this.#asking.ask(question);
  readonly write = (prompt: string, done: (text: string) => void): void => this.#asking.write(prompt, done);
  readonly pull = (name: string): void => this.#downloads.begin(name);
  readonly pullText = (): string | undefined => this.#downloads.text;
  readonly openPager: PlainPort['openPager'] = (content) => {
    if (content.kind === 'lines') this.show(content.lines(this.context()));
  };

  readonly chooseModel = (byItself = false): void => {
    this.#modelsFor = byItself ? 'start' : 'user';
    this.submit({ type: 'list_models' });
  };

  readonly chooseSession = (kind: keyof typeof SESSION_TITLES): void => {
    this.#listing = kind;
    this.submit({ type: 'list_sessions' });
  };

  readonly chooseRewind = (): void => {
    this.#isRewinding = true;
    this.submit({ type: 'list_rewinds' });
  };

  #prompt(): string | undefined {
    if (this.#asking.isOpen) return this.#asking.prompt;
    const { turn, ownCommand, queue } = this.state;
    const isBusy = turn !== undefined || ownCommand !== undefined || queue.length > 0;
    return isBusy || !this.hasBegun ? undefined : 'You: ';
  }

  #take(text: string, cameAt: number): void {
    const env = { isRunning: this.state.turn !== undefined, commands: this.#commands() };
    const effect = effectOf(text.trim(), [], env, 'submit');
    const isMessage = effect === undefined || effect.type === 'submit';
    if ((isMessage || this.#asking.isWriting) && this.#asking.take(text, cameAt) === 'taken') return;
    if (effect !== undefined) this.#perform(effect, text.trim());
  }

  #commands(): readonly SlashCommand[] {
    return [...KNOWN_COMMANDS, ...this.state.commands.map(customCommand)];
  }

  #perform(effect: ComposerEffect, text: string): void {
    const isIdle = this.state.turn === undefined && this.state.queue.length === 0;
    if (effect.type !== 'refused_command') this.services.rememberPrompt(text);
    if (isIdle && effect.type !== 'shell') this.#teller.typed(text);
    switch (effect.type) {
      case 'submit':
        this.submit({ type: this.state.turn === undefined ? 'user_turn' : 'steer', text: effect.text });
        if (this.#asking.isOpen) this.say('Your message was sent. The question is still open.');
        return;
      case 'shell':
        this.submit({ type: 'user_shell', command: effect.command });
        return;
      case 'command':
        runPlainCommand(this, effect.name, effect.args);
        return;
      case 'custom_command': {
        const { name, args } = effect;
        this.submit({ type: 'custom_command', name, args });
        return;
      }
      case 'refused_command':
        this.warn(refusal(effect, '/help lists them'));
        return;
      default:
        return;
    }
  }

  #react(event: Event): void {
    switch (event.type) {
      case 'approval_requested':
        this.ask(approvalQuestion(event.request, this, this.context()));
        return;
      case 'approval_resolved':
        this.#asking.withdraw(event.id);
        return;
      case 'turn_started':
        this.#saidPhase = undefined;
        return;
      case 'turn_completed':
      case 'turn_failed':
      case 'turn_aborted':
        this.#isLeaving = false;
        this.chooseTrial(true);
        return;
      case 'model_phase':
        this.#sayPhase(event);
        return;
      case 'models':
        this.#listModels(event);
        return;
      case 'sessions':
        this.#listSessions(event);
        return;
      case 'rewind_points':
        this.#listRewinds(event);
        return;
      case 'plan_written':
        this.#planWritten();
        return;
      default:
        return;
    }
  }

  /** What may take minutes is said once in a turn. */
  #sayPhase({ phase, detail, before }: Extract<Event, { type: 'model_phase' }>): void {
    if (!['loading', 'queued', 'compacting'].includes(phase) || this.#saidPhase === phase) return;
    this.#saidPhase = phase;
    if (phase === 'queued') this.say(`Waiting for the server: ${queueText(before)}.`);
    else if (phase === 'compacting') this.say('Summarising the conversation.');
    else this.say(`${detail === undefined ? 'The model' : modelName(detail)} is being loaded.`);
  }

  #listModels(event: Extract<Event, { type: 'models' }>): void {
    const byItself = this.#modelsFor === 'start';
    if (this.#modelsFor === undefined) return;
    this.#modelsFor = undefined;
    const { model: current } = this.state;
    if (event.error === undefined) this.ask(modelQuestion(this, event, { current, byItself }));
    else this.warn(`could not list the models: ${event.error}`);
  }

  #listSessions({ sessions, error, hasExec }: Extract<Event, { type: 'sessions' }>): void {
    const kind = this.#listing;
    if (kind === undefined) return;
    this.#listing = undefined;
    if (error !== undefined) this.warn(error);
    else if (sessions.length === 0) this.say(NO_SESSION);
    else {
      const type = kind === 'resume' ? 'resume_session' : 'fork_session';
      const then = (session: string): void => this.submit({ type, session });
      const stored = { title: SESSION_TITLES[kind], sessions, home: this.facts.home, hasExec };
      this.ask(sessionQuestion(this, stored, then));
    }
  }

  #listRewinds(event: Extract<Event, { type: 'rewind_points' }>): void {
    if (!this.#isRewinding) return;
    this.#isRewinding = false;
    if (event.error !== undefined) this.warn(event.error);
    else if (event.points.length === 0) this.say(NO_MESSAGE);
    else this.ask(rewindQuestion(this, event));
  }

  /** @param byItself nobody has asked for it */
  chooseTrial(byItself = false): void {
    const warn = (error: unknown): void => this.warn(errorMessage(error));
    askAboutTrial(this, {
      byItself,
      isFree: () => this.#isFree,
      ask: (trial, report) => {
        const decide = (choice: Parameters<typeof trial.decide>[0]): void => {
          trial.decide(choice);
          this.quit();
        };
        const look = (): void =>
          void trial.diff().then((diff) => {
            const lines = diff.trimEnd().split('\n');
            this.show(lines.map((line) => sanitizeForTerminal(line)));
            this.chooseTrial();
          }, warn);
        this.ask(trialQuestion(report, { decide, look }));
      },
    });
  }

  /** Nothing else goes on or is asked. */
  get #isFree(): boolean {
    const { queue, turn } = this.state;
    return queue.length === 0 && turn === undefined && !this.#asking.isOpen;
  }

  #planWritten(): void {
    const { beforePlan, permissions } = this.state;
    if (this.#isFree) this.ask(planQuestion(this, beforePlan, permissions));
    else this.say('Type /plan to choose what happens with it.');
  }
}

/** Lines that came together: one message, or commands line by line. */
function messagesOf(lines: readonly string[]): string[] {
  const [first, ...others] = lines;
  if (first === undefined) return [];
  if (others.length === 0 || !standsAlone(first)) return [lines.join('\n')];
  return [first, ...messagesOf(others)];
}

/** A line for the shell, or a command that takes no more text. */
function standsAlone(line: string): boolean {
  if (line.startsWith('!')) return true;
  const name = typedCommand(line)?.name;
  return name !== undefined && findCommand(KNOWN_COMMANDS, name)?.takesArgs === false;
}
