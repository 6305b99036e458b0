import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeParts } from '../../../src/agent/led/merge.ts';

const PY = 'import os\n\n\ndef add(a, b):\n    return a - b\n\n\ndef mul(a, b):\n    return a * b\n';
const FIXED = 'def add(a, b):\n    return a + b\n';
const MD = '# Tool\n\nA tool.\n\n## Use\n\nRun it.\n\n## Licence\n\nMIT\n';

test.each<[string, string, string, string, string | undefined]>([
  ['one function', 'a.py', PY, FIXED, PY.replace('a - b', 'a + b')],
  [
    'two, the other way round',
    'a.py',
    PY,
    `def mul(a, b):\n    return b * a\n\n\n${FIXED}`,
    PY.replace('a - b', 'a + b').replace('a * b', 'b * a'),
  ],
  ['a section', 'README.md', MD, '## Use\n\nStart it.\n', MD.replace('Run', 'Start')],
  [
    'windows',
    'a.py',
    PY.replaceAll('\n', '\r\n'),
    FIXED,
    PY.replace('a - b', 'a + b').replaceAll('\n', '\r\n'),
  ],
  ['a function that the file has not', 'a.py', PY, 'def sub(a, b):\n    return a - b\n', undefined],
  ['a function that it has twice', 'a.py', PY.replace('mul', 'add'), FIXED, undefined],
  ['nothing with a name', 'a.py', PY, 'return a + b\n', undefined],
  ['nothing', 'a.py', PY, '\n', undefined],
])('%s', (_name, file, old, written, merged) => {
  expect(mergeParts(old, written, file)).toBe(merged);
});

test('what is not named stays, byte for byte, and a text of its own changes nothing', () => {
  const piece = fc.constantFrom(
    ...[
      'def a():\n    return 1\n',
      'def b():\n    return 2\n',
      'x = 1\n',
      '\n',
      '# Title\n',
      'class C:\n    pass\n',
    ],
    ...['    y = 2\n', '"key": 1,\n', '[table]\n', '\r\n', 'return\n', '@x\n', '日本 = 3\n', '\ud800'],
  );
  const texts = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(
      texts,
      texts,
      fc.constantFrom('a.py', 'a.md', 'a.toml', 'a.json', 'a.js'),
      (old, written, file) => {
        const merged = mergeParts(old, written, file);
        expect(merged === undefined || typeof merged === 'string').toBe(true);
        const own = mergeParts(old, old, file);
        if (own !== undefined) expect(own).toBe(old);
      },
    ),
    { numRuns: 2_000 },
  );
});
