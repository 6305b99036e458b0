/**
 * Phase 1: takes from one session what is worth knowing in later ones.
 *
 * Invariants: a step is at most one session; its claim is finished, failed or given back before the step ends; what is kept went through
 * `recordOf`.
 */

import path from 'node:path';
import extract from '../../../prompts/memory/extract.md?raw';
import extractAgain from '../../../prompts/memory/extract-again.md?raw';
import { ModelError } from '../../model/errors.ts';
import type { Remedy } from '../../model/remedy.ts';
import { lockHolder } from '../../rollout/lock.ts';
import { hasMemoriesOff } from '../../rollout/reconstruct.ts';
import { RolloutError } from '../../rollout/rollout-error.ts';
import type { Sqlite } from '../../system/sqlite.ts';
import { errorMessage } from '../../text/error-message.ts';
import { fill } from '../../text/fill.ts';
import { maskSecrets, withoutSecrets } from '../../text/secrets.ts';
import type { MemoryModel } from '../model.ts';
import type { MemoryStep } from '../work.ts';
import { EXTRACT_SCHEMA, type ExtractAnswer, readAnswer } from './answer.ts';
import { type Claim, Claims, type ExtractLimits } from './claims.ts';
import { type Evidence, readEvidence } from './evidence.ts';
import { modelInput } from './model-input.ts';
import { EMPTY_RECORD, recordOf } from './record.ts';
import { isGreeting } from './words.ts';

export interface ExtractDeps {
  readonly store: Sqlite;
  readonly model: MemoryModel;
  readonly now: () => number;
  readonly config: ExtractLimits;
  /** Of the configuration and the environment: `allSecrets`. They are in nothing that is sent or kept. */
  readonly secrets: readonly string[];
}

const SERVER_FAULTS: readonly Remedy[] = ['fail', 'wait', 'smaller_window'];
const ANSWER_TOKENS = 900;
/** Of the prompt, and of what the model's template adds to it. */
const PROMPT_TOKENS = 450;
/** Below that of most texts; a prompt that does not fit is sent again with half of it. */
const BYTES_PER_TOKEN = 3;
/** Characters. */
const MOST_GREETING = 200;
const LEAST_BYTES = 600;
const TRIES = 2;
const MOST_HALVINGS = 4;

/** Reads the newest session that nobody has read, if there is one. @throws the signal's reason; an error of SQLite. */
export async function extractNext(deps: ExtractDeps, signal: AbortSignal): Promise<MemoryStep> {
  signal.throwIfAborted();
  const claims = new Claims(deps.store, deps.config, deps.now);
  const claim = claims.next(isInUse);
  if (claim === undefined) return { state: claims.counts().running > 0 ? 'busy' : 'idle' };
  const step = await work(deps, claims, claim, signal);
  const { done, total } = claims.counts();
  return { ...step, progress: { phase: 'extract', done, total, title: path.basename(claim.thread.cwd) } };
}

async function work(
  deps: ExtractDeps,
  claims: Claims,
  claim: Claim,
  signal: AbortSignal,
): Promise<MemoryStep> {
  try {
    const texts = await textsOf(deps, claim.thread.rollout, signal);
    claims.finish(claim, { ...texts, model: deps.model.name });
    return { state: 'more' };
  } catch (error) {
    if (signal.aborted) {
      claims.giveBack(claim);
      throw signal.reason;
    }
    const problem = errorMessage(error);
    // No fault of the session's: it would use up its retries, and so would all others.
    if (error instanceof ModelError && SERVER_FAULTS.includes(error.remedy)) {
      claims.giveBack(claim);
      return { state: 'busy', problem };
    }
    claims.fail(claim, problem);
    return { state: 'more', problem };
  }
}

/** Somebody has it open, or has said since the threads were listed that no memory is made of it; or neither can be found out: there is time. */
function isInUse(rollout: string): boolean {
  try {
    return lockHolder(rollout) !== undefined || hasMemoriesOff(rollout);
  } catch (error) {
    if (error instanceof RolloutError) return true;
    throw error;
  }
}

async function textsOf(
  deps: ExtractDeps,
  rollout: string,
  signal: AbortSignal,
): Promise<Pick<ExtractAnswer, 'slug' | 'summary' | 'raw'>> {
  const evidence = await readEvidence(rollout, signal);
  if (isTrivial(evidence)) return EMPTY_RECORD;
  const clean = (text: string): string => maskSecrets(withoutSecrets(text, deps.secrets));
  const answer = await askFitting(deps.model, evidence, clean, signal);
  return recordOf(answer, evidence, clean);
}

/** A greeting, or nothing at all. */
function isTrivial({ said, pieces, hasActed }: Evidence): boolean {
  const hasPaste = pieces.some(({ from, text }) => from === 'user' && text.length > MOST_GREETING);
  return !hasActed && !hasPaste && said.every((text) => isGreeting(text));
}

/** With less of the session where the window turns out to be too small. */
async function askFitting(
  model: MemoryModel,
  evidence: Evidence,
  clean: (text: string) => string,
  signal: AbortSignal,
): Promise<ExtractAnswer> {
  let bytes = Math.max(LEAST_BYTES, (model.numCtx - ANSWER_TOKENS - PROMPT_TOKENS) * BYTES_PER_TOKEN);
  for (let left = MOST_HALVINGS; ; left -= 1) {
    try {
      return await ask(model, modelInput(evidence, bytes, clean), signal);
    } catch (error) {
      if (!(error instanceof ModelError) || error.remedy !== 'compact' || left === 0) throw error;
      bytes = Math.floor(bytes / 2);
    }
  }
}

async function ask(model: MemoryModel, text: string, signal: AbortSignal): Promise<ExtractAnswer> {
  let problem = '';
  for (let left = TRIES; left > 0; left -= 1) {
    const again = problem === '' ? '' : `\n\n${fill(extractAgain, { problem })}`;
    const answer = await oneAnswer(model, text + again, signal);
    if (typeof answer !== 'string') return answer;
    problem = answer;
  }
  throw new Error(`the model gave no usable answer: ${problem}`);
}

/** @returns a problem as a text. */
async function oneAnswer(
  model: MemoryModel,
  text: string,
  signal: AbortSignal,
): Promise<ExtractAnswer | string> {
  const question = { system: extract.trim(), text, schema: EXTRACT_SCHEMA, maxTokens: ANSWER_TOKENS };
  try {
    return readAnswer(await model.ask(question, signal));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ModelError) throw error;
    return errorMessage(error);
  }
}
