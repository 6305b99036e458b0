/**
 * Questions an answer that claims what was not seen. Once a turn: if the claim is repeated, the user judges it, with
 * the evidence at hand.
 */

import { notes } from '../notes.ts';
import type { SampleDeps } from '../sample.ts';
import { deniedClaim, type Seen } from './claims.ts';

/** Adds a note for the next request. @returns whether there was a claim to question. */
export function denies(
  answer: string,
  deps: Pick<SampleDeps, 'emit' | 'history'> & { readonly evidence: Seen },
): boolean {
  const fact = deniedClaim(answer, deps.evidence);
  if (fact === undefined) return false;
  deps.emit({
    type: 'retry',
    ...{ attempt: 1, max: 1, isModelFault: true },
    reason: `the answer claims something that did not happen (${fact})`,
  });
  deps.history.note(notes.claim(fact));
  return true;
}
