/** While an answer is written that is not shown, reports now and then that it is being written. */

const LIFE_SIGN_MS = 5_000;

/** @returns a function to call for each piece of the answer. */
export function lifeSign(report: () => void): () => void {
  let last = performance.now();
  return () => {
    const now = performance.now();
    if (now - last < LIFE_SIGN_MS) return;
    last = now;
    report();
  };
}
