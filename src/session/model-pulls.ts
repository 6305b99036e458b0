/**
 * The list of models and the pulls that the user asks for, as events.
 *
 * One pull per name; each ends in exactly one `pull_ended`; progress is thinned out to what a screen can show.
 */

import { listModels } from '../model/installed.ts';
import { ModelMeasures } from '../model/measures.ts';
import { type PullProgress, pullModel } from '../model/pull.ts';
import type { ModelServer } from '../model/server.ts';
import type { Event } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';
import { sessionProfile } from './model-profile.ts';
import type { SessionPlan } from './plan.ts';

/** Two events of the same status are at least this far apart. */
const INTERVAL_MS = 100;

/** Never rejects. */
export async function listedModels(
  { loaded, home }: Pick<SessionPlan, 'loaded' | 'home'>,
  client: ModelServer,
  signal: AbortSignal,
): Promise<Event> {
  const measures = new ModelMeasures(home);
  const profileOf = (name: string, digest: string | undefined) => {
    const { profile, profileSource } = sessionProfile(loaded.config, measures, client.host, { name, digest });
    return profileSource === 'unknown' ? undefined : profile;
  };
  try {
    return { type: 'models', models: await listModels(client, signal, profileOf) };
  } catch (error) {
    return { type: 'models', models: [], error: errorMessage(error) };
  }
}

export class ModelPulls {
  readonly #client: Pick<ModelServer, 'pull'>;
  readonly #emit: (event: Event) => void;
  readonly #running = new Map<string, AbortController>();

  constructor(client: Pick<ModelServer, 'pull'>, emit: (event: Event) => void) {
    this.#client = client;
    this.#emit = emit;
  }

  /** Starts a pull unless one of this name runs. @returns whether the model is there at the end. Never rejects. */
  async pull(name: string): Promise<boolean> {
    if (this.#running.has(name)) return false;
    const controller = new AbortController();
    this.#running.set(name, controller);
    const show = progressEvents(name, this.#emit);
    let error: string | undefined;
    try {
      await pullModel(this.#client, name, show, controller.signal);
    } catch (reason) {
      error = errorMessage(reason);
    }
    this.#running.delete(name);
    this.#emit({ type: 'pull_ended', name, error });
    return error === undefined;
  }

  cancel(name: string): void {
    this.#running.get(name)?.abort(new Error('cancelled'));
  }

  close(): void {
    for (const name of this.#running.keys()) this.cancel(name);
  }
}

/** Bytes are summed over the parts, so that one bar can show them. */
function progressEvents(name: string, emit: (event: Event) => void): (progress: PullProgress) => void {
  const parts = new Map<string, { readonly completed: number; readonly total: number }>();
  let lastStatus = '';
  let lastAt = 0;
  return ({ status, digest, total, completed }) => {
    if (digest !== undefined && total !== undefined) parts.set(digest, { completed: completed ?? 0, total });
    const now = performance.now();
    const isPartDone = total !== undefined && completed === total;
    if (status === lastStatus && !isPartDone && now - lastAt < INTERVAL_MS) return;
    lastStatus = status;
    lastAt = now;
    const all = parts.size === 0 ? undefined : [...parts.values()];
    const sum = (key: 'completed' | 'total') => all?.reduce((bytes, part) => bytes + part[key], 0);
    emit({ type: 'pull_progress', name, status, completed: sum('completed'), total: sum('total') });
  };
}
