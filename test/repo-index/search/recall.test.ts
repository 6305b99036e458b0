import { expect, onTestFinished, test } from 'vitest';
import { updateCommits } from '../../../src/repo-index/reading/commits.ts';
import { historyVotes } from '../../../src/repo-index/search/recall.ts';
import { openTemporaryStore } from '../../../src/repo-index/store/store.ts';
import { commit, repository, write } from '../repository.ts';

test('a commit shares its vote among its files: one that touched many says less about each', async () => {
  const root = repository();
  const store = openTemporaryStore();
  onTestFinished(() => store.close());
  const many = Array.from({ length: 16 }, (_, at) => `many${at}.ts`);
  write(root, { 'one.ts': '1\n' });
  commit(root, 'Retry of lost sockets');
  write(root, Object.fromEntries(many.map((name) => [name, '1\n'])));
  commit(root, 'Retry of lost sockets');
  write(root, { 'other.ts': '1\n' });
  commit(root, 'Colours of the footer');
  await updateCommits(root, store);
  const votes = historyVotes(store, ['retri', 'socket']);
  expect([...votes.keys()].sort()).toEqual([...many, 'one.ts'].sort());
  expect((votes.get('one.ts') ?? 0) / (votes.get('many0.ts') ?? 0)).toBeCloseTo(4, 5);
});
