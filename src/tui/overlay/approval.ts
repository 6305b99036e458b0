/**
 * The agent's questions: which one is shown, and what answers it. They queue; the first one is asked.
 *
 * Invariants: a key that types text never answers and is never lost: it goes to the composer, and an open dialog steps
 * back to one line. While the composer holds text or a key came a moment ago, a request stays that one line; it opens
 * by Tab, Escape, a fresh Enter on the empty composer, or by itself when nobody types. A lone `y`, `n` or digit is no message:
 * sent, it opens the dialog with the option that it means; a digit on an open dialog selects its option. Keys from before the dialog was seen
 * answer nothing (key-guard.ts). Time is an argument; `approvalWakeAt` says when to look again.
 */
import type { ApprovalAnswer, ApprovalRequest } from '../../protocol.ts';
import { chordOf, type Key } from '../term/keys.ts';
import { checkKey, type KeyGuard, keyGuardDrawn, newKeyGuard, QUIET_MS, SEEN_MS } from './key-guard.ts';
import { moveSelection } from './list.ts';

/**
 * `waiting`: one line above the composer, which has the keys. `open`: the dialog has them. `instead`: the user writes
 * in the composer what to do instead.
 */
type ApprovalPhase = 'waiting' | 'open' | 'instead';

export interface ApprovalState {
  /** Never empty. */
  readonly requests: readonly ApprovalRequest[];
  /** Requests of this queue that have been answered, for `2 of 3`. */
  readonly answered: number;
  readonly phase: ApprovalPhase;
  /** Index into `approvalOptions` of the first request. */
  readonly selected: number;
  /** Rows of a long list of files that were scrolled by. */
  readonly scroll: number;
  readonly guard: KeyGuard;
  /** When the last key came, whatever it was for. */
  readonly keyAt: number | undefined;
}

interface ApprovalEnv {
  /** Milliseconds of a clock that never goes back. */
  readonly now: number;
  readonly isComposerEmpty: boolean;
  /** What the composer holds. */
  readonly draft?: string;
  /** Escape closes a list below the composer first. */
  readonly hasPopup?: boolean;
}

export type ApprovalChoice = 'once' | 'session' | 'prefix' | 'instead' | 'no' | 'stop' | `option ${number}`;

export type ApprovalStep =
  /** The dialog took the key; `takesDraft`: and what the composer holds. */
  | { readonly type: 'kept'; readonly state: ApprovalState; readonly takesDraft?: true }
  /** The key is the composer's. */
  | { readonly type: 'passed'; readonly state: ApprovalState }
  /** The user wants to read all of it. */
  | { readonly type: 'show_all'; readonly state: ApprovalState; readonly request: ApprovalRequest }
  /** `state` is the rest of the queue. */
  | {
      readonly type: 'answered';
      readonly id: string;
      readonly answer: ApprovalAnswer;
      readonly state: ApprovalState | undefined;
      /** The composer holds the digit that chose the option. */
      readonly takesDraft?: true;
    };

type OptionChoice = Extract<ApprovalChoice, `option ${number}`>;

function isOption(choice: ApprovalChoice): choice is OptionChoice {
  return choice.startsWith('option ');
}

/** The model's own words for one of its options. */
export function optionText(choice: OptionChoice, request: ApprovalRequest | undefined): string {
  return request?.options?.[Number(choice.slice('option '.length))] ?? '';
}

/** The possible answers to a request, in the order of the dialog. */
export function approvalOptions(request: ApprovalRequest): readonly ApprovalChoice[] {
  if (request.kind === 'question') {
    const options = (request.options ?? []).map((_, at): ApprovalChoice => `option ${at}`);
    return [...options, 'instead', 'stop'];
  }
  if (request.kind === 'extension') return ['once', 'no', 'stop'];
  const hasPrefix =
    request.kind === 'mcp' || (request.kind === 'command' && (request.prefix?.length ?? 0) > 0);
  return ['once', 'session', ...(hasPrefix ? (['prefix'] as const) : []), 'instead', 'stop'];
}

/**
 * Adds a request after those that wait.
 * @param keyAt when the last key came, if one did; counts only for the first request.
 */
export function addApproval(
  state: ApprovalState | undefined,
  request: ApprovalRequest,
  keyAt: number | undefined,
): ApprovalState {
  if (state !== undefined) return { ...state, requests: [...state.requests, request] };
  return {
    requests: [request],
    answered: 0,
    phase: 'waiting',
    selected: 0,
    scroll: 0,
    guard: newKeyGuard,
    keyAt,
  };
}

