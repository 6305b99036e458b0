/** What `exec` ends with. */
import type { LimitCode } from '../../protocol.ts';

export const FAILED = 1;
export const WRONG_USAGE = 2;
export const NOT_VERIFIED = 3;
export const LIMIT_EXITS: { readonly [C in LimitCode]: number } = {
  max_steps: 4,
  max_time: 5,
  max_tokens: 6,
};
