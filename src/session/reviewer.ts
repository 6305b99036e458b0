/** What a review of the command line is made of: the model that a session would use, and the index of the repository. */
import { PromptMeter } from '../agent/prompt-meter.ts';
import { tooWideForWriting } from '../config/trust.ts';
import { chooseLoaded } from '../model/choose.ts';
import { ModelMeasures } from '../model/measures.ts';
import { withRetries } from '../model/retry.ts';
import type { ReviewDeps } from '../review/review.ts';
import type { FindCode } from '../review/surroundings.ts';
import { within } from '../system/within.ts';
import { refuseCloudOfProject } from './cloud-model.ts';
import { PARTS_SEARCH } from './code-index.ts';
import { connect, onOneHost } from './connect.ts';
import type { SessionPlan } from './plan.ts';
import { planModel } from './planned-model.ts';
import { reconnectMs } from './reconnect.ts';

export interface OpenReviewer {
  readonly deps: ReviewDeps;
  /** As the server lists it. */
  readonly model: string;
  /** Keeps what the server has counted, for later sessions. */
  readonly close: () => Promise<void>;
}

type Reported = Pick<ReviewDeps, 'onRetry'>;

/** How long a first reading of the repository may take; without it a review has no surroundings. */
const INDEX_MS = 20_000;

/** @throws ModelError, also for a model that a project may not choose; ConfigError; the signal's reason */
export async function openReviewer(
  plan: SessionPlan,
  reported: Reported,
  signal: AbortSignal,
): Promise<OpenReviewer> {
  const index = await openIndex(plan);
  try {
    const [reviewer] = await Promise.all([openModel(plan, reported, signal), index?.ready(signal)]);
    return {
      ...reviewer,
      deps: { ...reviewer.deps, findCode: index?.find },
      close: async () => {
        await reviewer.close();
        await index?.close();
      },
    };
  } catch (error) {
    await index?.close();
    throw error;
  }
}

async function openModel(
  plan: SessionPlan,
  { onRetry }: Reported,
  signal: AbortSignal,
): Promise<OpenReviewer> {
  const placed = await onOneHost(plan, signal);
  const { client, idleTimeoutMs, maxRetries } = connect(placed);
  const { config } = placed.loaded;
  const choose = async () => placed.server?.model ?? chooseLoaded(client, config.model, signal);
  const chosen = await withRetries(choose, onRetry, signal, reconnectMs(config, placed.source), maxRetries);
  refuseCloudOfProject(placed.loaded, chosen);
  const { settings } = planModel(placed, client, chosen, idleTimeoutMs);
  const measures = new ModelMeasures(placed.home);
  const known = measures.of(client.host, chosen.name);
  const meter = new PromptMeter(known.bytesPerToken, known.msPerToken);
  return {
    deps: { client, settings, meter, onRetry },
    model: chosen.name,
    close: async () => measures.keepRate(client.host, chosen.name, meter.bytesPerToken),
  };
}

interface Index {
  readonly find: FindCode;
  /** Resolves when the repository was read, when that takes too long, and when the signal aborts. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** By words, as it is by now: no vectors are made for it. */
async function openIndex({ cwd, home, env, loaded }: SessionPlan): Promise<Index | undefined> {
  if (!loaded.config.index.enabled || tooWideForWriting(cwd, env, home) !== undefined) return undefined;
  const { IndexService } = await import('../repo-index/service.ts');
  const service = new IndexService({ cwd, home, watch: false });
  return {
    find: (words, until) => service.search(words, { ...PARTS_SEARCH, signal: until }),
    ready: async (signal) => {
      // What cannot be indexed is reviewed all the same.
      const read = service.update().catch(() => undefined);
      await within(read, INDEX_MS, signal);
    },
    close: () => service.close(),
  };
}