/** Removes a request that was answered elsewhere or withdrawn (`approval_resolved`). */
export function removeApproval(state: ApprovalState | undefined, id: string): ApprovalState | undefined {
  if (state === undefined) return undefined;
  const [first] = state.requests;
  if (first?.id === id) return withoutFirst(state);
  return { ...state, requests: state.requests.filter((request) => request.id !== id) };
}

/** The turn is over: only what the project brings is still asked. */
export function withoutTurn(state: ApprovalState | undefined): ApprovalState | undefined {
  const ofTurn = state?.requests.filter(({ kind }) => kind !== 'extension') ?? [];
  return ofTurn.reduce((left, { id }) => removeApproval(left, id), state);
}

/** To be called when a frame with this state has been painted. */
export function approvalDrawn(state: ApprovalState, now: number): ApprovalState {
  const guard = keyGuardDrawn(state.guard, now);
  return guard === state.guard ? state : { ...state, guard };
}

/** Opens the dialog when nobody types. To be called at `approvalWakeAt`, and whenever the composer has changed. */
export function wakeApproval(state: ApprovalState, env: ApprovalEnv): ApprovalState {
  const at = approvalWakeAt(state, env.isComposerEmpty);
  return at !== undefined && at <= env.now ? opened(state) : state;
}

/** When `wakeApproval` would change something; a time that has passed: now; undefined: not before the next key. */
export function approvalWakeAt(state: ApprovalState, isComposerEmpty: boolean): number | undefined {
  if (state.phase !== 'waiting' || !isComposerEmpty) return undefined;
  return state.keyAt === undefined ? Number.NEGATIVE_INFINITY : state.keyAt + QUIET_MS;
}

/** Pasted text is the composer's, as typed text is. */
export function approvalPasted(state: ApprovalState, now: number): ApprovalState {
  return { ...(state.phase === 'open' ? phase(state, 'waiting') : state), keyAt: now };
}

/**
 * Something else has taken the screen or given it back (an overlay, the pager): the request steps back to its line
 * and has to be seen again, so that the key that closed the other thing does not answer.
 */
export function approvalCovered(state: ApprovalState, now: number): ApprovalState {
  return { ...phase(state, state.phase === 'open' ? 'waiting' : state.phase), keyAt: now };
}

export function handleApprovalKey(before: ApprovalState, key: Key, env: ApprovalEnv): ApprovalStep {
  const state = { ...before, keyAt: env.now };
  const meant = before.phase === 'open' ? undefined : meantBy(key, env.draft ?? '', before);
  if (meant !== undefined)
    return { type: 'kept', state: { ...openedByKey(state, env.now), selected: meant } };
  switch (before.phase) {
    case 'waiting':
      // Beside the dialog Escape leads to it: it never ends the turn while something is asked.
      if (chordOf(key) === 'escape' && env.hasPopup !== true)
        return { type: 'kept', state: openedByKey(state, env.now) };
      return opens(before, key, env)
        ? { type: 'kept', state: key.name === 'tab' ? opened(state) : openedByKey(state, env.now) }
        : { type: 'passed', state };
    case 'instead':
      // Back to the question. Any other key belongs to what the user writes.
      if (chordOf(key) === 'escape') return { type: 'kept', state: openedByKey(state, env.now) };
      return { type: 'passed', state };
    case 'open':
      // Typed text is the composer's whatever is on the screen: a digit may be the beginning of a message.
      if (key.name === 'text')
        return { type: 'passed', state: numbered(state, key, env) ?? phase(state, 'waiting') };
      return withoutDigit(openKey(state, key, env.now), env);
    default:
      return before.phase satisfies never;
  }
}

/** With the option of a digit selected, if nothing was being written. Enter right after it may end a message, and answers nothing. */
function numbered(
  state: ApprovalState,
  key: Key,
  { now, isComposerEmpty }: ApprovalEnv,
): ApprovalState | undefined {
  const [request] = state.requests;
  const at = /^[1-9]$/.test(key.text) ? Number(key.text) - 1 : undefined;
  if (request === undefined || at === undefined || at >= approvalOptions(request).length) return undefined;
  const { guard, isTaken } = checkKey(state.guard, key, now);
  return isComposerEmpty && isTaken ? { ...state, guard, selected: at } : undefined;
}

/** A digit that selected an option was no message. */
function withoutDigit(step: ApprovalStep, { draft = '' }: ApprovalEnv): ApprovalStep {
  return step.type === 'answered' && /^\d$/.test(draft) ? { ...step, takesDraft: true } : step;
}

