/**
 * What the first answers of a session show about how its model calls tools, if that is not known.
 *
 * Only answers that call something count, and nothing that the user configured is questioned; the result is stored
 * once, at the end of a turn. What follows from it: model/call-profile.ts.
 */
import { callKind } from '../model/call-kind.ts';
import { type CallKind, profileOf, withCall } from '../model/call-profile.ts';
import { digestOf } from '../model/choose.ts';
import type { ModelMeasures } from '../model/measures.ts';
import type { ModelServer } from '../model/server.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { Tool } from '../tools/tool.ts';
import type { AgentModel } from './conversation.ts';

/**
 * An answer that ends one way of working with the model. It has not been judged yet, and may be used in the other way.
 */
abstract class SetAside extends Error {
  readonly turn: ModelTurn;

  constructor(message: string, turn: ModelTurn) {
    super(message);
    this.turn = turn;
  }
}

/** The first answer of an unknown model is a call written as text. */
export class LeakedAnswer extends SetAside {
  override readonly name = 'LeakedAnswer';

  constructor(turn: ModelTurn) {
    super('the model wrote its call as text', turn);
  }
}

/** The first choice of a led model is not within its schema: the server does not enforce it. */
export class NotHeld extends SetAside {
  override readonly name = 'NotHeld';

  constructor(turn: ModelTurn) {
    super('the server does not enforce the schema', turn);
  }
}

export class CallLearning {
  readonly #client: Pick<ModelServer, 'host' | 'installed'>;
  readonly #measures: ModelMeasures | undefined;
  #seen: CallKind[] = [];

  constructor(client: Pick<ModelServer, 'host' | 'installed'>, measures: ModelMeasures | undefined) {
    this.#client = client;
    this.#measures = measures;
  }

  /** Takes the first answer of a turn. @throws LeakedAnswer if the model could be led instead. */
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
   * Stores what was seen. Never rejects.
   *
   * @returns the model as it is used from the next turn on, if what was seen changes that.
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
    // Not on a server that is known not to enforce schemas.
    if (!isNews || measures.of(host, name).obeysFormat === false) return undefined;
    return { ...model, digest, profile: 'led', profileSource: 'measured' };
  }
}
