import assert from 'node:assert/strict';
import test from 'node:test';
import { formatMoney, parseMoney, percentOf } from '../src/money.js';

test('half a cent is rounded away from zero', () => {
  assert.equal(percentOf(350, 5), 18);
  assert.equal(percentOf(-350, 5), -18);
});

test('amounts are read and printed', () => {
  assert.equal(parseMoney('1234.50'), 123450);
  assert.equal(formatMoney(123450), '1,234.50');
  assert.equal(formatMoney(-5), '-0.05');
});

test('an amount with one decimal is refused', () => {
  assert.throws(() => parseMoney('19.9'), RangeError);
});