/** An answer to the question that was typed as text and sent: the option that it means, which is then shown and asked for again. */
function meantBy(key: Key, draft: string, { requests: [request] }: ApprovalState): number | undefined {
  if (chordOf(key) !== 'enter' || request === undefined) return undefined;
  const options = approvalOptions(request);
  const word = draft.trim().toLowerCase();
  if (word === 'y') return 0;
  if (word === 'n') return options.findIndex((option) => option === 'instead' || option === 'no');
  return /^\d$/.test(word) ? Math.min(Math.max(Number(word), 1), options.length) - 1 : undefined;
}

/** What the user wrote while the phase was `instead`: the answer to the first request. */
export function answerInstead(state: ApprovalState, text: string): ApprovalStep {
  const instead = text.trim();
  return answered(state, instead === '' ? { type: 'no' } : { type: 'no', instead });
}

/**
 * Tab and Enter open the dialog only when the line that names them has been seen; Enter only on its own, not after
 * typing.
 */
function opens({ guard, keyAt }: ApprovalState, key: Key, { now, isComposerEmpty }: ApprovalEnv): boolean {
  if (guard.drawnAt === undefined || now - guard.drawnAt < SEEN_MS) return false;
  const chord = chordOf(key);
  if (chord === 'tab') return true;
  return chord === 'enter' && isComposerEmpty && (keyAt === undefined || now - keyAt >= SEEN_MS);
}

function openKey(state: ApprovalState, key: Key, now: number): ApprovalStep {
  const [request] = state.requests;
  if (request === undefined) return { type: 'passed', state };
  const { guard, isTaken } = checkKey(state.guard, key, now);
  const next = { ...state, guard };
  if (!isTaken) return { type: 'kept', state: next };
  const options = approvalOptions(request);
  const scroll = scrolledTo(state, key, request.changes?.length ?? 0);
  if (scroll !== undefined) return { type: 'kept', state: { ...next, scroll } };
  const moved = moveSelection(key, state.selected, options.length);
  if (moved !== undefined) return { type: 'kept', state: { ...next, selected: moved } };
  switch (chordOf(key)) {
    case 'enter':
      return choose(next, options[state.selected] ?? 'instead');
    case 'escape':
      // Of what a project brings it is no answer for good.
      return answered(next, { type: request.kind === 'extension' ? 'stop' : 'no' });
    case 'ctrl+c':
      return answered(next, { type: 'stop' });
    case 'ctrl+t':
      return { type: 'show_all', state: next, request };
    default:
      return { type: 'kept', state: next };
  }
}

/** Files that a page key scrolls by. */
const PAGE = 3;

function scrolledTo({ scroll }: ApprovalState, key: Key, files: number): number | undefined {
  if (files < 2 || (key.name !== 'pagedown' && key.name !== 'pageup')) return undefined;
  return Math.max(0, Math.min(files - 1, scroll + (key.name === 'pagedown' ? PAGE : -PAGE)));
}

function choose(state: ApprovalState, choice: ApprovalChoice): ApprovalStep {
  if (choice === 'instead') return { type: 'kept', state: phase(state, 'instead') };
  if (!isOption(choice)) return answered(state, { type: choice });
  return answered(state, { type: 'option', option: optionText(choice, state.requests[0]) });
}

function answered(state: ApprovalState, answer: ApprovalAnswer): ApprovalStep {
  const [request] = state.requests;
  if (request === undefined) return { type: 'passed', state };
  return { type: 'answered', id: request.id, answer, state: withoutFirst(state) };
}

/** The next request is asked in the same way as this one, but has to be seen first. */
function withoutFirst(state: ApprovalState): ApprovalState | undefined {
  const requests = state.requests.slice(1);
  if (requests.length === 0) return undefined;
  const next = state.phase === 'instead' ? 'waiting' : state.phase;
  return { ...phase(state, next), requests, answered: state.answered + 1, selected: 0, scroll: 0 };
}

/** A dialog that opens by itself comes after a quiet moment, but still has to be seen. */
function opened(state: ApprovalState): ApprovalState {
  return { ...phase(state, 'open'), selected: 0 };
}

/** The same key, held down, must not answer too. */
function openedByKey(state: ApprovalState, now: number): ApprovalState {
  return { ...opened(state), guard: { drawnAt: undefined, strayAt: now } };
}

/** A new picture has not been seen yet. What was typed just before still counts. */
function phase(state: ApprovalState, next: ApprovalPhase): ApprovalState {
  return { ...state, phase: next, guard: { drawnAt: undefined, strayAt: state.guard.strayAt } };
}
