import assert from 'node:assert/strict';
import test from 'node:test';
import { discountPercent } from '../src/discount.js';

test('a few pieces get no discount', () => {
  assert.deepEqual([1, 2, 9].map(discountPercent), [0, 0, 0]);
});

test('a tier starts with its own quantity', () => {
  assert.deepEqual([10, 50, 200].map(discountPercent), [5, 10, 15]);
});

test('the highest tier reached counts', () => {
  assert.deepEqual([49, 199, 5000].map(discountPercent), [5, 10, 15]);
});
