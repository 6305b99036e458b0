/**
 * Takes a message of the user into the history, and starts the turn.
 *
 * The message is shown at once, and recorded even if the compaction before it failed: what was shown, the model gets.
 */

import { ModelError } from '../model/errors.ts';
import { errorMessage } from '../text/error-message.ts';
import { mentionedResources } from '../text/resource-mentions.ts';
import type { Recalled, Retrieve, Retrieved } from './agent-options.ts';
import { LeakedAnswer } from './call-learning.ts';
import { type Beginning, type InputDeps, ledBeginning } from './input-deps.ts';
import { notes } from './notes.ts';
import { bringSkills, skillForFiles } from './skill-input.ts';
import { taskNote } from './sub-agent/asked.ts';
import { runTurn } from './turn.ts';
import type { TurnHooks } from './turn-hooks.ts';
import { shownText, type UserTurn } from './turn-queue.ts';

/** A led model gets at most half of this from the index. */
const LED_CODE_TOKENS = 1_600;

const LED_TASK = 'a model that oagent leads has no sub-agent: it does the task itself';

/** @returns the text of the last message. @throws as runTurn does, and ModelError if compaction fails. */
export async function runUserTurn(turn: UserTurn, deps: InputDeps, signal: AbortSignal): Promise<string> {
  const { conversation, window, emit } = deps;
  const environment = deps.readEnvironment();
  deps.began(environment);
  // Not awaited without a hook; with one, before anything is shown: what is shown, the model gets.
  const said = deps.hooks?.hearsMessages ? await heardByHooks(turn, deps, deps.hooks) : [];
  showUserMessage(turn, deps);
  if (turn.review !== undefined) {
    const { runReviewTurn } = await import('./review-turn.ts');
    conversation.recordInput(turn, environment);
    return runReviewTurn(turn.review, deps.review, deps, signal);
  }
  if (deps.profile === 'led') {
    if (turn.isTask) emit({ type: 'warning', message: LED_TASK });
    return runLed({ turn, environment, said }, deps, signal);
  }
  const start = conversation.history.items.length;
  try {
    // No await unless a compaction is due, so that steering typed meanwhile goes into the second request.
    if (window.isDueFor(turn)) await window.compact(signal);
  } finally {
    conversation.recordInput(turn, environment);
    for (const note of said) conversation.history.note(note);
  }
  const described = describeImages(turn, deps, signal);
  if (described !== undefined) await described;
  if (turn.isTask) {
    const { runTaskTurn } = await import('./sub-agent/task-turn.ts');
    return runTaskTurn(turn.text, deps, signal);
  }
  const resources = namedResources(turn.text, deps, signal);
  if (resources !== undefined) await resources;
  const skillTexts = bringSkills(turn.text, deps);
  const asked = taskNote([turn.text, ...skillTexts].join('\n'), deps.tools);
  if (asked !== undefined) conversation.history.note(asked);
  // No await without an index, for the same reason.
  const { retrieve: find, skills } = deps;
  const beginning = { turn, environment, start };
  if (find === undefined && skills === undefined && deps.mcp === undefined)
    return runNative(deps, beginning, signal);
  const bring = async (message: string, until: AbortSignal): Promise<void> => {
    await namedResources(message, deps, until);
    bringSkills(message, deps);
    if (find !== undefined) await retrieve(message, deps, find, until);
  };
  if (find !== undefined) await retrieve(turn.text, deps, find, signal);
  return runNative({ ...deps, bring, forFiles: skillForFiles(deps) }, beginning, signal);
}

/** Undefined: there are none, or the model sees them, and nothing has to be waited for. */
function describeImages(
  { images = [], imageNames = [] }: Pick<UserTurn, 'images' | 'imageNames'>,
  {
    head,
    settings,
    history,
    describe,
    emit,
  }: Pick<InputDeps, 'head' | 'settings' | 'history' | 'describe' | 'emit'>,
  signal: AbortSignal,
): Promise<void> | undefined {
  if (images.length === 0 || head.vision) return undefined;
  const named = images.map((data, at) => ({ name: imageNames[at] ?? `Image #${at + 1}`, data }));
  return describe(named).then(
    (texts) => {
      for (const text of texts) history.note(text);
    },
    (error: unknown) => {
      signal.throwIfAborted();
      const message = `${settings.model} has no vision: it only learns that there was an image (${errorMessage(error)})`;
      emit({ type: 'warning', message });
    },
  );
}

/** Undefined: the message names none, and nothing has to be waited for. */
function namedResources(message: string, deps: InputDeps, signal: AbortSignal): Promise<void> | undefined {
  if (deps.mcp === undefined || !message.includes('@')) return undefined;
  const named = mentionedResources(
    message,
    deps.mcp.servers.map(({ name }) => name),
  );
  if (named.length === 0) return undefined;
  return import('./resource-input.ts').then(({ bringResources }) => bringResources(named, deps, signal));
}

async function runNative(deps: InputDeps, beginning: Beginning, signal: AbortSignal): Promise<string> {
  try {
    return await runTurn(deps, signal);
  } catch (error) {
    if (!(error instanceof LeakedAnswer)) throw error;
    const { leadInstead } = await import('./lead-instead.ts');
    return leadInstead(error, beginning, deps, signal);
  }
}

