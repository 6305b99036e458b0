/** An answer that is not shown while it is written: that it is being written is said now and then. */

const LIFE_SIGN_MS = 5_000;

/** @returns to be called with each piece of the answer. */
export function lifeSign(tell: () => void): () => void {
  let last = performance.now();
  return () => {
    const now = performance.now();
    if (now - last < LIFE_SIGN_MS) return;
    last = now;
    tell();
  };
}
