/**
 * Earlier sessions in the app: the list to choose from, and the conversation of one that is gone on with.
 *
 * Invariants: what is shown again is over: nothing of it moves, asks or calls the user. Does not: find or open sessions.
 */
import type { Event, SessionEvent } from '../../protocol.ts';
import { infoLines, warningLines } from '../lines/notice.ts';
import { openResumePicker } from '../overlay/resume-picker.ts';
import type { Overlay } from '../overlay-port.ts';
import type { App } from './app.ts';
import { pickerOverlay } from './overlays.ts';

const ASKED = { resume: 'Resume a session', fork: 'Copy a session and go on with the copy' } as const;

/** Asks which session to go on with; the list comes when it is there. */
export function openSessionPicker(app: App, kind: keyof typeof ASKED): void {
  app.open(sessionOverlay(app, kind));
  app.options.session.submit({ type: 'list_sessions' });
}

function sessionOverlay(app: App, kind: keyof typeof ASKED): Overlay {
  const pick = (sessions: Extract<SessionEvent, { type: 'sessions' }>['sessions']): Overlay =>
    pickerOverlay(
      openResumePicker(sessions, { now: Date.now(), home: app.options.facts.home, title: ASKED[kind] }),
      (session) =>
        app.options.session.submit(
          kind === 'resume' ? { type: 'resume_session', session } : { type: 'fork_session', session },
        ),
    );
  let overlay: Overlay | undefined;
  return {
    lines: (ctx, maxRows, now) => overlay?.lines(ctx, maxRows, now) ?? { lines: ['Looking for sessions…'] },
    onKey: (key, now) => overlay?.onKey(key, now) ?? (key.name === 'escape' ? 'done' : 'kept'),
    onEvent: (event) => {
      if (event.type !== 'sessions') return 'kept';
      if (event.error === undefined && event.sessions.length > 0) {
        overlay = pick(event.sessions);
        return 'kept';
      }
      const text =
        event.error ?? 'There is no earlier session in this folder. All of them: oagent resume --all';
      app.print(
        event.error === undefined ? infoLines(text, app.context()) : warningLines(text, app.context()),
      );
      return 'done';
    },
  };
}

/** Prints what was said before. */
export function showEarlier(
  app: App,
  { items, itemsBefore, threadId, isShown }: Extract<Event, { type: 'session_resumed' }>,
  now: number,
): void {
  if (isShown) return;
  app.transcript.clear();
  if (itemsBefore > 0) {
    app.say(`${itemsBefore} earlier items are not shown: oagent sessions show ${threadId}`);
  }
  for (const item of items) {
    for (const type of ['item_started', 'item_completed'] as const) {
      app.transcript.handle({ type, item });
      app.conversation.handle({ type, item }, now);
    }
  }
  app.conversation.settle();
}
