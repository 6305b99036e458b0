/**
 * What the first answers of a session show of how its model calls tools, where nobody has tried it before.
 *
 * Invariants: only answers in which something was called count; what was configured is not doubted; it is written once, at
 * the end of a turn. Does not: decide what follows (model/call-profile.ts), or lead the model (led/).
 */
import { callKind } from '../model/call-kind.ts';
import { type CallKind, profileOf, withCall } from '../model/call-profile.ts';
import { digestOf } from '../model/choose.ts';
import type { OllamaClient } from '../model/client.ts';
import type { ModelMeasures } from '../model/measures.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { Tool } from '../tools/tool.ts';
import type { AgentModel } from './conversation.ts';

/** An answer that ends one way of working with the model; it has not been judged yet, and the other way may take it up. */
abstract class SetAside extends Error {
  readonly turn: ModelTurn;

  constructor(message: string, turn: ModelTurn) {
    super(message);
    this.turn = turn;
  }
}

/** The first answer of a model that nobody knows: a call, written as text. */
export class LeakedAnswer extends SetAside {
  override readonly name = 'LeakedAnswer';

  constructor(turn: ModelTurn) {
    super('the model wrote its call as text', turn);
  }
}

/** The first choice of a model that is led: the server did not hold it to the schema, so it may be anything. */
export class NotHeld extends SetAside {
  override readonly name = 'NotHeld';

  constructor(turn: ModelTurn) {
    super('the server does not hold the model to a schema', turn);
  }
}

export class CallLearning {
  readonly #client: Pick<OllamaClient, 'host' | 'installed'>;
  readonly #measures: ModelMeasures | undefined;
  #seen: CallKind[] = [];

  constructor(client: Pick<OllamaClient, 'host' | 'installed'>, measures: ModelMeasures | undefined) {
    this.#client = client;
    this.#measures = measures;
  }

  /** Hears of the first answer of a turn. @throws LeakedAnswer where the model could be led instead. */
  hear(turn: ModelTurn, tools: readonly Tool[], mayLead: boolean): void {
    const kind = callKind(
      turn,
      tools.map(({ schema }) => schema),
    );
    if (kind === 'none') return;
    this.#seen.push(kind);
    if (kind === 'leaked' && mayLead) throw new LeakedAnswer(turn);
  }

  /**
   * Keeps what was seen for later. Never rejects.
   *
   * @returns the model as it is worked with from the next turn on, where it was native until it was known.
   */
  async keep(model: AgentModel, signal: AbortSignal): Promise<AgentModel | undefined> {
    const seen = this.#seen.splice(0);
    const measures = this.#measures;
    const { model: name } = model.settings;
    if (seen.length === 0 || measures === undefined) return undefined;
    const digest = model.digest ?? (await digestOf(this.#client, name, signal));
    if (digest === undefined) return undefined;
    const { host } = this.#client;
    const record = seen.reduce(withCall, measures.callsOf(host, name, digest));
    measures.keepCalls(host, name, digest, record);
    const isNews = profileOf(record) === 'led' && model.profileSource === 'unknown';
    // Only where the server is known to hold the model to a schema, or has not been tried.
    if (!isNews || measures.of(host, name).obeysFormat === false) return undefined;
    return { ...model, digest, profile: 'led', profileSource: 'measured' };
  }
}
