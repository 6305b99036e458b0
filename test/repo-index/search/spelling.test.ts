import { expect, onTestFinished, test } from 'vitest';
import { corrected, distance } from '../../../src/repo-index/search/spelling.ts';
import { openTemporaryStore } from '../../../src/repo-index/store/store.ts';

test.each<[string, string, number]>([
  ['retry', 'retry', 0],
  ['sned', 'send', 1],
  ['paramter', 'parameter', 1],
  ['parammeter', 'parameter', 1],
  ['perameter', 'parameter', 1],
  ['pramaeter', 'parameter', 2],
  ['a', 'parameter', 3],
])('from %s to %s', (a, b, steps) => {
  expect([distance(a, b, 2), distance(b, a, 2)]).toEqual([steps, steps]);
});

test('the nearest word of the index, and of equal ones the commonest; none for a short word or another beginning', () => {
  const store = openTemporaryStore();
  onTestFinished(() => store.close());
  for (const body of ['parameter parametes', 'parametes', 'sharereplay', 'sending', 'requestbuilderoptions'])
    store.sql("INSERT INTO words(path, symbol, body) VALUES ('', '', ?)").run(body);
  const meant = corrected(store, [
    'parametez',
    'sharereply',
    'sned',
    'baremeter',
    'requestbiulderoptons',
    'benutzt',
  ]);
  expect(meant).toEqual(
    new Map([
      ['parametez', 'parametes'],
      ['sharereply', 'sharereplay'],
      ['requestbiulderoptons', 'requestbuilderoptions'],
    ]),
  );
});
