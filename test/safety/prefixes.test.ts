import { expect, test } from 'vitest';
import { classify } from '../../src/safety/dangerous.ts';
import { mayBeSaved, offerFor } from '../../src/safety/prefixes.ts';

const offer = (command: string, proposed?: readonly string[]) => {
  const { prefix, isExact = false } = offerFor(classify(command).segments ?? [], proposed) ?? {};
  return prefix && `${prefix.join(' ')}${isExact ? '' : ' …'}`;
};

test.each<[string, string | undefined]>([
  ['git push origin main', 'git push …'],
  ['git commit -m "a b"', 'git commit …'],
  ["bash -lc 'git add .'", 'git add …'],
  ['git add . && git add -u', 'git add …'],
  ['git add . && git commit -m a', undefined],
  ['cargo build', 'cargo build'],
  ['cargo build --release', 'cargo build --release'],
  ['go test ./...', 'go test ./...'],
  ['cargo build && cargo build', 'cargo build'],
  ['cargo build && cargo build --release', undefined],
  ['cargo run', undefined],
  ['cargo --offline build', undefined],
  ['cargo build > log', undefined],
  ['cargo test *.rs', undefined],
])('%j offers %j', (command, expected) => {
  expect(offer(command)).toBe(expected);
});

test.each([
  ...[
    'find . -name a',
    'tar xf a',
    'npx a',
    'npm test',
    'npm run build',
    'npm install',
    'pnpm i',
    'yarn',
    'make',
    'make all',
    'docker ps',
  ],
  ...[
    'ssh host',
    'vim a',
    'gdb a',
    'flock a b',
    'xargs a',
    'env',
    'env a',
    'git',
    'git -C a push',
    'git -c a=b push',
    'git config a b',
  ],
  ...[
    'git p',
    'git lfs pull',
    'git submodule update',
    'git bisect run a',
    'git rebase -i',
    'git difftool',
    'python3 a.py',
    'python -m pytest',
  ],
  ...[
    'node a.js',
    'bash a.sh',
    './a.sh',
    'sudo ls',
    'curl https://a',
    'rm a',
    'cp a b',
    'touch a',
    'pip install a',
    'awk 1',
    'sed -i s/a/b/ c',
  ],
  ...[
    'kubectl get pods',
    'gradle build',
    'mvn test',
    'just a',
    'task a',
    'go run .',
    'go generate',
    'cargo install a',
    'uv run a',
    'poetry run a',
  ],
  ...[
    'git push --receive-pack=a x',
    'git push --rec=a x',
    'git fetch --upload-pack a',
    'git add -p',
    'git merge -s a b',
    'git pull ext::a',
  ],
])('is never offered: %j', (command) => {
  const words = command.split(' ');
  expect([offer(command), offer(command, words), offer(command, words.slice(0, 1))]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([true, false].map((isExact) => mayBeSaved({ prefix: words, isExact }))).toEqual([false, false]);
});

test("the model's proposal is taken only if it may be saved and covers every command", () => {
  expect(offer('git push origin main', ['git', 'push', 'origin'])).toBe('git push origin …');
  expect(offer('git push', ['git'])).toBe('git push …');
  expect(offer('git push', ['git', 'add'])).toBe('git push …');
  expect(offer('cargo build', ['cargo'])).toBe('cargo build');
  expect(offer('cargo build --release', ['cargo', 'build'])).toBe('cargo build --release');
  expect(offer('git push', [])).toBe('git push …');
  expect(offer('git push\u007f', ['git', 'push'])).toBeUndefined();
});

test('a line break and half a character are not saved', () => {
  const saved = (word: string) => mayBeSaved({ prefix: ['git', 'add', word], isExact: false });
  expect(['a', 'b\nc', '\ud800'].map(saved)).toEqual([true, false, false]);
});
