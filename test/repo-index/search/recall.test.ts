import { expect, onTestFinished, test } from 'vitest';
import { updateCommits } from '../../../src/repo-index/reading/commits.ts';
import { historyVotes } from '../../../src/repo-index/search/recall.ts';
import { openTemporaryStore, type Store } from '../../../src/repo-index/store/store.ts';
import { commit, repository, write } from '../repository.ts';

/** A store with one commit for each list of files, all about the same. */
function storeOf(...commits: readonly (readonly string[])[]): Store {
  const store = openTemporaryStore();
  onTestFinished(() => store.close());
  for (const [id, files] of commits.entries()) {
    store.sql("INSERT INTO commits(id, hash, time, words) VALUES (?, ?, 0, 'login')").run(id, `hash${id}`);
    store.sql('INSERT INTO commit_words(rowid, subject) VALUES (?, ?)').run(id, 'login');
    for (const file of files)
      store.sql('INSERT INTO commit_files(commit_id, path) VALUES (?, ?)').run(id, file);
  }
  return store;
}

test('a commit of four files gives each of them half the vote that a commit of one gives', () => {
  const four = ['b1.ts', 'b2.ts', 'b3.ts', 'b4.ts'];
  const votes = historyVotes(storeOf(['a.ts'], four), ['login']);
  const whole = votes.get('a.ts') ?? 0;
  expect(whole).toBeGreaterThan(0);
  expect(four.map((file) => (votes.get(file) ?? 0) / whole)).toEqual(four.map(() => expect.closeTo(0.5, 6)));
});

test('votes of several commits add up', () => {
  const votes = historyVotes(storeOf(['a.ts'], ['a.ts'], ['b.ts']), ['login']);
  expect((votes.get('a.ts') ?? 0) / (votes.get('b.ts') ?? 1)).toBeCloseTo(2, 6);
});

test('nothing is asked without words, and other words find nothing', () => {
  const store = storeOf(['a.ts']);
  expect([historyVotes(store, []), historyVotes(store, ['logout'])]).toEqual([new Map(), new Map()]);
});

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
