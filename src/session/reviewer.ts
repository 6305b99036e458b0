/** What a review of the command line is made of: the model that a session would use, and the index of the repository. */
import { PromptMeter } from '../agent/prompt-meter.ts';
import { tooWideForWriting } from '../config/trust.ts';
import { chooseModel } from '../model/choose.ts';
import { ModelMeasures } from '../model/measures.ts';
import { withRetries } from '../model/retry.ts';
import type { ReviewDeps } from '../review/review.ts';
import type { FindCode } from '../review/surroundings.ts';
import { within } from '../system/within.ts';
import { modelSettings } from './build-agent.ts';
import { refuseCloudOfProject } from './cloud-model.ts';
import { PARTS_SEARCH } from './code-index.ts';
import { connect } from './connect.ts';
import type { SessionPlan } from './plan.ts';
import { reconnectMs } from './reconnect.ts';

export interface OpenReviewer {
  readonly deps: ReviewDeps;
  /** As the server lists it. */
  readonly model: string;
  /** Keeps what the server has counted, for later sessions. */
  readonly close: () => Promise<void>;
}

/** How long a first reading of the repository may take; without it a review has no surroundings. */
const INDEX_MS = 20_000;

/** @throws ModelError, also for a model that a project may not choose; ConfigError; the signal's reason */
export async function openReviewer(
  plan: SessionPlan,
  { onRetry }: Pick<ReviewDeps, 'onRetry'>,
  signal: AbortSignal,
): Promise<OpenReviewer> {
  const { client, idleTimeoutMs } = connect(plan);
  const { config } = plan.loaded;
  const choose = () => chooseModel(client, config.model, signal);
  const [chosen, index] = await Promise.all([
    withRetries(choose, onRetry, signal, reconnectMs(config, plan.source)),
    openIndex(plan, signal),
  ]);
  refuseCloudOfProject(plan.loaded, chosen);
  const { settings } = modelSettings(plan, client, chosen, idleTimeoutMs);
  const measures = new ModelMeasures(plan.home);
  const known = measures.of(client.host, chosen.name);
  const meter = new PromptMeter(known.bytesPerToken, known.msPerToken);
  return {
    deps: { client, settings, meter, onRetry, findCode: index?.find },
    model: chosen.name,
    close: async () => {
      measures.keepRate(client.host, chosen.name, meter.bytesPerToken);
      await index?.close();
    },
  };
}

interface Found {
  readonly find: FindCode;
  readonly close: () => Promise<void>;
}

/** By words, as it is by now: no vectors are made for it. */
async function openIndex(
  { cwd, home, env, loaded }: SessionPlan,
  signal: AbortSignal,
): Promise<Found | undefined> {
  if (!loaded.config.index.enabled || tooWideForWriting(cwd, env, home) !== undefined) return undefined;
  const { IndexService } = await import('../repo-index/service.ts');
  const service = new IndexService({ cwd, home, watch: false });
  // What cannot be indexed is reviewed all the same.
  const ready = service.update().catch(() => undefined);
  await within(ready, INDEX_MS, signal);
  return {
    find: (words, until) => service.search(words, { ...PARTS_SEARCH, signal: until }),
    close: () => service.close(),
  };
}
