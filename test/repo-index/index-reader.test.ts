/** An index that is only read: by a single task. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { IndexReader } from '../../src/repo-index/index-reader.ts';
import { indexFolder } from '../../src/repo-index/queries.ts';
import { Shown } from '../../src/repo-index/search/pack.ts';
import { IndexService } from '../../src/repo-index/service.ts';
import { INDEX_FILE, openStore } from '../../src/repo-index/store/store.ts';
import { repository, temporaryFolder, write } from './repository.ts';

const LOGIN = 'export function loginUser(name: string) {\n  return session(name);\n}\n';

/** A repository with an index. */
async function indexed(files: Readonly<Record<string, string>>) {
  const [root, home] = [repository(files), temporaryFolder()];
  const service = new IndexService({ cwd: root, home, watch: false });
  await service.update();
  await service.close();
  return { root, home };
}

/** A search may take as long as it does on a busy machine. */
const injectMs = 60_000;

function reader(root: string, home: string): IndexReader {
  const made = new IndexReader({ cwd: root, home, injectMs });
  onTestFinished(() => made.close());
  made.start();
  return made;
}

const options = () => ({ limit: 3, maxBytes: 4_000, signal: new AbortController().signal });

test('what is there is found at its present lines; what is gone or new is not, and the index stays as it is', async () => {
  const { root, home } = await indexed({
    'src/login.ts': LOGIN,
    'src/gone.ts': LOGIN.replace('User', 'Gone'),
  });
  write(root, {
    'src/login.ts': `// One.\n// Two.\n\n${LOGIN}`,
    'src/new.ts': LOGIN.replace('User', 'Later'),
  });
  rmSync(path.join(root, 'src/gone.ts'));
  const { text } = await reader(root, home).searchText(
    'where does the login session of a user begin',
    options(),
  );
  expect(text).toMatch(/src\/login\.ts:\d+-6\b/);
  expect(text).not.toMatch(/gone\.ts|new\.ts/);
  const store = openStore(indexFolder(home, root));
  onTestFinished(() => store.close());
  expect(
    store
      .files()
      .map((file) => [file.path, file.isWaiting])
      .sort(),
  ).toEqual([
    ['src/gone.ts', false],
    ['src/login.ts', false],
  ]);
});

test('a message gets its code', async () => {
  const { root, home } = await indexed({ 'src/login.ts': LOGIN });
  const found = await reader(root, home).inject('Where does loginUser make a session?', {
    budgetTokens: 500,
    shown: new Shown(),
  });
  expect(found?.excerpts.map(({ path: file, start, end }) => [file, start, end])).toEqual([
    ['src/login.ts', 1, 3],
  ]);
});

test('the search for a first message can begin before it, and is used for no other', async () => {
  const { root, home } = await indexed({
    'src/login.ts': LOGIN,
    'src/out.ts': LOGIN.replaceAll('log', 'wander'),
  });
  const asked: string[] = [];
  class Counting extends IndexReader {
    protected override find(...args: Parameters<IndexReader['search']>) {
      asked.push(args[0]);
      return super.find(args[0], args[1] ?? {});
    }
  }
  const counting = new Counting({ cwd: root, home, injectMs });
  onTestFinished(() => counting.close());
  const [first, other] = ['Where does loginUser make a session?', 'Where does wanderinUser make one?'];
  counting.prepare(first);
  expect(asked).toEqual([]);
  counting.start();
  const places = async (message: string, near: readonly string[] = []) => {
    const found = await counting.inject(message, { budgetTokens: 500, shown: new Shown(), near });
    return found?.excerpts.map(({ path: file }) => file);
  };
  counting.prepare(first);
  expect(asked).toEqual([first]);
  expect(await places(first)).toEqual(['src/login.ts']);
  expect(asked).toEqual([first]);
  expect(await places(first)).toEqual(['src/login.ts']);
  expect(asked).toEqual([first, first]);
  counting.prepare(first);
  expect(await places(other)).toEqual(['src/out.ts']);
  counting.prepare(first);
  expect(await places(first, ['src/out.ts'])).toEqual(['src/login.ts']);
  expect(asked).toEqual([first, first, first, other, first, first]);
  counting.prepare('ok');
  expect(asked).toHaveLength(6);
});

test.each([
  ['none', ''],
  ['damaged', 'src/login.ts:1-3 loginUser'],
])('an index that is %s adds nothing to a message, and is no error', async (state, found) => {
  const { root, home } = await indexed({ 'src/login.ts': LOGIN });
  const file = path.join(indexFolder(home, root), INDEX_FILE);
  if (state === 'none') rmSync(path.dirname(file), { recursive: true });
  else writeFileSync(file, 'no database'.repeat(1_000));
  const made = reader(root, home);
  const budget = { budgetTokens: 500, shown: new Shown() };
  const { text } = await made.searchText('login user', options());
  // Of a damaged one nothing is left but the folder that ripgrep searches.
  expect([
    made.hasVectors(),
    await made.inject('Where does loginUser make a session?', budget),
    text.split('\n')[0],
  ]).toEqual([false, undefined, found]);
});
