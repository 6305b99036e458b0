/**
 * Has the server download a model. A pull ends in success, an error or an abort. An interrupted one costs nothing:
 * the server keeps what it has and resumes from there. There is no idle limit: verifying a large model takes minutes
 * without a line.
 */

import { cutPull } from './errors.ts';
import type { ModelServer } from './server.ts';

/** One line of a pull. Counts are bytes of the part that `digest` names. */
export interface PullProgress {
  readonly status: string;
  readonly digest: string | undefined;
  readonly total: number | undefined;
  readonly completed: number | undefined;
}

/**
 * Downloads a model from Ollama's library.
 *
 * @throws ModelError with what to do; the signal's reason once it is aborted.
 */
export async function pullModel(
  client: Pick<ModelServer, 'pull'>,
  name: string,
  onProgress: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  let status = '';
  for await (const line of client.pull(name, signal)) {
    status = typeof line.status === 'string' ? line.status : '';
    onProgress({
      status,
      digest: typeof line.digest === 'string' ? line.digest : undefined,
      total: bytes(line.total),
      // Zeros are left out: a part of which nothing is there yet has no count.
      completed: bytes(line.completed) ?? (bytes(line.total) === undefined ? undefined : 0),
    });
  }
  if (status !== 'success') throw cutPull(name);
}

function bytes(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}
