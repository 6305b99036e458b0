/** What a turn needs, from the user's message on. */
import type { Environment } from '../context/environment.ts';
import type { Profile } from '../model/call-profile.ts';
import type { AgentOptions } from './agent-options.ts';
import type { Conversation } from './conversation.ts';
import type { NamedImage } from './eyes.ts';
import type { LedBeginning } from './led/begin.ts';
import type { TurnDeps } from './turn.ts';
import type { UserTurn } from './turn-queue.ts';
import type { WindowKeeper } from './window-keeper.ts';

export interface InputDeps extends TurnDeps {
  readonly profile: Profile;
  readonly conversation: Conversation;
  readonly window: WindowKeeper;
  readonly readEnvironment: () => Environment;
  readonly retrieve: AgentOptions['retrieve'];
  readonly skills: AgentOptions['skills'];
  readonly mcp: AgentOptions['mcp'];
  readonly review: AgentOptions['review'];
  /** What another model says of images, as the model gets it; see Eyes. */
  readonly describe: (images: readonly NamedImage[]) => Promise<readonly string[]>;
  /** The same turn with the model led from now on, and a way to undo that. */
  readonly asLed: () => { readonly deps: InputDeps; readonly undo: () => void };
  /** Called before anything of the turn is shown. */
  readonly began: (environment: Environment) => void;
}

export interface Beginning {
  readonly turn: UserTurn;
  readonly environment: Environment;
  /** The length of the history before the user's message. */
  readonly start: number;
}

/** What opens a led turn. */
export function ledBeginning(
  turn: UserTurn,
  { cwd, isPlan = false, conversation, window, tools, emit }: InputDeps,
): LedBeginning {
  return {
    cwd,
    message: turn.text,
    isPlan,
    history: conversation.history.items,
    left: window.left,
    tools,
    emit,
  };
}
