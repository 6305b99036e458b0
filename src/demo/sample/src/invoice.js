import { discountPercent } from './discount.js';
import { formatMoney, percentOf } from './money.js';
import { taxOn } from './tax.js';

/** One priced line: gross price of all pieces, less the discount, plus the tax. */
function priceLine({ article, quantity, price, tax }) {
  const full = quantity * price;
  const discount = percentOf(full, discountPercent(quantity));
  const net = full - discount;
  return { article, quantity, discount, net, tax: taxOn(net, tax) };
}

/** Prices an order. `price` is cents per piece, `tax` one of full, reduced, none. */
export function invoice(order) {
  const lines = order.map(priceLine);
  const net = lines.reduce((sum, line) => sum + line.net, 0);
  const tax = lines.reduce((sum, line) => sum + line.tax, 0);
  return { lines, net, tax, total: net + tax };
}

/** The invoice as text, a line an article. */
export function render({ lines, net, tax, total }) {
  const row = (label, cents) => `${label.padEnd(28)}${formatMoney(cents).padStart(12)}`;
  return [
    ...lines.map((line) => row(`${line.quantity} x ${line.article}`, line.net)),
    row('Net', net),
    row('Tax', tax),
    row('Total', total),
  ].join('\n');
}
