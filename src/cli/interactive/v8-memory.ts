import type { SessionPort } from '../../tui/ports.ts';

/** Bytes of memory; an answer of 5,000 tokens and 50 commands stay below. */
export const LARGE_SESSION = 125e6;

export interface V8Memory {
  /** Bytes that the process holds. */
  readonly rss: () => number;
  readonly setFlag: (flag: string) => void;
}

const own: V8Memory = {
  rss: () => process.memoryUsage.rss(),
  setFlag: (flag) => process.getBuiltinModule('node:v8').setFlagsFromString(flag),
};

/**
 * Collects earlier once the session has become large: in one of many hours that halves its memory, and a fork copies
 * less. In a small one it only costs, a tenth of an answer's CPU and a dozen wake-ups of an idle view.
 * @returns what ends that.
 */
export function saveMemory(
  session: Pick<SessionPort, 'subscribe'>,
  { rss, setFlag }: V8Memory = own,
): () => void {
  const unsubscribe = session.subscribe(({ type }) => {
    if (type !== 'item_completed' || rss() < LARGE_SESSION) return;
    setFlag('--optimize-for-size');
    unsubscribe();
  });
  return unsubscribe;
}
