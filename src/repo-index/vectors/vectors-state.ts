/** The state of a repository's vectors, and the line about it for /status and `oagent index`. */
import type { EmbedCounts, EmbedProgress } from './embed-call.ts';

export interface VectorsState {
  /** What answers queries now. */
  readonly backend: 'chroma' | 'local';
  /**
   * - `idle`: no vectors yet, or Chroma is not wanted.
   * - `starting`, `rebuilding`: Chroma will be there soon.
   * - `unsupported`: this system cannot run Chroma, and the local search is enough.
   * - `unavailable`: Chroma should work, and does not.
   */
  readonly phase: 'idle' | 'starting' | 'rebuilding' | 'ready' | 'unsupported' | 'unavailable';
  /** Why Chroma does not answer. */
  readonly reason?: string;
  readonly vectors: number;
  /** Changes that Chroma does not have yet. */
  readonly owed: number;
  /** How often the collection was rebuilt because it was not whole. */
  readonly rebuilds: number;
  readonly server?: { readonly pid: number; readonly port: number; readonly isJoined: boolean };
  /** Bytes of vectors in this process. */
  readonly localBytes: number;
}

export interface VectorsStatus extends VectorsState {
  readonly model: string;
  readonly dimensions: number | undefined;
  readonly target: string;
  readonly embedding: EmbedCounts;
  /** While chunks are being embedded. */
  readonly progress?: EmbedProgress;
  /** Why no more chunks are embedded now. */
  readonly problem?: string;
  /** Why the last question was searched by words alone. */
  readonly questionProblem?: string;
}

/** Why there are no vectors: there is no embedding model, or no server. */
export interface NoVectors {
  readonly unavailable: string;
}

export function vectorsLine(vectors: VectorsStatus | NoVectors): string {
  if ('unavailable' in vectors) return `semantic search off: ${vectors.unavailable}`;
  const { progress, problem, questionProblem } = vectors;
  const parts = [placeOf(vectors)];
  if (progress !== undefined) parts.push(embeddingLine(progress));
  if (problem !== undefined) parts.push(`embedding has stopped for now: ${problem}`);
  else if (questionProblem !== undefined)
    parts.push(`the last question was searched by words alone: ${questionProblem}`);
  return parts.join('; ');
}

/** `embedding 1200 of 5000 chunks, 35/s, 109 s left`. */
export function embeddingLine({ done, total, rate, paused }: EmbedProgress): string {
  const head = `embedding ${done} of ${total} chunks`;
  if (paused !== undefined) return `${head}, waiting: ${paused}`;
  if (rate === 0) return head;
  return `${head}, ${rate.toFixed(rate < 10 ? 1 : 0)}/s, ${Math.ceil((total - done) / rate)} s left`;
}

function placeOf(vectors: VectorsStatus): string {
  const { model, dimensions, vectors: count, target } = vectors;
  const head = `${count} vectors by ${model}${dimensions === undefined ? '' : ` (${dimensions} dimensions)`}`;
  const reason = vectors.reason === undefined ? '' : `: ${vectors.reason}`;
  switch (vectors.phase) {
    case 'idle':
      return head;
    case 'ready':
      return `${head}, ${target}${vectors.server ? `, port ${vectors.server.port}` : ''}`;
    case 'starting':
      return `${head}, local search while the ${target} starts${reason}`;
    case 'rebuilding':
      return `${head}, local search while the ${target} is rebuilt, ${vectors.owed} to go${reason}`;
    // Without the reason: `doctor` gives it, and this line is seen again and again.
    case 'unsupported':
      return `${head}, exact local search`;
    case 'unavailable':
      return `${head}, local search${reason}`;
    default:
      return vectors.phase satisfies never;
  }
}
