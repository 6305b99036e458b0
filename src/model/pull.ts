/**
 * How the server gets another model.
 *
 * Invariants: a pull ends only in success, an error or an abort
 * (a broken-off pull costs nothing: the server keeps what it has and goes on from there). There is no limit of silence:
 * checking the sum of a large model takes minutes without a word.
 * Does not: list models (installed.ts), choose one (choose.ts).
 */
import type { OllamaClient } from './client.ts';
import { cutPull } from './errors.ts';

/** One line of a pull. Bytes; `digest` names the part that they are of. */
export interface PullProgress {
  readonly status: string;
  readonly digest: string | undefined;
  readonly total: number | undefined;
  readonly completed: number | undefined;
}

/**
 * Has the server get a model from its library.
 *
 * @throws ModelError with what to do; the signal's reason once it is aborted.
 */
export async function pullModel(
  client: Pick<OllamaClient, 'pull'>,
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
      // A part of which nothing is there has no count: zeros are left out.
      completed: bytes(line.completed) ?? (bytes(line.total) === undefined ? undefined : 0),
    });
  }
  if (status !== 'success') throw cutPull(name);
}

function bytes(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}
