import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  filesInAnswer,
  languageOf,
  problemOf,
  textOfAnswer,
  wholeFilePatch,
} from '../../../src/agent/led/file-text.ts';
import { findHole } from '../../../src/text/hole.ts';
import { applyPlan } from '../../../src/tools/apply-patch/apply.ts';
import { readPatch } from '../../../src/tools/apply-patch/normalize.ts';
import { planPatch } from '../../../src/tools/apply-patch/plan.ts';
import { cpuTime } from '../../support/cpu-time.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const PIECES = [
  ...[
    '\n',
    '\n\n',
    '\r\n',
    '\r',
    '  ',
    '\t',
    '```',
    '````',
    '```js\n',
    '\n```\n',
    '# Title',
    '"key": 1,',
    '{',
    '}',
  ],
  ...[
    'def f(a):',
    'const x = 1;',
    '# ... rest of the code',
    '...',
    '*** End Patch',
    '*** Add File: x',
    '+',
    '-',
  ],
  ...['@@', ' ', '{path}', '<path>', '日本', '\uFEFF', '\ud800', '\0', 'x'],
];
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((some) => some.join('')),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((some) => some.join('\n')),
);
const hostile = PIECES.flatMap((piece) => [piece, `${piece} `, `${piece}\n`]).concat(
  ' ',
  '\n',
  '\n ',
  '-',
  '`',
);

