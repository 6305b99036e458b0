import { percentOf } from './money.js';

const RATES = { full: 19, reduced: 7, none: 0 };

/** Tax on a net amount, in cents. Throws on an unknown rate. */
export function taxOn(net, rate) {
  if (!Object.hasOwn(RATES, rate)) throw new RangeError(`unknown tax rate: ${rate}`);
  return percentOf(net, RATES[rate]);
}
