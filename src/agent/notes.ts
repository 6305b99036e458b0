/**
 * The short lines that the harness says to the model; the texts are in prompts/notes/. A note is appended, as an item
 * of its own or after a tool's result, and never precedes anything.
 */
import announced from '../../prompts/notes/announced.md?raw';
import asJson from '../../prompts/notes/as-json.md?raw';
import brokenCall from '../../prompts/notes/broken-call.md?raw';
import callBroken from '../../prompts/notes/call-broken.md?raw';
import callEnded from '../../prompts/notes/call-ended.md?raw';
import checkFailed from '../../prompts/notes/check-failed.md?raw';
import checkNotRun from '../../prompts/notes/check-not-run.md?raw';
import claim from '../../prompts/notes/claim.md?raw';
import code from '../../prompts/notes/code.md?raw';
import copied from '../../prompts/notes/copied.md?raw';
import crashed from '../../prompts/notes/crashed.md?raw';
import cutCall from '../../prompts/notes/cut-call.md?raw';
import cutOff from '../../prompts/notes/cut-off.md?raw';
import cutShort from '../../prompts/notes/cut-short.md?raw';
import empty from '../../prompts/notes/empty.md?raw';
import facts from '../../prompts/notes/facts.md?raw';
import filesRewound from '../../prompts/notes/files-rewound.md?raw';
import finalJson from '../../prompts/notes/final-json.md?raw';
import imageDescribed from '../../prompts/notes/image-described.md?raw';
import imageRefused from '../../prompts/notes/image-refused.md?raw';
import lastFailed from '../../prompts/notes/last-failed.md?raw';
import limitNotRun from '../../prompts/notes/limit-not-run.md?raw';
import limitReached from '../../prompts/notes/limit-reached.md?raw';
import lookFirst from '../../prompts/notes/look-first.md?raw';
import noPlan from '../../prompts/notes/no-plan.md?raw';
import noSummary from '../../prompts/notes/no-summary.md?raw';
import nobodyAnswers from '../../prompts/notes/nobody-answers.md?raw';
import nothingChanged from '../../prompts/notes/nothing-changed.md?raw';
import onlyCode from '../../prompts/notes/only-code.md?raw';
import openSteps from '../../prompts/notes/open-steps.md?raw';
import patchApplied from '../../prompts/notes/patch-applied.md?raw';
import patchNotApplied from '../../prompts/notes/patch-not-applied.md?raw';
import refusedRepeat from '../../prompts/notes/refused-repeat.md?raw';
import repeatedCall from '../../prompts/notes/repeated-call.md?raw';
import runaway from '../../prompts/notes/runaway.md?raw';
import sessionEnded from '../../prompts/notes/session-ended.md?raw';
import summary from '../../prompts/notes/summary.md?raw';
import thoughtOnly from '../../prompts/notes/thought-only.md?raw';
import turnAborted from '../../prompts/notes/turn-aborted.md?raw';
import turnBroken from '../../prompts/notes/turn-broken.md?raw';
import unrunCall from '../../prompts/notes/unrun-call.md?raw';
import windowUse from '../../prompts/notes/window-use.md?raw';
import type { OpenCall } from '../rollout/stored-session.ts';
import { groupDigits } from '../text/digits.ts';
import { fill } from '../text/fill.ts';

/** Of files that a note names. */
const MOST_NAMED = 20;
/** A parser's message can quote the whole broken call; its beginning is enough. */
const ERROR_LIMIT = 300;

export const notes = {
  brokenCall: (error: string) => fill(brokenCall, { error: error.slice(0, ERROR_LIMIT) }),
  /** After another note: the form of the reply. */
  asJson: () => fill(asJson, {}),
  filesRewound: (files: readonly string[]) => fill(filesRewound, { files: named(files).join(', ') }),
  announced: () => fill(announced, {}),
  onlyCode: () => fill(onlyCode, {}),
  nobodyAnswers: () => fill(nobodyAnswers, {}),
  openSteps: () => fill(openSteps, {}),
  lastFailed: () => fill(lastFailed, {}),
  lookFirst: () => fill(lookFirst, {}),
  nothingChanged: () => fill(nothingChanged, {}),
  checkFailed: (command: string) => fill(checkFailed, { command }),
  checkNotRun: (command: string) => fill(checkNotRun, { command }),
  empty: () => fill(empty, {}),
  thoughtOnly: () => fill(thoughtOnly, {}),
  claim: (fact: string) => fill(claim, { fact }),
  code: (text: string) => fill(code, { code: text }),
  imageDescribed: (name: string, model: string, text: string) => fill(imageDescribed, { name, model, text }),
  imageRefused: (name: string) => fill(imageRefused, { name }),
  runaway: () => fill(runaway, {}),
  cutShort: () => fill(cutShort, {}),
  cutCall: (tokens: number) => fill(cutCall, { tokens: String(tokens) }),
  cutOff: (tokens: number) => fill(cutOff, { tokens: String(tokens) }),
  refusedRepeat: () => fill(refusedRepeat, {}),
  repeatedCall: (count: number) => fill(repeatedCall, { count: String(count) }),
  turnAborted: () => fill(turnAborted, {}),
  /** This and the next two: of a turn without an end. `isCopy`: it goes on elsewhere. */
  turnBroken: (isCopy: boolean) => fill(turnBroken, { why: why(isCopy) }),
  callBroken: (isCopy: boolean) => fill(callBroken, { why: why(isCopy) }),
  /** @param patch what became of it */
  patchBroken: (isCopy: boolean, { state, changed }: NonNullable<OpenCall['patch']>) =>
    fill(state === 'applied' ? patchApplied : patchNotApplied, {
      why: why(isCopy),
      except: changed.length === 0 ? '' : `, except to files that were changed since: ${changed.join(', ')}`,
    }),
  callEnded: (isCopy: boolean, exitCode: number | null | undefined, output: string) =>
    fill(callEnded, {
      why: why(isCopy),
      exit: typeof exitCode === 'number' ? ` (exit ${exitCode})` : '',
      output,
    }),
  unrunCall: () => fill(unrunCall, {}),
  sessionEnded: ({ sessionId, exitCode }: { readonly sessionId: number; readonly exitCode: number }) =>
    fill(sessionEnded, { id: String(sessionId), code: String(exitCode) }),
  /** @param limit `step`, `time` or `token`. */
  limitReached: (limit: string) => fill(limitReached, { limit }),
  limitNotRun: () => fill(limitNotRun, {}),
  finalJson: () => fill(finalJson, {}),
  summary: (text: string) => fill(summary, { summary: text }),
  noPlan: () => fill(noPlan, {}),
  noSummary: (steps: string) => fill(noSummary, { steps }),
  facts: (text: string) => fill(facts, { facts: text }),
  windowUse: (percent: number, tokens: number) =>
    fill(windowUse, { percent: String(percent), tokens: groupDigits(tokens) }),
} as const;

/** The first of them, and how many more there are. */
function named(files: readonly string[]): readonly string[] {
  const more = files.length - MOST_NAMED;
  return more > 0 ? [...files.slice(0, MOST_NAMED), `${more} more`] : files;
}

const why = (isCopy: boolean): string => (isCopy ? copied : crashed).trim();
