/**
 * What a key does to an overlay: it goes on, or it ends with a result.
 *
 * Owns: the type. Does not: hold anything.
 */
export type Step<State, Result> = { readonly state: State } | { readonly result: Result };
