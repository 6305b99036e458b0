import { plural } from './digits.ts';

/** Why a request waits. @param before how many are before it; undefined: it is not known. */
export function queueText(before: number | undefined): string {
  return before === undefined ? 'it is busy' : `${plural(before, 'request')} before yours`;
}
