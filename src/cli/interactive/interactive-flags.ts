/** What the command line says about an interactive session. */
import type { SessionFlags } from '../../session/flags.ts';
import type { SessionChoice } from '../../session/stored.ts';

export interface InteractiveFlags extends SessionFlags {
  readonly screenReader?: boolean;
  readonly ephemeral?: boolean;
  /** Seconds. */
  readonly quitWhenUnused?: string;
}

/** The session to begin with; without `session` and `isLast` the user chooses. */
export interface InteractiveChoice extends SessionChoice {
  readonly isLast?: boolean;
}
