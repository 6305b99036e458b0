/**
 * The thread of the index.
 *
 * Owns: the translation of messages into calls of index-core.ts. Invariant: whatever a call throws is its answer; the thread ends
 * after `close`. Does not: decide anything.
 */

import { parentPort, workerData } from 'node:worker_threads';
import { errorMessage } from '../text/error-message.ts';
import { createIndexCore, type IndexCore } from './index-core.ts';
import type { FromWorker, ToWorker, WorkerCalls, WorkerData } from './worker-protocol.ts';

/** Milliseconds between two reports of progress. */
const REPORT_MS = 100;

function serve(port: NonNullable<typeof parentPort>, data: WorkerData): void {
  const tell = (message: FromWorker): void => port.postMessage(message);
  let reportedAt = 0;
  const core: IndexCore = createIndexCore({
    ...data,
    onProgress: (progress) => {
      const isLast = progress.filesDone === progress.filesTotal;
      if (!isLast && performance.now() - reportedAt < REPORT_MS) return;
      reportedAt = performance.now();
      tell({ progress });
    },
    onSettled: () => tell({ status: core.status() }),
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
        const { query, options } = message.args;
        return core.search(query, { ...options, signal: controller.signal });
      }
      case 'status':
        return core.status();
      case 'close':
        await core.close();
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

if (parentPort !== null) serve(parentPort, workerData as WorkerData);
