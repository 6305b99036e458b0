/**
 * Plan mode of a session: the plan is a file in oagent's own folder, the session's own, and what is carried out is what the file says then.
 * An answer that is not a plan (agent/plan-answer.ts) becomes none.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import carryOut from '../../prompts/carry-out.md?raw';
import carryOutText from '../../prompts/carry-out-text.md?raw';
import { isPlan } from '../agent/plan-answer.ts';
import { makeFolder } from '../config/make-folder.ts';
import type { Op, SessionMode } from '../protocol.ts';
import { fill } from '../text/fill.ts';

type UserTurn = Extract<Op, { type: 'user_turn' }>;

export class PlanMode {
  /** What was allowed before; undefined: nothing was planned yet. */
  #before: SessionMode | undefined;
  #file: string | undefined;
  /** What the model has said last. */
  #said = '';

  /** To be called with what is allowed until now whenever that changes. */
  leaving(before: SessionMode): void {
    if (!before.isPlan) this.#before = before;
  }

  /** @returns the file. @throws a system error. */
  write(home: string, threadId: string, text: string): string {
    this.#said = text;
    return this.edit(text, planFile(home, threadId));
  }

  /** @returns the file. @throws Error if there is no plan, or a system error. */
  edit(text: string, file = this.#file): string {
    if (file === undefined) throw new Error(NO_PLAN);
    makeFolder(path.dirname(file));
    writeFileSync(file, `${text.trimEnd()}\n`, { mode: 0o600 });
    this.#file = file;
    return file;
  }

  /**
   * What to do next: the permissions from before plan mode, and the message that begins the work.
   *
   * @param isFresh the conversation will not be known.
   * @throws Error if there is no plan.
   */
  carryOut(isFresh: boolean): { readonly permissions: SessionMode | undefined; readonly turn: UserTurn } {
    if (this.#file === undefined) throw new Error(NO_PLAN);
    const plan = readFileSync(this.#file, 'utf8').trim();
    if (plan === '') throw new Error(`the plan is empty (${this.#file})`);
    const isKnown = !isFresh && plan === this.#said.trim();
    const whole = fill(carryOutText, { plan });
    const text = isKnown ? carryOut.trim() : whole;
    const permissions = this.#before;
    this.#file = undefined;
    return { permissions, turn: { type: 'user_turn', text, shownAs: carryOut.trim() } };
  }
}

const NOT_A_PLAN =
  'the answer is not a plan, so there is nothing to carry out: say more exactly what is to be planned, or use a larger model';
/** Why there is nothing to carry out; undefined: the answer is a plan. */
export function whyNoPlan(answer: string): string | undefined {
  return isPlan(answer) ? undefined : NOT_A_PLAN;
}

const NO_PLAN = 'there is no plan yet: say what is to be planned';

function planFile(home: string, threadId: string): string {
  return path.join(home, 'plans', `${threadId}.md`);
}
