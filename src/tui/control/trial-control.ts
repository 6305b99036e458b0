/**
 * A session on trial: it begins with `/try`, and after each turn the user is asked what becomes of the changes.
 *
 * Invariant: typing is never interrupted: over a draft, a page or another question one line says how to get there.
 */
import type { Event } from '../../protocol.ts';
import { errorMessage } from '../../text/error-message.ts';
import { gitChangesLines } from '../overlay/git-changes.ts';
import { newTrialChoice, type TrialChoice, trialDialog, trialTitle } from '../overlay/trial-choice.ts';
import type { TrialServices, TriedReport } from '../ports.ts';
import type { AppPort } from './app-port.ts';
import { openDialog } from './dialog-overlay.ts';

type ChoicePort = Pick<AppPort, 'open' | 'openPager' | 'say' | 'warn' | 'quit' | 'state'>;
type BeginPort = Pick<AppPort, 'services' | 'state' | 'say' | 'warn' | 'quit'>;
type Port = ChoicePort & Pick<AppPort, 'services' | 'composer' | 'overlay' | 'hasPager'>;

const ENDS: ReadonlySet<Event['type']> = new Set(['turn_completed', 'turn_failed', 'turn_aborted']);

/** The view ends, and the session goes on in the trial. */
export function beginTrial(app: BeginPort, text: string): void {
  const { beginTrial: begin } = app.services;
  if (begin === undefined) return app.say('There are no trials here.');
  if (app.state.background.length > 0)
    return app.say('Commands are still running in the background: /stop ends them.');
  begin(text).then(
    () => app.quit(),
    (error: unknown) => app.warn(errorMessage(error)),
  );
}

/** Called with every event, after the state has changed. */
export function askAboutTrial(app: Port, event: Event): void {
  const { trial } = app.services;
  if (trial === undefined) return;
  if (!ENDS.has(event.type)) return;
  trial.look().then(
    (report) => {
      if (isEmpty(report)) return;
      const isFree = app.composer.isEmpty && app.overlay === undefined && !app.hasPager;
      if (isFree && app.state.queue.length === 0 && app.state.turn === undefined)
        openChoice(app, trial, report);
      else app.say(`${trialTitle(report)}. Type /try to keep or drop it.`);
    },
    (error: unknown) => app.warn(errorMessage(error)),
  );
}

/** What is on trial now. */
export function openTrialChoice(app: ChoicePort, trial: TrialServices): void {
  trial.look().then(
    (report) => {
      openChoice(app, trial, report);
    },
    (error: unknown) => app.warn(errorMessage(error)),
  );
}

function openChoice(app: ChoicePort, trial: TrialServices, found: TriedReport): void {
  const report = { ...found, running: app.state.background.length };
  const state = newTrialChoice(report);
  openDialog(app, trialDialog, state, (choice) => {
    if (choice !== 'look') {
      decide(app, trial, choice);
      return undefined;
    }
    look(app, trial);
    return newTrialChoice(report);
  });
}

function look(app: ChoicePort, trial: TrialServices): void {
  trial.diff().then(
    (diff) => app.openPager({ kind: 'lines', title: 'On trial', lines: (ctx) => gitChangesLines(diff, ctx) }),
    (error: unknown) => app.warn(errorMessage(error)),
  );
}

function decide(app: ChoicePort, trial: TrialServices, choice: Exclude<TrialChoice, 'look'>): void {
  if (choice === 'on') return;
  trial.decide(choice);
  app.quit();
}

export function isEmpty({ files, left }: TriedReport): boolean {
  return files.length + left.length === 0;
}
