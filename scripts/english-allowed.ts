/** Where a phrase of the list is right, and why. */
export const ALLOWED: readonly {
  readonly file: string;
  /** As it is written there. */
  readonly phrase: string;
  /** A part of the text that it is in. */
  readonly text: string;
  readonly why: string;
}[] = [];
