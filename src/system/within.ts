/** Waiting for something, at most for a time or until an abort. */

/** How a wait ended. */
export type Waited<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted' };

/** The longest time that a timer can wait. */
export const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * Waits for `promise`, at most for `ms` or until `signal` aborts. Rejects as `promise` does during the wait; afterwards its
 * outcome is ignored.
 */
export async function within<T>(promise: Promise<T>, ms: number, signal?: AbortSignal): Promise<Waited<T>> {
  if (signal?.aborted === true) {
    // It may still fail when nothing listens any more.
    promise.catch(() => undefined);
    return { kind: 'aborted' };
  }
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => {};
  try {
    return await Promise.race<Waited<T>>([
      promise.then((value) => ({ kind: 'done', value })),
      new Promise((resolve) => {
        timer = setTimeout(() => resolve({ kind: 'timeout' }), ms);
        onAbort = () => resolve({ kind: 'aborted' });
        signal?.addEventListener('abort', onAbort);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** What `work` comes to. @throws as it does; the reason of the signal if that aborts before. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Aborts after `ms`, or as soon as `signal` does. */
export function timeLimit(ms: number, signal?: AbortSignal): AbortSignal {
  const limit = AbortSignal.timeout(ms);
  return signal === undefined ? limit : AbortSignal.any([signal, limit]);
}
