/** While an answer is written that is not shown, reports now and then that it is being written. */

import type { AnswerDelta } from '../model/answer/reader.ts';

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

/** For what is held back because it may be a call: at once, then now and then. @returns a function to call with every delta. */
export function heldSign(report: (pieces: number) => void): (delta: AnswerDelta) => void {
  let pieces = 0;
  let isHeld = false;
  const sign = lifeSign(() => {
    report(pieces);
    pieces = 0;
  });
  return ({ type, text }) => {
    if (type !== 'text' || text !== '') return;
    pieces += 1;
    if (!isHeld) {
      isHeld = true;
      report(pieces);
      pieces = 0;
    } else sign();
  };
}