describe('the text in an answer', () => {
  test.each<[string, string, string, string]>([
    ['in a fence', '```python\na = 1\n```', '```', 'a = 1\n'],
    ['without a language', '```\na = 1\n\nb = 2\n```\n', '```', 'a = 1\n\nb = 2\n'],
    ['between words', 'Here it is:\n\n```js\na();\n```\nThat is all.', '```', 'a();\n'],
    ['without fences', 'a = 1\nb = 2', '```', 'a = 1\nb = 2\n'],
    ['with blank lines at the end', '```\na\n\n\n```', '```', 'a\n'],
    ['before a second fence', '```py\na\n```\nRun it:\n```sh\npython a.py\n```', '```', 'a\n'],
    ['without an end', '```py\na\nb', '```', 'a\nb\n'],
    ['with nothing in it', '```py\n```', '```', '\n'],
    [
      'with fences of its own',
      '````markdown\n# A\n\n```sh\nls\n```\n\nEnd.\n````',
      '````',
      '# A\n\n```sh\nls\n```\n\nEnd.\n',
    ],
    ['with the same fences', '````markdown\n````\nx\n````\n````', '````', '````\nx\n````\n'],
    ['closed by three marks', '````markdown\n# A\n\n```sh\nls\n```\n```', '````', '# A\n\n```sh\nls\n```\n'],
    ['closed by three marks, then blank', '````md\n# A\n```\n\n', '````', '# A\n'],
    ['with an end that never comes', '````md\n# A\n\n```sh\nls\n```\n', '````', '# A\n\n```sh\nls\n```\n'],
    ['opened by three marks all the same', '```markdown\n# A\n```', '````', '# A\n'],
  ])('%s', (_name, answer, fence, text) => {
    expect(textOfAnswer(answer, fence, undefined)).toBe(text);
  });

  test.each<[string, string, string]>([
    ['windows', 'a\r\nb\r\n', 'x\r\ny\r\n'],
    ['windows, but for a line', 'a\r\nb\r\nc\n', 'x\r\ny\r\n'],
    ['others, but for a line', 'a\nb\nc\r\n', 'x\ny\n'],
    ['a file without any', 'a', 'x\ny\n'],
  ])('has the line ends of the text before it: %s', (_name, old, text) => {
    for (const answer of ['```\nx\ny\n```', '```\r\nx\r\ny\r\n```\r\n', '```\nx\r\ny\n```'])
      expect(textOfAnswer(answer, '```', old)).toBe(text);
  });

  test('any text comes back from its fence', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom('```', '````'), fc.boolean(), (text, fence, isFollowed) => {
        const plain = `${text.replace(/\r+\n/g, '\n').replace(/[\r\n]*$/, '')}\n`;
        const marks = new RegExp(`^${fence}\\s*$`, 'm');
        fc.pre(!marks.test(plain) && (fence === '````' || !plain.includes('```')));
        const answer = `${fence}python\n${plain}${fence}${isFollowed ? '\nDone.' : ''}`;
        expect(textOfAnswer(answer, fence, undefined)).toBe(plain);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is always a text that ends with a line break, and of the line ends of the old one', () => {
    fc.assert(
      fc.property(texts, texts, fc.constantFrom('```', '````'), (answer, old, fence) => {
        expect(textOfAnswer(answer, fence, undefined)).toMatch(/\n$/);
        const text = textOfAnswer(answer, fence, `${old.replace(/\r?\n/g, '\r\n')}\r\n`);
        expect(text.replaceAll('\r\n', '')).not.toContain('\n');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a text that cannot be meant', () => {
  const PY =
    'import os\n\nLIMIT = 3\n\n\ndef add(a, b):\n    total = a - b\n    return total\n\n\nclass Box:\n    pass\n';
  const MD = '# Tool\n\nA tool.\n\n## Use\n\nRun it.\n';
  const CONFIG = '{\n  "host": "localhost",\n  "timeout": 30\n}\n';
  const at = (file: string, task = 'Do it.') => ({ file, task });

  test.each<[string, string, string | undefined, { file: string; task: string }, string]>([
    ['nothing', '\n \n', PY, at('a.py'), 'the text was empty'],
    ['nothing for a new file', '\n', undefined, at('a.py'), 'the text was empty'],
    ['the same', PY, PY, at('a.py'), 'that is the text that the file already has'],
    [
      'the same, but for the end',
      'a = 1\n',
      'a = 1',
      at('a.py'),
      'that is the text that the file already has',
    ],
    [
      'the same, but for blank lines at the end',
      'a = 1\n',
      'a = 1\n\n\n',
      at('a.py'),
      'that is the text that the file already has',
    ],
    [
      'a function is lost',
      PY.replace(/def[\s\S]*?\n\n\n/, ''),
      PY,
      at('a.py'),
      'add of the file would be lost',
    ],
    ['a class is lost', PY.replace(/class[\s\S]*/, ''), PY, at('a.py'), 'Box of the file would be lost'],
    ['a constant is lost', PY.replace('LIMIT = 3\n', ''), PY, at('a.py'), 'LIMIT of the file would be lost'],
    ['a key is lost', '{\n  "timeout": 60\n}\n', CONFIG, at('c.json'), 'host of the file would be lost'],
    ['a heading is lost', '# Tool\n\nA tool.\n', MD, at('README.md'), 'Use of the file would be lost'],
    [
      'a table is lost',
      '[a]\nx = 1\n',
      '[a]\nx = 1\n[bee]\ny = 2\n',
      at('c.toml'),
      'bee, y of the file would be lost',
    ],
    [
      'JSON that is none',
      '{\n  "host": "localhost",\n  "timeout": 60,\n}\n',
      CONFIG,
      at('c.json'),
      'the text is not valid JSON',
    ],
    ...[
      '# ... rest of the code',
      '# rest of the code remains the same',
      '// ... existing code ...',
      '  // other functions',
      '/* ... */',
      '<!-- ... -->',
      '# (rest of the file unchanged)',
      '...',
      '    …',
      '-- the remaining lines',
      '; same content here',
    ].map((line): [string, string, string, { file: string; task: string }, string] => [
      line,
      `${PY}${line}\n`,
      PY,
      at('a.py'),
      `"${line.trim()}" takes the place of lines of the file`,
    ]),
  ])('%s', (_name, text, old, about, problem) => {
    expect(problemOf(text, old, about)).toBe(problem);
  });

  test.each<[string, string, string | undefined, { file: string; task: string }]>([
    ['a fix', PY.replace('a - b', 'a + b'), PY, at('a.py')],
    [
      'a local name less',
      PY.replace('    total = a - b\n    return total', '    return a + b'),
      PY,
      at('a.py'),
    ],
    [
      'a local const less',
      'function f() {\n  return 1;\n}\n',
      'function f() {\n  const one = 1;\n  return one;\n}\n',
      at('a.js'),
    ],
    ['a branch less', 'x = 1\n', 'x = 1\nif x:\n    pass\nelse:\n    pass\n', at('a.py')],
    ['a new file', 'x\n', undefined, at('a.py')],
    ['a name that the task is about', PY.replace('add', 'plus'), PY, at('a.py', 'Rename add to plus.')],
    ['what is to be removed', PY.replace(/class[\s\S]*/, ''), PY, at('a.py', 'Remove the class.')],
    ['dots that were there', `${PY}# ...\nx = 1\n`, `${PY}# ...\n`, at('a.py')],
    ['a word of a comment', `${PY}# the other thread\n`, PY, at('a.py')],
    ['JSON that was none before', '// x\n{ "a": 2 }\n', '// x\n{ "a": 1 }\n', at('c.json')],
  ])('not so: %s', (_name, text, old, about) => {
    expect(problemOf(text, old, about)).toBeUndefined();
  });

  test('every old text is told from itself, whatever it is', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom('a.py', 'c.json', 'README.md'), (old, file) => {
        fc.pre(old.trim() !== '');
        const written = textOfAnswer(`\`\`\`\`\n${old}\n\`\`\`\``, '````', old);
        fc.pre(!/^````\s*$/m.test(old.replaceAll('\r\n', '\n')));
        expect(problemOf(old, old, at(file))).toBe('that is the text that the file already has');
        // A file of mixed line ends would not come back as it was.
        fc.pre(!/(?:^|[^\r])\n/.test(old) || !old.includes('\r\n'));
        fc.pre(!old.includes('\r\r'));
        expect(problemOf(written, old, at(file))).toBe('that is the text that the file already has');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('files under their names', () => {
  const isFile = (name: string): boolean => ['calc.py', 'src/a.js', 'README.md'].includes(name);

  test.each<[string, string, ReturnType<typeof filesInAnswer>]>([
    ['one', 'calc.py\n```python\na = 1\n```', [{ file: 'calc.py', text: 'a = 1\n' }]],
    [
      'two, set off in different ways',
      '**calc.py**\n```\na\n```\nand\n### `src/a.js`:\n\n````js\nb\n```\n````\n',
      [
        { file: 'calc.py', text: 'a\n' },
        { file: 'src/a.js', text: 'b\n```\n' },
      ],
    ],
    ['a label', 'File: README.md\n```\r\n# A\r\n```', [{ file: 'README.md', text: '# A\n' }]],
    ['another name', 'other.py\n```\na\n```', []],
    ['words', 'Change calc.py so:\n```\na\n```', []],
    ['no end', 'calc.py\n```\na\n', []],
    ['no fence', 'calc.py\na = 1\n', []],
    ['nothing', '', []],
  ])('%s', (_name, answer, found) => {
    expect(filesInAnswer(answer, isFile)).toEqual(found);
  });

  test('only whole lines of the answer are taken', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(texts, fc.constantFrom('calc.py', '```', '```js')), { maxLength: 20 }),
        (some) => {
          const answer = some.join('\n');
          for (const { file, text } of filesInAnswer(answer, isFile)) {
            expect(isFile(file)).toBe(true);
            // A fence with nothing in it: the text is empty, which problemOf tells.
            if (text === '\n') continue;
            expect(`\n${answer.replaceAll('\r\n', '\n')}`).toContain(`\n${text}`);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

test('answers of any kind are read in linear time', () => {
  const slow: string[] = [];
  for (const piece of hostile) {
    const text = piece.repeat(100_000 / piece.length);
    const old = 'a = 1\n';
    for (const [name, read] of [
      ['textOfAnswer', () => textOfAnswer(`\`\`\`\n${text}`, '```', old)],
      ['problemOf', () => problemOf(`${text}x`, old, { file: 'a.py', task: 'Do it.' })],
      ['problemOf of', () => problemOf(old, `${text}x`, { file: 'a.py', task: 'Do it.' })],
      ['filesInAnswer', () => filesInAnswer(`${text}x\n\`\`\`\na\n\`\`\``, () => true)],
    ] as const) {
      if (cpuTime(read) > 400) slow.push(`${name} of ${JSON.stringify(piece)}`);
    }
  }
  expect(slow).toEqual([]);
});

describe('the patch of a whole file', () => {
  async function written(file: string, text: string, old?: string): Promise<string> {
    const cwd = await tempFolder();
    if (old !== undefined) writeFileSync(path.join(cwd, file), old);
    await applyPlan(await planPatch(readPatch(wholeFilePatch(file, text)), cwd));
    return readFileSync(path.join(cwd, file), 'utf8');
  }

  test.each([
    ['a', 'a = 1\n'],
    ['windows', 'a\r\nb\r\n\r\nc\r\n'],
    ['mixed line ends', 'a\r\nb\nc\r\n\n'],
    ['lone returns', 'a\rb\r\r\nc\r\r\r\n'],
    ['markers', '*** Begin Patch\n*** Add File: x\n+a\n*** End Patch\n*** End of File\n@@\n+\n-\n'],
    ['blank lines at both ends', '\n\n \na\n \n\n\n'],
    ['a byte order mark', '\uFEFFa\n'],
    ['a fence', '```\na\n```\n'],
  ])('is written byte for byte: %s', async (_name, text) => {
    expect(await written('a b.txt', text)).toBe(text);
    expect(await written('a b.txt', text, text.replace('a', 'c'))).toBe(text);
  });

  test('lines that look like placeholders stay where a file has them, and are refused where it has not', async () => {
    const old = '<svg>\n  <path>\n  {path}\n</svg>\n';
    const text = old.replace('svg', 'g');
    expect(await written('a.svg', text, old)).toBe(text);
    await expect(written('b.svg', text)).rejects.toThrow('is a placeholder');
  });

  test('a text gets the line break at its end that every patch gives it', async () => {
    expect([await written('a', 'x'), await written('a', 'x\r\ny'), await written('a', '')]).toEqual([
      'x\n',
      'x\r\ny\n',
      '',
    ]);
  });

  test('any text', async () => {
    const cwd = await tempFolder();
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom('\n', '\r\n'), async (written, end) => {
        // Of mixed line ends, new lines get those of their neighbours.
        const text = written.toWellFormed().replaceAll('\r', '').replaceAll('\n', end);
        fc.pre(findHole(`x${text}`.split('\n'), text) === undefined);
        writeFileSync(path.join(cwd, 'f'), `${text}${end}`);
        const { files } = await planPatch(readPatch(wholeFilePatch('f', `x${text}${end}`)), cwd);
        expect(files.map(({ newText }) => newText)).toEqual([`x${text}${end}`]);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('the word behind a fence', () => {
  expect(
    ['a.py', 'b/c.mjs', 'README.MD', 'x.yml', 'Makefile', 'a.tar.gz', '.env', 'a.c++'].map(languageOf),
  ).toEqual([...['python', 'javascript', 'markdown', 'yaml', '', 'gz', 'env', '']]);
});
