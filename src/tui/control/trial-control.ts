/**
 * A session on trial: it begins with `/try`, and after each turn the user is asked what becomes of the changes.
 *
 * Invariant: typing is never interrupted: over a draft, a page or another question one line says how to get there.
 */

import type { Event } from '../../protocol.ts';
import { errorMessage } from '../../text/error-message.ts';
import { isTurnEnd } from '../../text/turn-end.ts';
import { gitChangesLines } from '../overlay/git-changes.ts';
import { newTrialChoice, type TrialChoice, trialDialog, trialTitle } from '../overlay/trial-choice.ts';
import type { TrialServices, TriedReport } from '../ports.ts';
import type { AppPort } from './app-port.ts';
import { openDialog } from './dialog-overlay.ts';
import { isFree } from './is-free.ts';

type ChoicePort = Pick<AppPort, 'open' | 'openPager' | 'say' | 'warn' | 'quit' | 'services' | 'state'>;
type BeginPort = Pick<AppPort, 'services' | 'state' | 'say' | 'warn' | 'quit'>;
type Port = ChoicePort & Pick<AppPort, 'composer' | 'overlay' | 'hasPager'>;

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

interface Asking {
  /** Nobody has asked for it: nothing is said of nothing. */
  readonly byItself: boolean;
  /** Nothing else is being typed, asked or shown. */
  readonly isFree: () => boolean;
  readonly ask: (trial: TrialServices, report: TriedReport) => void;
}

/** Looks at what is on trial, and asks what becomes of it, or says in a line how to get there. */
export function askAboutTrial(
  app: Pick<AppPort, 'services' | 'state' | 'say' | 'warn'>,
  { byItself, isFree, ask }: Asking,
): void {
  const { trial } = app.services;
  if (trial === undefined) return;
  trial.look().then(
    (found) => {
      if (byItself && found.files.length + found.left.length === 0) return;
      const report = { ...found, running: app.state.background.length };
      if (isFree()) ask(trial, report);
      else app.say(`${trialTitle(report)}. Type /try to keep or drop it.`);
    },
    (error: unknown) => app.warn(errorMessage(error)),
  );
}

/** Called with every event, after the state has changed. */
export function askAfterTurn(app: Port, event: Event): void {
  if (!isTurnEnd(event)) return;
  askAboutTrial(app, {
    byItself: true,
    isFree: () => isFree(app),
    ask: (trial, report) => openChoice(app, trial, report),
  });
}

/** What is on trial now. */
export function openTrialChoice(app: ChoicePort): void {
  askAboutTrial(app, {
    byItself: false,
    isFree: () => true,
    ask: (trial, report) => openChoice(app, trial, report),
  });
}

function openChoice(app: ChoicePort, trial: TrialServices, report: TriedReport): void {
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
