/**
 * Decides whether an answer without a call ends the turn, and asks for what it leaves undone (open-work.ts).
 *
 * Nothing is asked twice without a call in between, and a turn has a limit: a model that insists is believed.
 */

import type { Seen } from './evidence/claims.ts';
import { denies } from './evidence/denial.ts';
import type { TurnSigns } from './evidence/turn-signs.ts';
import { notes } from './notes.ts';
import type { OpenWork } from './open-work.ts';
import { type Answer, askAgain, type SampleDeps } from './sample.ts';
import { describesCall } from './sub-agent/no-result.ts';

export interface EndDeps extends Pick<SampleDeps, 'constraint' | 'emit' | 'history'> {
  readonly evidence: Seen & { readonly signs: TurnSigns };
  /** The message that began the turn. */
  readonly message: string;
  /** Somebody can answer a question of the model. */
  readonly isAttended: boolean;
  /** Plan mode: nothing is to be done but to answer. */
  readonly isPlan?: boolean | undefined;
  /** A message that asks for changes is taken for a question, and nothing is answered before something was read. */
  readonly isOnlyReading?: boolean | undefined;
}

const MOST_QUESTIONS = 5;
const NOTHING_READ = 'the answer comes before anything was read';
const FENCE = /^ {0,3}(?:```|~~~)/m;
export const ONLY_TEXT = 'nothing was changed: the code is only in the answer';
export const ONLY_SAID = 'nothing was changed: nothing was called in this turn';
export const NO_PLAN = 'the answer is not a plan';

export class TurnEnd {
  readonly #deps: EndDeps;
  #task: string;
  /** What was asked since the last call. */
  readonly #asked = new Set<string>();
  #questions = 0;
  #hasDenied = false;
  #hasAskedForPlan = false;
  /** Something was called, in this turn or before. */
  #hasLooked: boolean;
  #hasActed = false;

  constructor(deps: EndDeps) {
    this.#deps = deps;
    this.#hasLooked = deps.history.items.some(({ type }) => type === 'tool');
    this.#task = deps.message;
  }

  /** The user has said more. */
  heard(messages: readonly string[]): void {
    this.#task = [this.#task, ...messages].join('\n');
  }

  /** The model has called something. */
  acted(): void {
    this.#hasActed = true;
    this.#asked.clear();
    this.#hasLooked = true;
  }

  /** Adds a note for the next request if there is something to ask. `constrained`: it is to be in a schema. */
  async asks(answer: Answer, lastText: string): Promise<'nothing' | 'plain' | 'constrained'> {
    if (this.#deps.isPlan && !answer.endsInCall) return this.#asksForPlan(answer);
    if (this.#deps.isOnlyReading && !this.#hasLooked) return this.#asksToLook();
    const work = this.#questions < MOST_QUESTIONS ? await this.#openWork(answer) : undefined;
    const isSaid = work === undefined || this.#asked.has(groupOf(work));
    if (!this.#hasDenied && (isSaid || !isOfForm(work)) && denies(lastText, this.#deps)) {
      this.#hasDenied = true;
      this.#asked.add('work');
      return 'plain';
    }
    if (isSaid) {
      await this.#warnOfNoChange(answer);
      return 'nothing';
    }
    this.#asked.add(groupOf(work));
    this.#questions += 1;
    const reason = REASONS[work.kind];
    this.#deps.emit({ type: 'retry', attempt: 1, max: 1, reason, isModelFault: true });
    return askAgain(this.#deps, noteFor(work), isOfForm(work)) ? 'constrained' : 'plain';
  }

  /** Once. Whoever only reads cannot know anything without it. */
  #asksToLook(): 'plain' | 'constrained' {
    this.#hasLooked = true;
    this.#deps.emit({ type: 'retry', attempt: 1, max: 1, reason: NOTHING_READ, isModelFault: true });
    return askAgain(this.#deps, notes.lookFirst()) ? 'constrained' : 'plain';
  }

  async #asksForPlan({ whole }: Answer): Promise<'nothing' | 'plain'> {
    if (this.#hasAskedForPlan) return 'nothing';
    const { isPlan } = await import('./plan-answer.ts');
    if (isPlan(whole)) return 'nothing';
    this.#hasAskedForPlan = true;
    this.#deps.emit({ type: 'retry', attempt: 1, max: 1, reason: NO_PLAN, isModelFault: true });
    this.#deps.history.note(notes.noPlan());
    return 'plain';
  }

  /** A change that was asked for, and is only text. Of a turn with calls the evidence is shown. */
  async #warnOfNoChange({ whole }: Answer): Promise<void> {
    const { emit, isAttended, isOnlyReading } = this.#deps;
    if (!isAttended || isOnlyReading || this.#hasActed || this.#task.includes('?')) return;
    const { namesCode, taskOf } = await import('./open-work.ts');
    const { kind } = taskOf(this.#task);
    if (kind !== 'question' && FENCE.test(whole)) return emit({ type: 'warning', message: ONLY_TEXT });
    // `Write a poem` is answered in words.
    const isSaid = kind === 'change' && namesCode(this.#task) && !whole.includes('?');
    if (isSaid) emit({ type: 'warning', message: ONLY_SAID });
  }

  async #openWork({ whole, endsInCall }: Answer): Promise<OpenWork | undefined> {
    const { evidence, isAttended, isOnlyReading } = this.#deps;
    const { hasOpenSteps, lastFailed } = evidence.signs;
    // Read late: nothing else in a turn needs it.
    const { openWork, taskOf } = await import('./open-work.ts');
    const asked = taskOf(this.#task);
    const task = isOnlyReading ? { ...asked, kind: 'question' as const } : asked;
    const seen = evidence.turn;
    const isCall = endsInCall || (isOnlyReading === true && describesCall(whole));
    return openWork({ answer: whole, endsInCall: isCall, isAttended, task, seen, hasOpenSteps, lastFailed });
  }
}

const REASONS: { readonly [K in OpenWork['kind']]: string } = {
  call: 'the answer ends in a call that was not made',
  announced: 'the answer only says what will be done',
  code: 'the answer ends in code, and nothing was done',
  question: 'the answer asks, and nobody can reply',
  plan: 'steps of the plan are open',
  failure: 'the last call failed',
  'no change': 'no file was changed',
  untouched: 'no file was changed',
  check: 'the test has not passed',
};

/** Seen from the answer itself, which is then hardly one. */
function isOfForm({ kind }: OpenWork): boolean {
  return kind === 'call' || kind === 'announced' || kind === 'code' || kind === 'untouched';
}

/** Of one group, only one thing is asked without a call in between. */
function groupOf({ kind }: OpenWork): string {
  if (kind === 'code') return 'call';
  return kind === 'call' || kind === 'question' ? kind : 'work';
}

function noteFor(work: OpenWork): string {
  switch (work.kind) {
    case 'call':
      return notes.unrunCall();
    case 'announced':
      return notes.announced();
    case 'code':
      return notes.onlyCode();
    case 'question':
      return notes.nobodyAnswers();
    case 'plan':
      return notes.openSteps();
    case 'failure':
      return notes.lastFailed();
    case 'no change':
    case 'untouched':
      return notes.nothingChanged();
    case 'check':
      return work.hasRun ? notes.checkFailed(work.command) : notes.checkNotRun(work.command);
    default:
      return work satisfies never;
  }
}
