/**
 * How a model calls tools, and which way of working follows from it.
 *
 * Owns: the decision. Invariants: pure; it rests on what was measured or configured, never on a name or a size.
 * Does not: read answers (call-kind.ts), or remember (measures.ts).
 */

/** `native`: the model calls tools by itself; `led`: each step is put to it as a choice. */
export type Profile = 'native' | 'led';

/** One answer where a call was due: a call, a call written as text, or neither. */
export type CallKind = 'native' | 'leaked' | 'none';

/** How many answers were of which kind. */
export type CallRecord = { readonly [K in CallKind]: number };

export const NO_CALLS: CallRecord = { native: 0, leaked: 0, none: 0 };

/** So many tries decide. */
const TRIES = 5;

/** The share of native calls that makes a model `native`. */
const MOSTLY = 0.8;

/** Old answers give way to new ones beyond this: a newer server may read the same weights better. */
const MAX_RECORDED = 40;

/**
 * undefined: too little is known, because all calls were native and there are few of them. One that was not is enough to
 * lead the model until native ones outweigh it: being led costs a good model little, and calls that are not made cost a
 * weak one the task.
 */
export function profileOf(record: CallRecord): Profile | undefined {
  const tries = triesOf(record);
  if (record.native === tries) return tries >= TRIES * MOSTLY ? 'native' : undefined;
  return record.native / tries >= MOSTLY ? 'native' : 'led';
}

export function triesOf({ native, leaked, none }: CallRecord): number {
  return native + leaked + none;
}

/** The record with one more answer. */
export function withCall(record: CallRecord, kind: CallKind): CallRecord {
  const next = { ...record, [kind]: record[kind] + 1 };
  if (triesOf(next) <= MAX_RECORDED) return next;
  const half = (count: number): number => Math.round(count / 2);
  return { native: half(next.native), leaked: half(next.leaked), none: half(next.none) };
}

/** What a session does, and why. */
export interface ProfileChoice {
  readonly profile: Profile;
  /** `unknown`: native until the first answers show something else. */
  readonly profileSource: 'config' | 'measured' | 'unknown';
}

export function chooseProfile(configured: Profile | undefined, record: CallRecord): ProfileChoice {
  if (configured !== undefined) return { profile: configured, profileSource: 'config' };
  const measured = profileOf(record);
  if (measured !== undefined) return { profile: measured, profileSource: 'measured' };
  return { profile: 'native', profileSource: 'unknown' };
}
