/**
 * Asks what becomes of a plan when there is one.
 *
 * Invariant: typing is never interrupted: over a draft, a page or another question one line says how to get there.
 */
import type { Event } from '../../protocol.ts';
import { errorMessage } from '../../text/error-message.ts';
import type { Overlay } from '../overlay/overlay.ts';
import { nextMode } from '../overlay/permissions.ts';
import {
  handlePlanKey,
  newPlanChoice,
  type PlanChoice,
  planChoiceDrawn,
  planChoiceLines,
} from '../overlay/plan-choice.ts';
import type { AppPort } from './app-port.ts';

type ChoicePort = Pick<AppPort, 'services' | 'terminal' | 'state' | 'submit' | 'open' | 'warn' | 'changed'>;
type Port = ChoicePort & Pick<AppPort, 'composer' | 'overlay' | 'hasPager' | 'say'>;

/** Called with every event, after the state has changed. */
export function askAboutPlan(app: Port, event: Event): void {
  if (event.type !== 'plan_written') return;
  const { queue, turn } = app.state;
  const isFree = app.composer.isEmpty && app.overlay === undefined && !app.hasPager;
  if (isFree && queue.length === 0 && turn === undefined) openPlanChoice(app, event);
  else app.say('Type /plan to choose what happens with it.');
}

export function openPlanChoice(app: ChoicePort, { text }: { readonly text: string }): void {
  app.open(new PlanOverlay(app, text));
}

class PlanOverlay implements Overlay {
  readonly pasted = 'passed';
  readonly #app: ChoicePort;
  readonly #text: string;
  #state = newPlanChoice;

  constructor(app: ChoicePort, text: string) {
    this.#app = app;
    this.#text = text;
  }

  lines(...[ctx, maxRows]: Parameters<Overlay['lines']>): ReturnType<Overlay['lines']> {
    return { lines: planChoiceLines(this.#state, ctx, maxRows) };
  }

  onDrawn(now: number): void {
    this.#state = planChoiceDrawn(this.#state, now);
  }

  onKey(...[key, now]: Parameters<Overlay['onKey']>): ReturnType<Overlay['onKey']> {
    const step = handlePlanKey(this.#state, key, now);
    switch (step.type) {
      case 'kept':
        this.#state = step.state;
        return 'kept';
      case 'passed':
        return 'passed';
      case 'edit':
        void this.#edit();
        return 'done';
      case 'chosen':
        this.#choose(step.choice);
        return 'done';
      default:
        return step satisfies never;
    }
  }

  #choose(choice: PlanChoice): void {
    if (choice === 'here') this.#app.submit({ type: 'carry_out_plan', isFresh: false });
    if (choice === 'fresh') this.#app.submit({ type: 'carry_out_plan', isFresh: true });
    const { beforePlan, permissions } = this.#app.state;
    if (choice === 'leave')
      this.#app.submit({ type: 'set_permissions', ...(beforePlan ?? nextMode(permissions)) });
  }

  /** The edited plan is announced like a new one, which asks again. */
  async #edit(): Promise<void> {
    const { services, terminal } = this.#app;
    await terminal.suspend(async () => {
      try {
        this.#app.submit({ type: 'edit_plan', text: await services.openEditor(this.#text) });
      } catch (error) {
        this.#app.warn(errorMessage(error));
      }
    });
    this.#app.changed(true);
  }
}
