import { expect, test } from 'vitest';
import { isKeepAlive, keepAliveOf } from '../../src/config/keep-alive.ts';

test.each([
  ['-1', -1],
  ['0', 0],
  [' 3600 ', 3600],
  [-1, -1],
  [300, 300],
  ['24h', '24h'],
  ['.5h', '.5h'],
  [99_999_999_999, -1],
  ['99999999999', -1],
  ['1h30m', '1h30m'],
  ['-1s', '-1s'],
  ['', undefined],
  ['server', undefined],
])('%j is sent as %j', (configured, sent) => {
  expect([isKeepAlive(configured), keepAliveOf(configured, {})]).toEqual([true, sent]);
});

test.each(['forever', '30 minutes', '1d', '30mm', '-'])('%j is refused', (configured) => {
  expect(isKeepAlive(configured)).toBe(false);
});

test("without a setting it is 30 minutes, or the server's own where that is known", () => {
  expect(keepAliveOf(undefined, {})).toBe('30m');
  expect(keepAliveOf(undefined, { OLLAMA_KEEP_ALIVE: ' ' })).toBe('30m');
  expect(keepAliveOf(undefined, { OLLAMA_KEEP_ALIVE: '-1' })).toBe(undefined);
});
