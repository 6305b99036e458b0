/**
 * The thread of the index.
 *
 * Owns: the translation of messages into calls of index-core.ts and vector-side.ts. Invariant: whatever a call throws is its answer;
 * the thread ends after `close`. Does not: decide anything.
 */
import { getEnvironmentData, parentPort, workerData } from 'node:worker_threads';
import { TRACE_OF_MAIN } from '../system/trace.ts';
import { errorMessage } from '../text/error-message.ts';
import { createIndexCore, type IndexCore } from './index-core.ts';
import { createVectorSide } from './vectors/vector-side.ts';
import type { FromWorker, ToWorker, WorkerCalls, WorkerData, WorkerStatus } from './worker-protocol.ts';

/** Milliseconds between two reports of progress; of vectors, which have to be counted. */
const REPORT_MS = 100;
const VECTORS_REPORT_MS = 500;
/** Chunks by their vectors for a search; where it stays in a folder most of them are not in it. */
const NEAREST = 50;
const NEAREST_INSIDE = 400;

function serve(port: NonNullable<typeof parentPort>, data: WorkerData): void {
  const tell = (message: FromWorker): void => port.postMessage(message);
  let reportedAt = 0;
  let countedAt = 0;
  let recount: NodeJS.Timeout | undefined;
  const count = (): void => {
    clearTimeout(recount);
    recount = undefined;
    countedAt = performance.now();
    try {
      tell({ status: status() });
    } catch {
      // What cannot be counted now is counted after the next change.
    }
  };
  const side =
    data.vectors &&
    createVectorSide({
      ...data.vectors,
      root: data.root,
      folder: data.folder,
      store: () => core.store(),
      isCurrent: () => core.isCurrent(),
      onUnusable: (isDamaged) => (isDamaged ? core.renew() : void core.update('all').catch(() => undefined)),
      // The last change is told too, if later.
      onChange: () => {
        const wait = VECTORS_REPORT_MS - (performance.now() - countedAt);
        if (wait <= 0) count();
        else recount ??= setTimeout(count, wait);
      },
    });
  const status = (): WorkerStatus => ({
    ...core.status(),
    vectors: side?.status(),
  });
  const core: IndexCore = createIndexCore({
    root: data.root,
    folder: data.folder,
    watch: data.watch,
    onProgress: (progress) => {
      const isLast = progress.filesDone === progress.filesTotal;
      if (!isLast && performance.now() - reportedAt < REPORT_MS) return;
      reportedAt = performance.now();
      tell({ progress });
    },
    onSettled: () => {
      side?.refresh();
      count();
    },
    beforeReplaced: async () => side?.release(),
  });
  const searches = new Map<number, AbortController>();
  const answer = async (
    message: Exclude<ToWorker, { cancel: number }>,
  ): Promise<WorkerCalls[keyof WorkerCalls]['result']> => {
    switch (message.call) {
      case 'update':
        await core.update('all');
        return null;
      case 'search': {
        const controller = new AbortController();
        searches.set(message.id, controller);
        const { query, options, patienceMs } = message.args;
        const { signal } = controller;
        const most = options.path === undefined ? NEAREST : NEAREST_INSIDE;
        const vectors = (await side?.nearest(query, most, patienceMs, signal)) ?? [];
        return core.search(query, { ...options, vectors, signal });
      }
      case 'embedded':
        await side?.settled();
        return null;
      case 'chat':
        side?.setChat(message.args);
        return null;
      case 'status':
        return status();
      case 'close':
        await side?.close();
        await core.close();
        clearTimeout(recount);
        return null;
      default:
        return message satisfies never;
    }
  };
  port.on('message', (message: ToWorker) => {
    if ('cancel' in message) {
      searches.get(message.cancel)?.abort();
      return;
    }
    const { id } = message;
    answer(message)
      .then(
        (result) => tell({ id, result }),
        (error: unknown) => tell({ id, error: errorMessage(error) }),
      )
      .finally(() => {
        searches.delete(id);
        if (message.call === 'close') port.close();
      });
  });
}

if (getEnvironmentData(TRACE_OF_MAIN) !== undefined) {
  const { continueTrace } = await import('../system/trace-file.ts');
  continueTrace();
}
if (parentPort !== null) serve(parentPort, workerData as WorkerData);
