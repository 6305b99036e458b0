/**
 * The messages between the thread of the index and the rest of oagent.
 *
 * Invariants: every call gets exactly one answer, even when it fails. All of it can be cloned.
 */
import type { IndexStatus } from './index-core.ts';
import type { Progress } from './reading/indexer.ts';
import type { SearchHit, SearchOptions } from './search/search.ts';
import type { Why } from './search/why.ts';
import type { QuestionVector } from './vectors/embed-models.ts';
import type { ChatState, Embedded, VectorSetup } from './vectors/vector-side.ts';
import type { NoVectors, VectorsStatus } from './vectors/vectors-state.ts';

export interface WorkerData {
  readonly root: string;
  readonly folder: string;
  readonly watch: boolean;
  /** See system/find-program.ts. */
  readonly distrusted: readonly string[];
  /** Undefined: a search is by words alone. */
  readonly vectors?: VectorSetup;
}

export interface WorkerStatus extends IndexStatus {
  readonly vectors?: VectorsStatus | NoVectors;
}

export interface WorkerCalls {
  /** Resolves when the index is up to date. */
  readonly update: { readonly args: Record<string, never>; readonly result: null };
  /** Resolves when everything that can be embedded is. */
  readonly embedded: { readonly args: Record<string, never>; readonly result: null };
  readonly search: {
    readonly args: {
      readonly query: string;
      readonly options: Omit<SearchOptions, 'signal' | 'vectors' | 'floor'>;
      /** How long to wait for the vector of the question. */
      readonly patienceMs: number;
    };
    readonly result: {
      readonly hits: readonly SearchHit[];
      /** The vector of the question was waited for in vain: words alone decided. */
      readonly isVectorLate: boolean;
      readonly question?: QuestionVector | undefined;
    };
  };
  /** Vectors of texts that are no chunks; null: none are made. */
  readonly embed: { readonly args: { readonly texts: readonly string[] }; readonly result: Embedded | null };
  readonly why: {
    readonly args: { readonly query: string; readonly name: string; readonly patienceMs: number };
    readonly result: Why;
  };
  readonly chat: { readonly args: ChatState; readonly result: null };
  readonly status: { readonly args: Record<string, never>; readonly result: WorkerStatus };
  readonly close: { readonly args: Record<string, never>; readonly result: null };
}

export type CallName = keyof WorkerCalls;

export type ToWorker =
  | {
      [N in CallName]: { readonly id: number; readonly call: N; readonly args: WorkerCalls[N]['args'] };
    }[CallName]
  | { readonly cancel: number };

export type FromWorker =
  | { readonly id: number; readonly result: WorkerCalls[CallName]['result'] }
  | { readonly id: number; readonly error: string }
  | { readonly progress: Progress }
  | { readonly status: WorkerStatus };
