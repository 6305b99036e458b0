import { expect, test } from 'vitest';
import { classify } from '../../src/safety/dangerous.ts';
import { coversAll, isBannedPrefix, suggestPrefix } from '../../src/safety/prefixes.ts';

const BANNED = [
  ...[
    'python',
    'python3',
    'python3.12',
    'python -',
    'python3 -c',
    'python -u',
    'python -m',
    'py -3',
    'pypy3',
  ],
  ...[
    '/usr/bin/python3',
    'PYTHON.EXE',
    'node',
    'node -e',
    'node --eval x',
    'deno eval',
    'perl -e',
    'ruby -e x',
  ],
  ...[
    'php -r',
    'lua',
    'lua5.4 -e',
    'bash',
    'bash -lc',
    'bash -c ls',
    'sh',
    'zsh -lc',
    '/bin/zsh',
    'pwsh -Command',
  ],
  ...[
    'env',
    'env ls',
    'sudo',
    'sudo ls',
    'xargs ls',
    'nohup',
    'eval',
    '.',
    'source a',
    'git',
    'git -C',
    '/usr/bin/git',
  ],
  ...['git -c a=b', 'rm', 'rm -rf', 'rm -r -f a', 'osascript', 'awk', ''],
];

test.each(BANNED)('banned: %j', (prefix) => {
  expect(isBannedPrefix(prefix.split(' '))).toBe(true);
});

test('an empty prefix, a line break and half a character are banned', () => {
  expect([[], ['a', 'b\nc'], ['a', '\ud800']].map(isBannedPrefix)).toEqual([true, true, true]);
});

test.each([
  ...[
    'cargo build',
    'npm test',
    'git push',
    'python -m pytest',
    'python3 a.py',
    'node a.js',
    'bash a.sh',
    'make',
  ],
  ...['rm a', 'rm -r a', 'pytest', 'nodemon', 'shfmt -w', 'gitk'],
])('not banned: %j', (prefix) => {
  expect(isBannedPrefix(prefix.split(' '))).toBe(false);
});

const suggest = (command: string, proposed?: readonly string[]) =>
  suggestPrefix(classify(command).segments ?? [], proposed);

test.each<[string, readonly string[] | undefined]>([
  ['cargo build --release', ['cargo', 'build']],
  ['npm test', ['npm', 'test']],
  ['npm run lint -- --fix', ['npm', 'run', 'lint']],
  ["bash -lc 'npm ci'", ['npm', 'ci']],
  ['git push origin main', ['git', 'push']],
  ['git -C a push', undefined],
  ['cargo --offline build', ['cargo', '--offline', 'build']],
  ['curl https://example.com/a', ['curl', 'https://example.com/a']],
  ['python -m pytest tests', ['python', '-m', 'pytest', 'tests']],
  ['python3 -c "print(1)"', undefined],
  ['node', undefined],
  ['rm -rf build', undefined],
  ['sudo apt install x', undefined],
  ['cargo build && cargo build --release', ['cargo', 'build']],
  ['cd a && cargo build', undefined],
  ['touch *.txt', undefined],
  ['cargo test *.rs', ['cargo', 'test']],
  ['cargo build > log', undefined],
])('%j offers %j', (command, prefix) => {
  expect(suggest(command)).toEqual(prefix);
});

test("the model's proposal is taken only if it may be saved and covers every command", () => {
  expect(suggest('curl -s https://a', ['curl'])).toEqual(['curl']);
  expect(suggest('cargo build', ['cargo'])).toEqual(['cargo']);
  expect(suggest('cargo build', ['npm'])).toEqual(['cargo', 'build']);
  expect(suggest('python3 a.py', ['python3'])).toEqual(['python3', 'a.py']);
  expect(suggest('cargo build', [])).toEqual(['cargo', 'build']);
  expect(suggest('cargo build && ls', ['cargo'])).toBeUndefined();
  expect(coversAll(['cargo'], [])).toBe(false);
});
