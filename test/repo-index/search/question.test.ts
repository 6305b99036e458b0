import { expect, onTestFinished, test } from 'vitest';
import { questionOf } from '../../../src/repo-index/search/question.ts';
import { openTemporaryStore, type Store } from '../../../src/repo-index/store/store.ts';

function store(): Store {
  const made = openTemporaryStore();
  onTestFinished(() => made.close());
  for (const body of ['openSocket opensocket', 'openSocket opensocket', 'retryCount retrycount'])
    made.sql("INSERT INTO words(path, symbol, body) VALUES ('', '', ?)").run(body);
  return made;
}

const NOISE = Array.from({ length: 60 }, (_, at) => `10:00:${at} INFO worker ${at} heartBeat fine`);

test('of a pasted log the first line, the last, and those that name something of the repository, rarest first', () => {
  const log = [
    'it hangs:',
    ...NOISE,
    'WARN openSocket',
    'WARN retryCount',
    'WARN openSocket',
    ...NOISE,
    'why?',
  ];
  expect(questionOf(store(), log.join('\n'))).toBe('it hangs:\nwhy?\nWARN retryCount\nWARN openSocket');
});

test.each([
  ['a short message', 'it hangs\nin openSocket\nsince today'],
  ['a log that names nothing of the repository', NOISE.join('\n')],
])('%s is taken as it is', (_, message) => {
  expect(questionOf(store(), message)).toBe(message);
});
