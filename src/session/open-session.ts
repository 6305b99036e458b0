/** Finds the model and makes the agent, for a caller that waits until both are there. */

import type { MemoryUse } from '../memory/use/memory-use.ts';
import { chooseLoaded } from '../model/choose.ts';
import type { ModelError } from '../model/errors.ts';
import { ModelMeasures } from '../model/measures.ts';
import { withRetries } from '../model/retry.ts';
import type { OpenSession } from './build-agent.ts';
import { refuseCloudOfProject } from './cloud-model.ts';
import type { CodeIndex } from './code-index.ts';
import { connect } from './connect.ts';
import type { Extensions } from './extensions.ts';
import { needsDigest } from './model-profile.ts';
import type { SessionPlan } from './plan.ts';
import { reconnectMs } from './reconnect.ts';
import { withWorkFinished } from './unfinished-work.ts';

/**
 * @param onRetry hears of a request that failed and is tried again.
 * @throws ModelError, also for a model that a project may not choose
 */
export async function openSession(
  plan: SessionPlan,
  {
    openIndex,
    openMemories,
    openExtensions,
    onRetry,
    rules,
  }: {
    /** Opens the index of the repository. */
    readonly openIndex?: () => Promise<CodeIndex | undefined>;
    readonly openMemories?: () => Promise<MemoryUse | undefined>;
    readonly openExtensions?: () => Promise<Extensions>;
    /** The plan as it is when a turn begins; absent: as it is now. */
    readonly rules?: () => SessionPlan;
    readonly onRetry: (error: ModelError, attempt: number) => void;
  },
  signal: AbortSignal,
): Promise<OpenSession> {
  const { client, idleTimeoutMs, maxRetries } = connect(plan);
  const { config } = plan.loaded;
  const { model } = config;
  const withDigest =
    model !== undefined && needsDigest(config, new ModelMeasures(plan.home), client.host, model);
  const choose = async () => plan.server?.model ?? chooseLoaded(client, model, signal, withDigest);
  // The loop, its tools and the index are loaded while the server looks the model up.
  const [chosen, { buildAgent }, ready, index, memories, extensions] = await Promise.all([
    withRetries(choose, onRetry, signal, reconnectMs(config, plan.source), maxRetries),
    import('./build-agent.ts'),
    withWorkFinished(plan),
    openIndex && afterSending().then(openIndex),
    openMemories && afterSending().then(openMemories),
    openExtensions && afterSending().then(openExtensions),
  ]);
  refuseCloudOfProject(plan.loaded, chosen);
  return buildAgent(ready, { client, idleTimeoutMs, index, memories, extensions, rules, ...chosen });
}

/** Until a request that was just made is on its way: what is loaded meanwhile would hold it up. */
async function afterSending(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
}
