import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { namedFiles } from '../../../src/repo-index/search/named.ts';
import { openTemporaryStore } from '../../../src/repo-index/store/store.ts';
import { anyText } from '../../support/any-text.ts';

const FILES = [
  'context.go',
  'lib/hooks.js',
  'lib/reply.js',
  'src/app/ctx.py',
  'src/app/main.py',
  'org/demo/Parser.java',
  'a/index.ts',
  'b/index.ts',
  'c/index.ts',
  'd/index.ts',
];

function named(question: string): unknown[] {
  const store = openTemporaryStore();
  onTestFinished(() => store.close());
  for (const file of FILES) store.markWaiting(file, 0, 1);
  return [...namedFiles(store, question)].map(([file, { score, lines, isPlace }]) => [
    file,
    ...(isPlace ? [] : ['name']),
    score,
    ...lines,
  ]);
}

test.each<[string, string, unknown[]]>([
  ['a path', 'why is lib/hooks.js so slow?', [['lib/hooks.js', 1]]],
  ['a name alone', 'see `reply.js`.', [['lib/reply.js', 'name', 1]]],
  [
    'a line',
    'lib\\reply.js:12:3, then lib/hooks.js#L7',
    [
      ['lib/reply.js', 1, 12],
      ['lib/hooks.js', 0.9, 7],
    ],
  ],
  [
    'a trace of JavaScript',
    'at send (/x/node_modules/demo/lib/reply.js:8:9)\nat load (node:internal/lib/loader.js:1:2)\nat run (file:///x/lib/hooks.js:3:4)',
    [['lib/reply.js', 1, 8]],
  ],
  [
    'a trace of Python, the last call first',
    'Traceback (most recent call last):\n  File "/v/app/main.py", line 11, in a\n  File "/v/app/ctx.py", line 22, in b',
    [
      ['src/app/ctx.py', 1, 22],
      ['src/app/main.py', 0.9, 11],
    ],
  ],
  ['a trace of Java', 'at org.demo.Parser.run(Parser.java:40)', [['org/demo/Parser.java', 1, 40]]],
  ['a trace of Go', '\t/go/pkg/mod/demo@v1/context.go:185 +0x2b', [['context.go', 1, 185]]],
  ['one file twice', 'lib/reply.js:5 and lib/reply.js:9', [['lib/reply.js', 1, 5, 9]]],
  ['a path of another folder', 'other/reply.js', []],
  ['a name that four files have', 'index.ts', []],
  ['an address, a version, no path', 'https://x.org/lib/reply.js, v1.2, e.g. this', []],
])('%s', (_, question, files) => {
  expect(named(question)).toEqual(files);
});

test('whatever the text is, only files of the index are named, and few of them', () => {
  const text = fc.array(
    fc.oneof(anyText(), fc.constantFrom(...FILES, ':12', '/', '", line 3', 'most recent call last')),
  );
  fc.assert(
    fc.property(text, (parts) => {
      const found = named(parts.join(' '));
      expect(found.every((entry) => FILES.includes(String((entry as unknown[])[0])))).toBe(true);
    }),
    { numRuns: 50 },
  );
});
