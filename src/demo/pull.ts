/**
 * POST /api/pull: the lines of a download that takes no time, and the model that is there afterwards.
 *
 * The lines are as recorded from a real server: counts of zero are left out, and a name that the library does not
 * have is an error line after the first status. Nothing is kept of an interrupted pull.
 */
import { parseBody } from './chat-request.ts';
import { WireError } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { digestOf, findModel, type ModelSpec, sizeOf } from './models.ts';

export interface PullContext {
  /** What the server has; a pulled model is added. */
  readonly models: ModelSpec[];
  /** What its library has. */
  readonly library: readonly ModelSpec[];
  readonly chunkDelayMs: number;
}

/** Lines of progress for each part. */
const STEPS = 4;
/** Bytes of the part after the weights, the template. */
const SMALL_PART = 1_429;

export async function handlePull(context: PullContext, exchange: Exchange, raw: string): Promise<void> {
  const body = parseBody(raw);
  const name = String(body.model ?? body.name ?? '');
  if (!/^\w[\w.-]*(?:[/:]\w[\w.-]*)*$/.test(name)) throw new WireError(400, 'invalid model name');
  const say = async (line: { readonly [key: string]: unknown }): Promise<void> => {
    await exchange.line(line);
    await exchange.pause(context.chunkDelayMs);
  };
  await say({ status: 'pulling manifest' });
  const model = found(context.library, name) ?? found(context.models, name);
  if (model === undefined) return exchange.error(500, 'pull model manifest: file does not exist');
  const digest = digestOf(model);
  const parts = [
    { digest, total: sizeOf(model) },
    { digest: [...digest].reverse().join(''), total: SMALL_PART },
  ];
  for (const part of parts) {
    const line = {
      status: `pulling ${part.digest.slice(0, 12)}`,
      digest: `sha256:${part.digest}`,
      total: part.total,
    };
    for (let step = 0; step <= STEPS; step += 1) {
      const completed = Math.floor((part.total * step) / STEPS);
      await say(completed === 0 ? line : { ...line, completed });
    }
  }
  for (const status of ['verifying sha256 digest', 'writing manifest']) await say({ status });
  if (found(context.models, name) === undefined) context.models.push(model);
  await say({ status: 'success' });
  exchange.end();
}

function found(models: readonly ModelSpec[], name: string): ModelSpec | undefined {
  try {
    return findModel(models, name);
  } catch {
    return undefined;
  }
}
