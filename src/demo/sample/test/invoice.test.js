import assert from 'node:assert/strict';
import test from 'node:test';
import { invoice, render } from '../src/invoice.js';

const order = [
  { article: 'Notebook', quantity: 12, price: 350, tax: 'full' },
  { article: 'Field guide', quantity: 1, price: 1995, tax: 'reduced' },
];

test('discount comes off before tax', () => {
  assert.deepEqual(invoice(order), {
    lines: [
      { article: 'Notebook', quantity: 12, discount: 210, net: 3990, tax: 758 },
      { article: 'Field guide', quantity: 1, discount: 0, net: 1995, tax: 140 },
    ],
    net: 5985,
    tax: 898,
    total: 6883,
  });
});

test('an unknown tax rate is refused', () => {
  assert.throws(() => invoice([{ article: 'Pen', quantity: 1, price: 120, tax: 'half' }]), RangeError);
});

test('the printed invoice ends with the total', () => {
  assert.equal(render(invoice(order)).split('\n').at(-1), 'Total                              68.83');
});
