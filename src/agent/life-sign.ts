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

/** The same, with how many pieces came since the last report. */
export function countingSign(report: (pieces: number) => void): () => void {
  let pieces = 0;
  const sign = lifeSign(() => {
    report(pieces);
    pieces = 0;
  });
  return () => {
    pieces += 1;
    sign();
  };
}

/** For what is held back because it may be a call: at once, then now and then. @returns a function to call with every delta. */
export function heldSign(report: (pieces: number) => void): (delta: AnswerDelta) => void {
  let isHeld = false;
  const sign = countingSign(report);
  return ({ type, text }) => {
    if (type !== 'text' || text !== '') return;
    if (isHeld) return sign();
    isHeld = true;
    report(1);
  };
}
