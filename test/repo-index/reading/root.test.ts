import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { listFiles } from '../../../src/repo-index/reading/files.ts';
import { repositoryRoot } from '../../../src/repo-index/reading/repository-root.ts';
import { git, temporaryFolder, write } from '../repository.ts';

test('a home folder that is a repository for its settings is not the project of the folders in it', async () => {
  const home = realpathSync(temporaryFolder());
  vi.stubEnv('HOME', home);
  git(home, 'init', '-q');
  write(home, { '.gitignore': '*\n!.profile\n', '.profile': '' });
  const work = path.join(home, 'work', 'app');
  mkdirSync(path.join(work, 'src'), { recursive: true });
  expect(repositoryRoot(home)).toBe(home);
  expect(repositoryRoot(work)).toBe(work);
  git(path.join(home, 'work'), 'init', '-q');
  expect(repositoryRoot(path.join(work, 'src'))).toBe(path.join(home, 'work'));
});

test('without a repository of its own, a folder below such a home has files', async () => {
  const home = realpathSync(temporaryFolder());
  git(home, 'init', '-q');
  const work = path.join(home, 'work');
  mkdirSync(work);
  write(home, { '.gitignore': '*\n', 'work/a.ts': 'a', 'work/.gitignore': 'b.ts\n', 'work/b.ts': 'b' });
  const { paths, source } = await listFiles(work);
  expect([paths.toSorted(), source]).toEqual([['.gitignore', 'a.ts'], 'rg']);
});
