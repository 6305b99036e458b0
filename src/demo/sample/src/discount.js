// Volume discount: the more pieces of one article, the more percent off.

/** Smallest first. `from` is the first quantity that gets the discount. */
const TIERS = [
  { from: 10, percent: 5 },
  { from: 50, percent: 10 },
  { from: 200, percent: 15 },
];

/** Percent off for a quantity of one article; 0 below the first tier. */
export function discountPercent(quantity) {
  let percent = 0;
  for (const tier of TIERS) {
    if (quantity > tier.from) percent = tier.percent;
  }
  return percent;
}
