import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLog, updateCommits } from '../../../src/repo-index/reading/commits.ts';
import { openTemporaryStore } from '../../../src/repo-index/store/store.ts';
import { anyText } from '../../support/any-text.ts';
import { temporaryFolder } from '../repository.ts';

const HASH = 'a'.repeat(40);

test('the log of git gives hash, time, words and files; a sweeping commit is left out', () => {
  const many = Array.from({ length: 31 }, (_, at) => `f${at}`).join('\0');
  const log = `\x01${HASH} 12 Fix the retry\x02\0\nsrc/a.ts\0b c.ts\0\x01${HASH} 13 All\x02\0\n${many}\0\x01${HASH} 14 None\x02\0`;
  expect(parseLog(log)).toEqual([
    { hash: HASH, time: 12, words: 'fix the retri', files: ['src/a.ts', 'b c.ts'] },
  ]);
  fc.assert(
    fc.property(anyText(), (text) => {
      expect(parseLog(`${text}\x01${HASH} 1 ${text}\x02${text}`).length).toBeLessThanOrEqual(text.length + 1);
    }),
  );
});

test('of a log of many megabytes the newest commits count', { timeout: 60_000 }, async () => {
  const root = temporaryFolder();
  const store = openTemporaryStore();
  try {
    execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: root });
    execFileSync('git', ['fast-import', '--quiet'], { cwd: root, input: sweepingHistory(70) });
    await updateCommits(root, store);
    const words = store.sql('SELECT words FROM commits').all();
    expect(words.map((row) => row.words)).toEqual(['newest']);
  } finally {
    store.close();
  }
});

/** An ordinary commit, `sweeps` that change 5,000 files each, and an ordinary one. */
function sweepingHistory(sweeps: number): string {
  const names = Array.from({ length: 5_000 }, (_, at) => `${'folder'.repeat(7)}/file${at}`);
  const blobs = ['a', 'b'].map((text, at) => `blob\nmark :${at + 1}\ndata 1\n${text}\n`).join('');
  const commit = (subject: string, files: readonly string[], mark: number): string =>
    [
      `commit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata ${subject.length}\n${subject}`,
      ...files.map((name) => `M 100644 :${mark} ${name}`),
      '',
    ].join('\n');
  const swept = Array.from({ length: sweeps }, (_, at) => commit('Sweep', names, 1 + (at % 2)));
  return [blobs, commit('Oldest', ['old.txt'], 1), ...swept, commit('Newest', ['new.txt'], 1)].join('');
}
