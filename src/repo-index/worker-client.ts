/**
 * The index's thread, seen from outside: starts and ends it, and matches answers to calls.
 *
 * Invariants: a call that is aborted rejects at once; when the thread dies, every open call rejects, and later ones reject too. A thread
 * that has died is not replaced.
 */
import { Worker } from 'node:worker_threads';
import { programFile } from './program-file.ts';
import type { Progress } from './reading/indexer.ts';
import type {
  CallName,
  FromWorker,
  ToWorker,
  WorkerCalls,
  WorkerData,
  WorkerStatus,
} from './worker-protocol.ts';

export interface WorkerClientOptions {
  readonly data: WorkerData;
  readonly onProgress?: (progress: Progress) => void;
  /** After each update of the index, and while chunks are embedded. */
  readonly onStatus?: (status: WorkerStatus) => void;
  /** When the thread ends without having been asked to. */
  readonly onDeath?: (reason: Error) => void;
}

interface OpenCall {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Milliseconds that the thread has to finish its work when it is closed. */
const GRACE_MS = 2_000;
/** Of the thread's heap. More made the first indexing 4 % faster, for 40 to 60 MB that stay with the process. */
const YOUNG_MB = 16;
/**
 * Of the rest of it, far above what it needs (30 MB for the list of 100,000 files): V8 waits for half as much garbage again as there
 * is in use where this is small, and for three times as much where it is not.
 */
const OLD_MB = 512;

export class WorkerClient {
  readonly #options: WorkerClientOptions;
  readonly #worker: Worker;
  readonly #calls = new Map<number, OpenCall>();
  readonly #ended = Promise.withResolvers<void>();
  #last = 0;
  #death: Error | undefined;
  #isClosing = false;

  /** Starts the thread. */
  constructor(options: WorkerClientOptions) {
    this.#options = options;
    this.#worker = new Worker(programFile('worker.ts', 'index-worker.js'), {
      workerData: options.data,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB, maxOldGenerationSizeMb: OLD_MB },
      // Node 22 announces that its SQLite is new.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    // The thread keeps oagent alive only while a call is open: its death is an answer too.
    this.#worker.unref();
    this.#worker.on('error', (error) => this.#die(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', () => {
      this.#die(new Error('its thread has ended'));
      this.#ended.resolve();
    });
    this.#worker.on('message', (message: FromWorker) => this.#hear(message));
  }

  /** @throws Error with the worker's message, or the signal's reason. */
  call<N extends CallName>(
    name: N,
    args: WorkerCalls[N]['args'],
    signal?: AbortSignal,
  ): Promise<WorkerCalls[N]['result']> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) return reject(this.#death);
      if (signal?.aborted) return reject(signal.reason);
      this.#last += 1;
      const id = this.#last;
      const onAbort = (): void => {
        this.#over(id);
        this.#worker.postMessage({ cancel: id } satisfies ToWorker);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const done = (): void => signal?.removeEventListener('abort', onAbort);
      this.#worker.ref();
      this.#calls.set(id, {
        resolve: (result) => {
          done();
          resolve(result);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      this.#worker.postMessage({ id, call: name, args });
    });
  }

  /** Ends the thread; nothing of it is left when this resolves. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const timer = setTimeout(() => void this.#worker.terminate(), GRACE_MS);
    await this.call('close', {}).catch(() => undefined);
    this.#worker.ref();
    await this.#ended.promise;
    clearTimeout(timer);
  }

  #hear(message: FromWorker): void {
    if ('progress' in message) return this.#options.onProgress?.(message.progress);
    if ('status' in message) return this.#options.onStatus?.(message.status);
    const open = this.#calls.get(message.id);
    this.#over(message.id);
    if ('error' in message) open?.reject(new Error(message.error));
    else open?.resolve(message.result as never);
  }

  #over(id: number): void {
    this.#calls.delete(id);
    if (this.#calls.size === 0) this.#worker.unref();
  }

  #die(error: Error): void {
    if (this.#death === undefined && !this.#isClosing) this.#options.onDeath?.(error);
    this.#death ??= error;
    for (const { reject } of this.#calls.values()) reject(this.#death);
    this.#calls.clear();
  }
}