/** Loaded only for led models. */
async function runLed(
  { turn, environment, said }: Omit<Beginning, 'start'> & { readonly said: readonly string[] },
  deps: InputDeps,
  signal: AbortSignal,
): Promise<string> {
  const [{ openLedTurn }, { runLedTurn }] = await Promise.all([
    import('./led/begin.ts'),
    import('./led/led-turn.ts'),
  ]);
  let opening: Awaited<ReturnType<typeof openLedTurn>> | undefined;
  try {
    if (deps.window.isDueFor(turn)) await deps.window.compact(signal);
    opening = await openLedTurn(ledBeginning(turn, deps), signal);
  } finally {
    deps.conversation.recordInput(turn, environment, { opening: opening?.text });
    for (const note of said) deps.conversation.history.note(note);
  }
  await describeImages(turn, deps, signal);
  await namedResources(turn.text, deps, signal);
  bringSkills(turn.text, deps);
  if (opening.task.named.length === 0 && deps.retrieve !== undefined)
    await retrieve(turn.text, deps, deps.retrieve, signal, LED_CODE_TOKENS);
  return runLedTurn(deps, opening, signal);
}

type Said = Pick<UserTurn, 'text' | 'images'>;

type SteerDeps = Pick<InputDeps, 'history' | 'window' | 'emit' | 'nextItemId' | 'hooks'>;

/** Records what the user said during a turn. @returns the messages. */
export function recordSteering(
  steers: readonly Said[],
  deps: SteerDeps,
): readonly string[] | Promise<readonly string[]> {
  const { hooks } = deps;
  if (hooks?.hearsMessages && steers.length > 0) return recordHeard(steers, deps, hooks);
  for (const steer of steers) recordSteer(steer, deps);
  return steers.map(({ text }) => text);
}

function recordSteer({ text, images }: Said, deps: SteerDeps): void {
  deps.history.record({ type: 'user', kind: 'prompt', content: text, images });
  showUserMessage({ text }, deps);
  deps.window.progress();
}

/** One that a hook refuses goes back to the user, and the turn goes on without it. */
async function recordHeard(
  steers: readonly Said[],
  deps: SteerDeps,
  hooks: TurnHooks,
): Promise<readonly string[]> {
  const sent: string[] = [];
  for (const [index, steer] of steers.entries()) {
    try {
      const { notes: said, refused } = await hooks.message(steer.text);
      if (refused !== undefined) {
        handBack(steer, deps);
        continue;
      }
      recordSteer(steer, deps);
      for (const note of said) deps.history.note(note);
      sent.push(steer.text);
    } catch (error) {
      for (const unsent of steers.slice(index)) handBack(unsent, deps);
      throw error;
    }
  }
  return sent;
}

/** @returns notes to be put behind the message. @throws ModelError if it is not to be sent; the signal's reason. */
async function heardByHooks(turn: UserTurn, deps: InputDeps, hooks: TurnHooks): Promise<readonly string[]> {
  try {
    const { notes: said, refused } = await hooks.message(turn.text);
    if (refused === undefined) return said;
    throw new ModelError(`a hook does not let this message be sent: ${refused}`, 'fail');
  } catch (error) {
    handBack({ ...turn, text: shownText(turn) }, deps);
    throw error;
  }
}

function handBack(
  { text, images }: Said,
  { emit, nextItemId }: Pick<InputDeps, 'emit' | 'nextItemId'>,
): void {
  emit({ type: 'unqueued', id: nextItemId(), text, ...(images && { images }) });
}

/** Shows a message of the user that is now part of the history. */
function showUserMessage(
  turn: Pick<UserTurn, 'text' | 'shownAs'>,
  { emit, nextItemId }: Pick<InputDeps, 'emit' | 'nextItemId'>,
): void {
  const text = shownText(turn);
  const sent = turn.text === text ? undefined : turn.text;
  const item = { type: 'user_message', id: nextItemId(), text, sent } as const;
  emit({ type: 'item_started', item });
  emit({ type: 'item_completed', item });
}

async function retrieve(
  text: string,
  { settings, conversation, window, emit }: InputDeps,
  find: Retrieve,
  signal: AbortSignal,
  most = Number.POSITIVE_INFINITY,
): Promise<void> {
  const history = conversation.history.items;
  const found = await find(
    text,
    { numCtx: settings.numCtx, left: Math.min(window.left, most), history },
    signal,
  );
  if (found === undefined) return;
  const tell = { history: conversation.history, emit };
  if (found.memory?.isFirst) addMemory(found.memory, tell);
  addCode(found, tell);
  if (found.memory?.isFirst === false) addMemory(found.memory, tell);
}

type Telling = Pick<InputDeps, 'history' | 'emit'>;

function addMemory({ memories, text }: Recalled, { history, emit }: Telling): void {
  history.note(text);
  emit({ type: 'recalled', memories, text });
}

function addCode({ text, places, isLate, isByWords }: Retrieved, { history, emit }: Telling): void {
  if (isLate) return emit({ type: 'retrieved', places: [], isLate });
  if (text === '') {
    if (isByWords) emit({ type: 'retrieved', places, isByWords });
    return;
  }
  history.note(notes.code(text));
  emit({ type: 'retrieved', places, isByWords, text });
}
