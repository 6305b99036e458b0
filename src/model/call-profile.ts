/**
 * How a model calls tools, and which way of working follows from it.
 *
 * Pure. The decision rests on what was measured or configured, never on a model's name or size.
 */

/** `native`: the model calls tools itself; `led`: it is given each step as a choice. */
export type Profile = 'native' | 'led';

/** An answer that should have been a call: a call, a call written as text, or neither. */
export type CallKind = 'native' | 'leaked' | 'none';

/** The number of answers of each kind. */
export type CallRecord = { readonly [K in CallKind]: number };

export const NO_CALLS: CallRecord = { native: 0, leaked: 0, none: 0 };

/** Enough tries to decide. */
const TRIES = 5;

/** The share of native calls that makes a model `native`. */
const MOSTLY = 0.8;

/** Beyond this, old answers count for less: a newer server may handle the same weights better. */
const MAX_RECORDED = 40;

/**
 * undefined: all calls so far were native, but there are too few. A single one that was not is enough to lead the model
 * until native ones outweigh it: being led costs a good model little, while missing calls cost a weak one the task.
 */
export function profileOf(record: CallRecord): Profile | undefined {
  const tries = triesOf(record);
  if (record.native === tries) return tries >= TRIES * MOSTLY ? 'native' : undefined;
  return record.native / tries >= MOSTLY ? 'native' : 'led';
}

export function triesOf({ native, leaked, none }: CallRecord): number {
  return native + leaked + none;
}

/** The record with another answer. */
export function withCall(record: CallRecord, kind: CallKind): CallRecord {
  const next = { ...record, [kind]: record[kind] + 1 };
  if (triesOf(next) <= MAX_RECORDED) return next;
  const half = (count: number): number => Math.round(count / 2);
  return { native: half(next.native), leaked: half(next.leaked), none: half(next.none) };
}

/** The profile of a session, and where it comes from. */
export interface ProfileChoice {
  readonly profile: Profile;
  /** `unknown`: native until the first answers show otherwise. */
  readonly profileSource: 'config' | 'measured' | 'unknown';
}

export function chooseProfile(configured: Profile | undefined, record: CallRecord): ProfileChoice {
  if (configured !== undefined) return { profile: configured, profileSource: 'config' };
  const measured = profileOf(record);
  if (measured !== undefined) return { profile: measured, profileSource: 'measured' };
  return { profile: 'native', profileSource: 'unknown' };
}
