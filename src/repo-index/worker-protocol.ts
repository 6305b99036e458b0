/**
 * What the thread of the index and the rest of oagent say to each other.
 *
 * Invariants: every call gets exactly one answer, also when it fails. All of it can be cloned. Does not: do anything.
 */
import type { IndexStatus } from './index-core.ts';
import type { Progress } from './reading/indexer.ts';
import type { SearchHit, SearchOptions } from './search/search.ts';
import type { ChatState, VectorSetup } from './vectors/vector-side.ts';
import type { NoVectors, VectorsStatus } from './vectors/vectors-state.ts';

/** What the worker is started with. */
export interface WorkerData {
  readonly root: string;
  readonly folder: string;
  readonly watch: boolean;
  /** See system/find-program.ts. */
  readonly distrusted: readonly string[];
  /** Absent: a search is by words alone. */
  readonly vectors?: VectorSetup;
}

export interface WorkerStatus extends IndexStatus {
  readonly vectors?: VectorsStatus | NoVectors;
}

export interface WorkerCalls {
  /** Resolves when the index is up to date. */
  readonly update: { readonly args: Record<string, never>; readonly result: null };
  /** Resolves when what can be embedded is. */
  readonly embedded: { readonly args: Record<string, never>; readonly result: null };
  readonly search: {
    readonly args: {
      readonly query: string;
      readonly options: Omit<SearchOptions, 'signal' | 'vectors'>;
      /** Milliseconds that the vector of the question is waited for. */
      readonly patienceMs: number;
    };
    readonly result: readonly SearchHit[];
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
