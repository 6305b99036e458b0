/**
 * What the first answers of a session show of how its model calls tools, where nobody has tried it before.
 *
 * Invariants: only answers in which something was called count; what was configured is not doubted; it is written once, at
 * the end of a turn. Does not: decide what follows (model/call-profile.ts), or lead the model (led/).
 */
import { callKind } from '../model/call-kind.ts';
import { type CallKind, withCall } from '../model/call-profile.ts';
import { digestOf } from '../model/choose.ts';
import type { OllamaClient } from '../model/client.ts';
import type { ModelMeasures } from '../model/measures.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { Tool } from '../tools/tool.ts';
import type { AgentModel } from './conversation.ts';

/** The first answer of a model that nobody knows: a call, written as text. It has not been judged yet. */
export class LeakedAnswer extends Error {
  override readonly name = 'LeakedAnswer';
  readonly turn: ModelTurn;

  constructor(turn: ModelTurn) {
    super('the model wrote its call as text');
    this.turn = turn;
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

  /** Keeps what was seen for the sessions after this one. Never rejects. */
  async keep({ settings: { model }, digest }: AgentModel, signal: AbortSignal): Promise<void> {
    const seen = this.#seen.splice(0);
    const measures = this.#measures;
    if (seen.length === 0 || measures === undefined) return;
    const weights = digest ?? (await digestOf(this.#client, model, signal));
    if (weights === undefined) return;
    const { host } = this.#client;
    const record = seen.reduce(withCall, measures.callsOf(host, model, weights));
    measures.keepCalls(host, model, weights, record);
  }
}
