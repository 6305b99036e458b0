/**
 * Phase 2: merges the records of sessions into the handbook, one record a step.
 *
 * Invariants: one process at a time; a record's lines and the mark that they are merged are written in one transaction, so a kill
 * loses nothing and nothing is done twice; a model that always fails delays a record, and never stops it.
 */
import { ModelError } from '../../model/errors.ts';
import type { Sqlite } from '../../system/sqlite.ts';
import { errorMessage } from '../../text/error-message.ts';
import type { MemoryModel } from '../model.ts';
import { DEFAULT_WINDOW, WINDOW_SETTING } from '../render/merged-texts.ts';
import { allEntries } from '../store/entries.ts';
import type { EntryRow } from '../store/schema.ts';
import { putSetting } from '../store/settings.ts';
import type { MemoryStep } from '../work.ts';
import { applyRecord } from './apply.ts';
import { candidatesOf } from './candidates.ts';
import { Claim, LostClaim } from './claim.ts';
import { type Decision, decisionsOf, isUsable } from './decisions.ts';
import { asked, fitting, type MergeQuestion, mergeQuestion } from './question.ts';
import { markOf, type Selection, type SourceRecord, select } from './selection.ts';
import { writeSkills } from './skills.ts';
import { keepLimits, removeForgotten, removeThreads } from './tidy.ts';

export interface ConsolidateDeps {
  readonly store: Sqlite;
  readonly model: MemoryModel;
  /** Milliseconds of the epoch. */
  readonly now: () => number;
  /** The root of the project that a folder is in. */
  readonly rootOf: (cwd: string) => string;
  /** Tokens of the smallest window in which sessions run. Default: `DEFAULT_WINDOW`. */
  readonly smallestWindow?: number;
}

/** Of answers that are not JSON. */
const TRIES = 2;

/** @throws the reason of the signal: the claim is given back, and what was merged stays. */
export async function consolidateNext(deps: ConsolidateDeps, signal: AbortSignal): Promise<MemoryStep> {
  signal.throwIfAborted();
  const { store, now } = deps;
  const window = deps.smallestWindow ?? DEFAULT_WINDOW;
  const { state, doneMark, error } = Claim.state(store, now());
  if (state === 'held') return { state: 'busy' };
  if (state === 'waiting') return { state: 'idle', problem: error ?? '' };
  const { mark } = select(store, now(), window);
  if (mark === doneMark) return { state: 'idle' };
  const claim = Claim.take(store, now, mark);
  // Somebody else may have it by now.
  if (claim === undefined) return { state: 'busy' };
  return new Consolidation(deps, claim, window).step(signal);
}

class Consolidation {
  readonly #deps: ConsolidateDeps;
  readonly #claim: Claim;
  readonly #window: number;

  constructor(deps: ConsolidateDeps, claim: Claim, window: number) {
    this.#deps = deps;
    this.#claim = claim;
    this.#window = window;
  }

  async step(signal: AbortSignal): Promise<MemoryStep> {
    try {
      return await this.#claim.during(signal, (both) => this.#next(both));
    } catch (error) {
      if (signal.aborted) {
        this.#claim.release();
        throw signal.reason;
      }
      if (error instanceof LostClaim) return { state: 'busy' };
      const problem = errorMessage(error);
      // No fault of the record's: it would use up its retries, and so would all others.
      if (isAway(error)) {
        this.#claim.release();
        return { state: 'busy', problem };
      }
      this.#claim.fail(error);
      return { state: 'idle', problem };
    }
  }

  async #next(signal: AbortSignal): Promise<MemoryStep> {
    const { store } = this.#deps;
    const selection = this.#claim.write(() => {
      const found = this.#selection();
      removeThreads(store, found.removed);
      removeForgotten(store);
      return found;
    });
    const [record] = selection.pending;
    if (record === undefined) return this.#finish();
    await this.#merge(record, signal);
    const total = selection.records.length;
    const done = total - selection.pending.length + 1;
    return { state: 'more', progress: { phase: 'consolidate', done, total, title: record.slug } };
  }

  #selection(): Selection {
    return select(this.#deps.store, this.#deps.now(), this.#window);
  }

  /** All is merged, unless a record has come just now. */
  #finish(): MemoryStep {
    const { store } = this.#deps;
    return this.#claim.write(() => {
      keepLimits(store);
      writeSkills(store);
      putSetting(store, WINDOW_SETTING, String(this.#window));
      const { mark, pending } = this.#selection();
      const isDone = pending.length === 0;
      this.#claim.end(isDone ? mark : undefined, false);
      return { state: isDone ? 'idle' : 'more' };
    });
  }

  async #merge(record: SourceRecord, signal: AbortSignal): Promise<void> {
    const { store, rootOf } = this.#deps;
    const project = rootOf(record.cwd);
    const candidates = candidatesOf(record.raw);
    const entries = allEntries(store);
    const whole = mergeQuestion(candidates, poolFor(entries, record, project), topicsOf(entries));
    const { decisions, isModelGood } = await this.#decided(whole, signal);
    this.#claim.write(() => {
      const isUnchanged = this.#selection().pending.some((one) => markOf(one) === markOf(record));
      if (isUnchanged) applyRecord(store, record, project, decisions);
      this.#claim.end(undefined, isModelGood);
    });
  }

  async #decided(
    whole: MergeQuestion,
    signal: AbortSignal,
  ): Promise<{ decisions: readonly Decision[]; isModelGood: boolean }> {
    try {
      const answer = await this.#answer(fitting(whole, this.#deps.model.numCtx), signal);
      return { decisions: decisionsOf(whole, answer), isModelGood: isUsable(whole, answer) };
    } catch (error) {
      if (signal.aborted || isAway(error) || this.#claim.retriesLeft > 0) throw error;
      return { decisions: decisionsOf(whole, undefined), isModelGood: false };
    }
  }

  /** Undefined: what came cannot be read, or there is nothing to ask about. @throws ModelError; the reason of the signal. */
  async #answer(question: MergeQuestion, signal: AbortSignal): Promise<unknown> {
    let { lines } = question;
    for (let tries = TRIES; tries > 0 && lines.length > 0; ) {
      try {
        return await this.#deps.model.ask(asked({ ...question, lines }), signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ModelError)) tries -= 1;
        // The window is smaller than estimated.
        else if (error.remedy === 'compact') lines = lines.slice(0, Math.floor(lines.length / 2));
        else throw error;
      }
    }
    return undefined;
  }
}

/** The server cannot be asked now; later it may. */
function isAway(error: unknown): boolean {
  return error instanceof ModelError && error.remedy === 'wait';
}

/** What a line of the record may be the same as. Only what the user wants is compared across projects; what is not trusted never with the rest. */
function poolFor(entries: readonly EntryRow[], record: SourceRecord, project: string): readonly EntryRow[] {
  return entries.filter(
    (entry) =>
      entry.is_trusted === record.is_trusted &&
      (entry.project === project || entry.project === '' || entry.kind === 'preference'),
  );
}

function topicsOf(entries: readonly EntryRow[]): readonly string[] {
  return [...new Set(entries.map(({ topic }) => topic))].sort();
}
