/**
 * Asks about an answer that claims what was not seen. Once a turn: what is claimed again is left to the reader, who is
 * shown the evidence.
 *
 * Does not: find the claim (claims.ts), or ask the model: the caller does with its next request.
 */

import { notes } from '../notes.ts';
import type { SampleDeps } from '../sample.ts';
import { deniedClaim, type Seen } from './claims.ts';

/** @returns true if the model was told so. */
export function denies(
  answer: string,
  deps: Pick<SampleDeps, 'emit' | 'history'> & { readonly evidence: Seen },
): boolean {
  const fact = deniedClaim(answer, deps.evidence);
  if (fact === undefined) return false;
  deps.emit({ type: 'repaired', message: `the answer claims what did not happen (${fact}): asked again` });
  deps.history.note(notes.claim(fact));
  return true;
}
