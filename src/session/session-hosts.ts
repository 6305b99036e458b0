/**
 * The hosts of a session that lasts: the model is looked for on the one in use, and on all of them when that one is gone.
 *
 * A host is only changed between turns, and one that has come back is not returned to: it would have to read the conversation again.
 */
import { type ChosenModel, chooseLoaded, NoModelError } from '../model/choose.ts';
import { ModelError } from '../model/errors.ts';
import type { ModelServer } from '../model/server.ts';
import type { HostAnswer } from '../protocol.ts';
import { timeLimit } from '../system/within.ts';
import type { ChosenHost } from './chosen-host.ts';
import { answerLimitMs, endpointsOf } from './connect.ts';
import type { SessionPlan } from './plan.ts';
import type { FoundModel } from './server-watch.ts';

/** The host in use counts as gone after this time, or as many times the limit of the others. */
const GONE_MS = 1_000;
const GONE_LIMITS = 3;

export interface HostsOptions {
  readonly client: ModelServer;
  readonly plan: () => SessionPlan;
  readonly closed: AbortSignal;
  /** The model in use. */
  readonly model: () => ChosenModel | undefined;
  /** Another one is used from now on. */
  readonly onChosen: (server: ChosenHost) => void;
}

export class SessionHosts {
  readonly #options: HostsOptions;
  #answers: readonly HostAnswer[] | undefined;

  constructor(options: HostsOptions) {
    this.#options = options;
  }

  get areSeveral(): boolean {
    return endpointsOf(this.#options.plan()).length > 1;
  }

  /** What each of several has said when one was chosen last. */
  get answers(): readonly HostAnswer[] | undefined {
    return this.#answers;
  }

  /** The model on the host in use or, if it is not to be had there, on another one. @throws ModelError */
  async choose(): Promise<FoundModel> {
    const { client, plan, closed, model } = this.#options;
    const inUse = model();
    const wanted = inUse?.name ?? plan().loaded.config.model;
    if (!this.areSeveral) return chooseLoaded(client, wanted, closed, inUse === undefined);
    if (inUse !== undefined && (await this.#isThere((limit) => client.show(inUse.name, limit)))) return inUse;
    return this.#chooseHost(wanted);
  }

  /** Whether the host in use answers. */
  isThere(): Promise<boolean> {
    return this.#isThere((limit) => this.#options.client.version(limit));
  }

  async #isThere(ask: (limit: AbortSignal) => Promise<unknown>): Promise<boolean> {
    const { plan, closed } = this.#options;
    const limitMs = Math.max(GONE_MS, GONE_LIMITS * answerLimitMs(plan().loaded.config));
    return ask(timeLimit(limitMs, closed)).then(
      () => true,
      () => false,
    );
  }

  async #chooseHost(wanted: string | undefined): Promise<FoundModel> {
    const { client, plan, closed, model, onChosen } = this.#options;
    const { chooseHost, NoHostError } = await import('./host-choice.ts');
    const limitMs = answerLimitMs(plan().loaded.config);
    try {
      const chosen = await chooseHost(endpointsOf(plan()), { wanted, limitMs }, closed);
      this.#answers = chosen.hosts;
      const before = client.host;
      client.moveTo?.(chosen.endpoint);
      onChosen(chosen);
      return { ...chosen.model, hasMoved: client.host !== before };
    } catch (error) {
      if (!(error instanceof NoHostError)) throw error;
      this.#answers = error.hosts;
      if (error.answering === undefined) throw new ModelError(error.message, 'fail');
      // Models are listed and pulled there.
      if (model() === undefined) client.moveTo?.(error.answering);
      throw new NoModelError(error.message);
    }
  }
}
