/** The thread of the index: messages become calls of index-core.ts and vectors/vector-side.ts, and what a call throws is its answer. */
import { getEnvironmentData, type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { distrust } from '../system/find-program.ts';
import { TRACE_OF_MAIN } from '../system/trace.ts';
import { errorMessage } from '../text/error-message.ts';
import { IndexCore } from './index-core.ts';
import type { Progress } from './reading/indexer.ts';
import type { Why } from './search/why.ts';
import { VectorSide } from './vectors/vector-side.ts';
import type { FromWorker, ToWorker, WorkerCalls, WorkerData, WorkerStatus } from './worker-protocol.ts';

/** Milliseconds between two reports of progress, and of vectors, which have to be counted. */
const REPORT_MS = 100;
const VECTORS_REPORT_MS = 500;
/** Chunks by their vectors for a search; most of them are not in the folder that a search stays in. */
const NEAREST = 50;
const NEAREST_INSIDE = 400;

type Call = Exclude<ToWorker, { cancel: number }>;

class IndexWorker {
  readonly #port: MessagePort;
  readonly #core: IndexCore;
  readonly #side: VectorSide | undefined;
  readonly #searches = new Map<number, AbortController>();
  #progressAt = 0;
  #statusAt = 0;
  #statusTimer: NodeJS.Timeout | undefined;

  constructor(port: MessagePort, { root, folder, watch, distrusted, vectors }: WorkerData) {
    distrust(distrusted);
    this.#port = port;
    this.#core = new IndexCore({
      ...{ root, folder, watch },
      onProgress: (progress) => this.#onProgress(progress),
      onSettled: () => {
        this.#side?.refresh();
        this.#report();
      },
      beforeReplaced: async () => this.#side?.release(),
    });
    this.#side =
      vectors &&
      new VectorSide({
        ...vectors,
        ...{ root, folder },
        store: () => this.#core.store(),
        isCurrent: () => this.#core.isCurrent(),
        onUnusable: (isDamaged) => this.#onUnusable(isDamaged),
        onChange: () => this.#reportSoon(),
      });
    port.on('message', (message: ToWorker) => this.#hear(message));
  }

  #tell(message: FromWorker): void {
    this.#port.postMessage(message);
  }

  #hear(message: ToWorker): void {
    if ('cancel' in message) {
      this.#searches.get(message.cancel)?.abort();
      return;
    }
    const { id } = message;
    this.#answer(message)
      .then(
        (result) => this.#tell({ id, result }),
        (error: unknown) => this.#tell({ id, error: errorMessage(error) }),
      )
      .finally(() => {
        this.#searches.delete(id);
        if (message.call === 'close') this.#port.close();
      });
  }

  async #answer(message: Call): Promise<WorkerCalls[keyof WorkerCalls]['result']> {
    switch (message.call) {
      case 'update':
        await this.#core.update('all');
        return null;
      case 'search':
        return this.#search(message.id, message.args);
      case 'why':
        return this.#why(message.args);
      case 'embedded':
        await this.#side?.settled();
        return null;
      case 'embed':
        return (await this.#side?.embed(message.args.texts)) ?? null;
      case 'chat':
        this.#side?.setChat(message.args);
        return null;
      case 'status':
        return this.#status();
      case 'close':
        await this.#side?.close();
        await this.#core.close();
        clearTimeout(this.#statusTimer);
        return null;
      default:
        return message satisfies never;
    }
  }

  async #search(
    id: number,
    { query, options, patienceMs }: WorkerCalls['search']['args'],
  ): Promise<WorkerCalls['search']['result']> {
    const controller = new AbortController();
    this.#searches.set(id, controller);
    const { signal } = controller;
    const most = options.path === undefined ? NEAREST : NEAREST_INSIDE;
    const nearest = await this.#side?.nearest(query, most, patienceMs, signal);
    const hits = await this.#core.search(query, { ...options, ...nearest, signal });
    return { hits, isVectorLate: nearest?.isLate ?? false, question: nearest?.question };
  }

  async #why({ query, name, patienceMs }: WorkerCalls['why']['args']): Promise<Why> {
    const { signal } = new AbortController();
    const nearest = await this.#side?.nearest(query, NEAREST, patienceMs, signal);
    return this.#core.why(query, name, { ...nearest });
  }

  #status(): WorkerStatus {
    return { ...this.#core.status(), vectors: this.#side?.status() };
  }

  #onUnusable(isDamaged: boolean): void {
    if (isDamaged) this.#core.renew();
    else void this.#core.update('all').catch(() => undefined);
  }

  #onProgress(progress: Progress): void {
    const isLast = progress.filesDone === progress.filesTotal;
    if (!isLast && performance.now() - this.#progressAt < REPORT_MS) return;
    this.#progressAt = performance.now();
    this.#tell({ progress });
  }

  #report(): void {
    clearTimeout(this.#statusTimer);
    this.#statusTimer = undefined;
    this.#statusAt = performance.now();
    try {
      this.#tell({ status: this.#status() });
    } catch {
      // What cannot be counted now is counted after the next change.
    }
  }

  /** The last change is reported too, if later. */
  #reportSoon(): void {
    const wait = VECTORS_REPORT_MS - (performance.now() - this.#statusAt);
    if (wait <= 0) this.#report();
    else this.#statusTimer ??= setTimeout(() => this.#report(), wait);
  }
}

if (getEnvironmentData(TRACE_OF_MAIN) !== undefined) {
  const { continueTrace } = await import('../system/trace-file.ts');
  continueTrace();
}
if (parentPort !== null) new IndexWorker(parentPort, workerData as WorkerData);
