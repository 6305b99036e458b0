/** One deliberate fault. The lists in this folder are what `npm run mutate` (scripts/mutate.ts) works through. */
export interface Mutation {
  /** Where the text is. If it has moved to another file, that is used, and the list is reported as out of date. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** What would go wrong for a user. */
  readonly why: string;
  /** Test files or folders of which one must fail; by default the tests of the room. */
  readonly tests?: readonly string[];
}
