/**
 * Earlier sessions in the app: the list to choose from, and the conversation of the one that is resumed.
 *
 * Invariants: what is shown again is over: nothing of it moves, asks or notifies the user.
 */

import type { SessionEvent } from '../../protocol/sessions.ts';
import type { Event } from '../../protocol.ts';
import { isItem } from '../../text/entries.ts';
import { rewindLines } from '../../text/rewind-lines.ts';
import type { LineContext } from '../lines/style.ts';
import type { Overlay } from '../overlay/overlay.ts';
import { openResumePicker } from '../overlay/resume-picker.ts';
import type { Cells } from '../screen/cells.ts';
import type { Body } from '../screen/region.ts';
import type { Key } from '../term/keys.ts';
import type { AppPort } from './app-port.ts';
import { pickerOverlay } from './dialog-overlay.ts';

export const SESSION_TITLES = { resume: 'Resume a session', fork: 'Fork a session' } as const;
export const NO_SESSION = 'No earlier sessions in this folder. For all folders: oagent resume --all';

type Port = Pick<AppPort, 'facts' | 'submit' | 'say' | 'warn'>;
type Sessions = Extract<SessionEvent, { type: 'sessions' }>;

/** Asks which session to resume or fork; the list comes when it is there. */
export function openSessionPicker(
  app: Port & Pick<AppPort, 'open'>,
  kind: keyof typeof SESSION_TITLES,
): void {
  app.open(new SessionOverlay(app, kind));
  app.submit({ type: 'list_sessions' });
}

class SessionOverlay implements Overlay {
  readonly #app: Port;
  readonly #kind: keyof typeof SESSION_TITLES;
  /** Undefined until the sessions are known. */
  #picker: Overlay | undefined;

  constructor(app: Port, kind: keyof typeof SESSION_TITLES) {
    this.#app = app;
    this.#kind = kind;
  }

  lines(ctx: LineContext, maxRows: number, now: number): Body {
    return this.#picker?.lines(ctx, maxRows, now) ?? { lines: ['Looking for sessions…'] };
  }

  onKey(key: Key, now: number): ReturnType<Overlay['onKey']> {
    return this.#picker?.onKey(key, now) ?? (key.name === 'escape' ? 'done' : 'kept');
  }

  onEvent(event: Event): 'kept' | 'done' {
    if (event.type !== 'sessions') return 'kept';
    const { error, sessions, hasExec } = event;
    if (error !== undefined) this.#app.warn(error);
    else if (sessions.length === 0) this.#app.say(NO_SESSION);
    else {
      this.#picker = this.#pick(sessions, hasExec);
      return 'kept';
    }
    return 'done';
  }

  #pick(sessions: Sessions['sessions'], hasExec: boolean | undefined): Overlay {
    const { home } = this.#app.facts;
    const type = this.#kind === 'resume' ? 'resume_session' : 'fork_session';
    return pickerOverlay(
      openResumePicker(sessions, { now: Date.now(), home, title: SESSION_TITLES[this.#kind], hasExec }),
      (session) => this.#app.submit({ type, session }),
    );
  }
}

/** Prints what was said before. */
export function showEarlier(
  app: Pick<AppPort, 'transcript' | 'clock' | 'say' | 'facts'>,
  cells: Pick<Cells, 'handle' | 'settle'>,
  { items, itemsBefore, threadId, isShown }: Extract<Event, { type: 'session_resumed' }>,
): void {
  if (isShown) return;
  app.transcript.clear();
  if (itemsBefore > 0) {
    app.say(`${itemsBefore} earlier items not shown; to see them: oagent sessions show ${threadId}`);
  }
  for (const item of items) {
    if (!isItem(item)) {
      app.transcript.add(item);
      // Of what happened besides, only this says how the files are now.
      if (item.type === 'rewound') {
        cells.settle();
        app.say(rewindLines(item.outcome, app.facts.cwd).join('\n'));
      }
      continue;
    }
    for (const type of ['item_started', 'item_completed'] as const) {
      app.transcript.handle({ type, item });
      cells.handle({ type, item }, app.clock.now());
    }
  }
  cells.settle();
}
