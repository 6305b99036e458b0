/** The second look at a finding: whether it is true. */
import { closedObject } from '../model/constrained.ts';
import type { JsonObject } from '../protocol.ts';

const WRONG = 'wrong';
const RIGHT = 'right';

/** Names sort in the order of thought: the case before the verdict. */
export const CHECK_SCHEMA: JsonObject = closedObject({
  evidence: { type: 'string', maxLength: 500 },
  verdict: { enum: [RIGHT, WRONG] },
});

/** Undefined: the answer does not have the form. */
export function isDenied({ verdict }: JsonObject): boolean | undefined {
  return verdict === WRONG ? false : verdict === RIGHT ? true : undefined;
}
