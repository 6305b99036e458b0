/**
 * A session in a terminal as the terminal saw it: every byte and every size in the order in which they came.
 */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/**
 * `look`: the screen is at rest, as far as a session that goes on can be; what is on it can be judged. `copy`: a look at
 * what the terminal gives to a user who copies everything.
 */
export type Seen =
  | { readonly bytes: string }
  | { readonly size: Size }
  | { readonly look: true }
  | { readonly copy: true };

export interface Recording {
  readonly start: Size;
  readonly seen: readonly Seen[];
}

/** What a terminal has: the scrollback and the screen, the rows that it wrapped joined again. */
export type History = readonly string[];
