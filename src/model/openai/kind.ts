/** What the kinds of servers that speak OpenAI's chat API have of their own. */

import type { ModelPhase } from '../../protocol/requests.ts';
import type { JsonObject } from '../../protocol.ts';
import type { ChatRequest, ChatSettings, PromptProgress } from '../server.ts';
import type { Ask } from './ask.ts';
import type { WireBody } from './chat-body.ts';
import type { SamplingForm } from './sampling.ts';

/** A model that a server has; what it does not say is absent. Windows in tokens. */
export interface ServedModel {
  readonly id: string;
  readonly aliases?: readonly string[];
  /** The window that the server gives it. */
  readonly window?: number | undefined;
  /** The most that it was trained for. */
  readonly modelMax?: number | undefined;
  readonly isLoaded: boolean;
  /** Its prompt has a place for tools; absent: the server does not say, and is believed to make one. */
  readonly tools?: boolean;
  readonly sees?: boolean;
  readonly embeds?: boolean;
  /** Its template can be told whether to think; `levels`: how much. */
  readonly thinking?: 'switch' | 'levels' | undefined;
  /** Changes with the weights and the template. */
  readonly digest?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
  /** Billions. */
  readonly parameters?: number | undefined;
  readonly quantization?: string | undefined;
  readonly family?: string | undefined;
}

export interface Kind {
  readonly name: string;
  readonly version?: string | undefined;
  readonly abilities: readonly string[];
  /** The models, in the server's order. */
  models(ask: Ask): Promise<readonly ServedModel[]>;
  /** All that it says about one of them; absent: what the list says. */
  readonly describe?: (ask: Ask, model: ServedModel) => Promise<ServedModel>;
  readonly sampling: SamplingForm;
  /** Added to the body of a chat. */
  readonly extras: (settings: ChatSettings, request: ChatRequest) => JsonObject;
  /** The exact number of tokens of a prompt. */
  readonly count?: (ask: Ask, body: WireBody) => Promise<number | undefined>;
  /** What the server does with a request that has not been answered yet; absent: it cannot be asked. */
  readonly phase?: (ask: Ask, model: string) => Promise<Doing | undefined>;
}

export interface Doing {
  readonly phase: ModelPhase;
  readonly progress?: PromptProgress;
}

export function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
