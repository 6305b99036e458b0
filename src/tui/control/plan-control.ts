/**
 * Asks what becomes of a plan when there is one.
 *
 * Invariant: typing is never interrupted: over a draft, a page or another question one line says how to get there.
 */

import type { Event } from '../../protocol.ts';
import { errorMessage } from '../../text/error-message.ts';
import { nextMode } from '../overlay/permissions.ts';
import { newPlanChoice, type PlanResult, planDialog } from '../overlay/plan-choice.ts';
import type { AppPort } from './app-port.ts';
import { openDialog } from './dialog-overlay.ts';
import { isFree } from './is-free.ts';

type ChoicePort = Pick<AppPort, 'services' | 'terminal' | 'state' | 'submit' | 'open' | 'warn' | 'changed'>;
type Port = ChoicePort & Pick<AppPort, 'composer' | 'overlay' | 'hasPager' | 'say'>;

/** Called with every event, after the state has changed. */
export function askAboutPlan(app: Port, event: Event): void {
  if (event.type !== 'plan_written') return;
  if (isFree(app)) openPlanChoice(app, event);
  else app.say('Type /plan to choose what happens with it.');
}

export function openPlanChoice(app: ChoicePort, { text }: { readonly text: string }): void {
  openDialog(app, planDialog, newPlanChoice, (result) => {
    choose(app, result, text);
  });
}

function choose(app: ChoicePort, result: PlanResult, text: string): void {
  if (result === 'edit') void edit(app, text);
  if (result === 'here') app.submit({ type: 'carry_out_plan', isFresh: false });
  if (result === 'fresh') app.submit({ type: 'carry_out_plan', isFresh: true });
  const { beforePlan, permissions } = app.state;
  if (result === 'leave') app.submit({ type: 'set_permissions', ...(beforePlan ?? nextMode(permissions)) });
}

/** What was edited is announced like a new plan, which asks again; of what was not, nothing is said twice. */
async function edit(app: ChoicePort, text: string): Promise<void> {
  await app.terminal.suspend(async () => {
    try {
      const edited = await app.services.openEditor(text);
      if (edited.trim() === text.trim()) openPlanChoice(app, { text });
      else app.submit({ type: 'edit_plan', text: edited });
    } catch (error) {
      app.warn(errorMessage(error));
    }
  });
  app.changed(true);
}
