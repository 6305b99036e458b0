/**
 * A turn of the user's from its message on: into the history, then to the model.
 *
 * Invariants: the message is shown at once, and it is recorded also where the room for it could not be made: what was
 * shown is what the model will be told. Does not: ask the model (turn.ts).
 */
import type { Environment } from '../context/environment.ts';
import type { Profile } from '../model/call-profile.ts';
import type { AgentOptions, Retrieve } from './agent-options.ts';
import { LeakedAnswer } from './call-learning.ts';
import type { Conversation } from './conversation.ts';
import type { Beginning } from './lead-instead.ts';
import { notes } from './notes.ts';
import type { Room } from './room.ts';
import { runTurn, showUserMessage, type TurnDeps } from './turn.ts';
import type { UserTurn } from './turn-queue.ts';

export interface InputDeps extends TurnDeps {
  readonly profile: Profile;
  readonly conversation: Conversation;
  readonly room: Room;
  readonly readEnvironment: () => Environment;
  readonly retrieve: AgentOptions['retrieve'];
  /** The same turn with the model led from now on, and the way back. */
  readonly asLed: () => { readonly deps: InputDeps; readonly undo: () => void };
  /** Hears of the turn before anything of it is shown. */
  readonly began: (environment: Environment) => void;
}

/** @returns the text of the last message. @throws as runTurn, and ModelError where no room can be made. */
export async function runUserTurn(turn: UserTurn, deps: InputDeps, signal: AbortSignal): Promise<string> {
  const { settings, vision, conversation, room, emit } = deps;
  const environment = deps.readEnvironment();
  deps.began(environment);
  showUserMessage(turn.text, deps);
  if (turn.images?.length && !vision) {
    const message = `${settings.model} cannot see images: it is only told that there was one`;
    emit({ type: 'warning', message });
  }
  if (deps.profile === 'led') return runLed(turn, environment, deps, signal);
  const start = conversation.history.items.length;
  try {
    // Without a pause where there is none to be made: what is said meanwhile comes behind the first request.
    if (room.isDueFor(turn)) await room.compact(signal);
  } finally {
    conversation.recordInput(turn, environment);
  }
  // Without a pause where there is nothing to look in.
  const { retrieve: find } = deps;
  if (find === undefined) return runNative(deps, { turn, environment, start }, signal);
  const bringCode = (message: string, until: AbortSignal): Promise<void> =>
    retrieve(message, deps, find, until);
  await bringCode(turn.text, signal);
  return runNative({ ...deps, bringCode }, { turn, environment, start }, signal);
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

/** Loaded for models that are led. */
async function runLed(
  turn: UserTurn,
  environment: Environment,
  deps: InputDeps,
  signal: AbortSignal,
): Promise<string> {
  const { openLedTurn, runLedTurn } = await import('./led/led-turn.ts');
  let opening: Awaited<ReturnType<typeof openLedTurn>> | undefined;
  try {
    if (deps.room.isDueFor(turn)) await deps.room.compact(signal);
    opening = await openLedTurn(deps.cwd, turn.text, signal);
  } finally {
    deps.conversation.recordInput(turn, environment, opening?.text);
  }
  return runLedTurn(deps, opening, signal);
}

async function retrieve(
  text: string,
  { settings, conversation, room, emit }: InputDeps,
  find: Retrieve,
  signal: AbortSignal,
): Promise<void> {
  const history = conversation.history.items;
  const found = await find(text, { numCtx: settings.numCtx, left: room.left, history }, signal);
  if (found === undefined) return;
  conversation.recordNote(notes.code(found.text));
  emit({ type: 'retrieved', places: found.places });
}
