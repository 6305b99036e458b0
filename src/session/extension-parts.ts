/** What the parts of a session's extensions get from it. */

import type { Offer } from '../extensions/offer-brought.ts';
import type { Event } from '../protocol.ts';
import type { SessionPlan } from './plan.ts';

export interface ExtensionParts {
  /** The plan as it is by now: permissions and trust may change between turns. */
  readonly now: () => SessionPlan;
  /** For what concerns no turn. */
  readonly emit: (event: Event) => void;
  /** Asks the user about what a project brings; absent: nobody is there. */
  readonly offer?: Offer | undefined;
}
