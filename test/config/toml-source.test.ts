import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { isTable, type Table } from '../../src/config/table.ts';
import { findKey, parseToml } from '../../src/config/toml-source.ts';

test('keys are found wherever TOML lets them be written', () => {
  const text = `# model = "commented"
model = "a"  # [ollama]
notify = [ # [x
  "model = 1", """
[ollama]
""", [1]
]
day = 1979-05-27 07:32:00
"quoted.key" = { in = 1979-05-27 07:32:00, http.headers = { 'A b' = 3 } }
[ ollama ]
top_p = 1
dotted . deep = '''
top_k = 1''''
[projects."/a.b"]
\ttrust_level = "x"
[[list]]
a = ['''x'''', { c = 1 }]`;
  const at = (...path: (string | number)[]) => {
    const position = findKey(text, path);
    return position && `${position.line}:${position.column}`;
  };
  expect({
    model: at('model'),
    notify: at('notify', 1),
    day: at('day'),
    quoted: at('quoted.key'),
    inline: at('quoted.key', 'in'),
    inlineDotted: at('quoted.key', 'http', 'headers'),
    inlineDeep: at('quoted.key', 'http', 'headers', 'A b'),
    table: at('ollama'),
    topP: at('ollama', 'top_p'),
    deep: at('ollama', 'dotted', 'deep'),
    inString: at('ollama', 'top_k'),
    project: at('projects', '/a.b'),
    trust: at('projects', '/a.b', 'trust_level'),
    list: at('list', 'a'),
    afterString: at('list', 'a', 'c'),
    missing: at('other'),
  }).toEqual({
    model: '2:1',
    notify: '3:1',
    day: '8:1',
    quoted: '9:1',
    inline: '9:18',
    inlineDotted: '9:49',
    inlineDeep: '9:61',
    table: '10:3',
    topP: '11:1',
    deep: '12:10',
    inString: '10:3',
    project: '14:11',
    trust: '15:2',
    list: '17:1',
    afterString: '17:18',
    missing: undefined,
  });
});

test('every key of a written TOML file is found on a line that names it', () => {
  const value = fc.letrec((tie) => ({
    table: fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme-ascii' }), tie('value'), { maxKeys: 4 }),
    value: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.string(), fc.array(fc.string()), tie('table')),
  })).table as fc.Arbitrary<Table>;
  const paths = (table: Table, base: string[] = []): string[][] =>
    Object.entries(table).flatMap(([key, inner]) => [
      [...base, key],
      ...(isTable(inner) ? paths(inner, [...base, key]) : []),
    ]);
  fc.assert(
    fc.property(value, (table) => {
      const text = stringify(table);
      const lines = text.split('\n');
      for (const path of paths(parseToml('f', text))) {
        const position = findKey(text, path);
        const rest = (lines[(position?.line ?? 0) - 1] ?? '').slice((position?.column ?? 0) - 1);
        const name = path.at(-1) ?? '';
        expect([name, JSON.stringify(name)].some((form) => rest.startsWith(form))).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test('a TOML error has its line, its column and a caret under the column', () => {
  const message = (text: string) => {
    try {
      parseToml('/h/config.toml', text);
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
    return undefined;
  };
  expect(message('model = "a"\r\n\tfoo bar\r\n')).toBe(
    [
      'Error loading config.toml:',
      '/h/config.toml:2:6: illegal character in key',
      '  |',
      '2 |  foo bar',
      '  |      ^',
    ].join('\n'),
  );
  const awkward = fc.string({
    unit: fc.constantFrom(
      'a',
      '=',
      '.',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      '\n',
      '\r',
      '\t',
      '#',
      '1',
      ' ',
      ',',
      '\\',
      '\u001b',
      '\ufeff',
    ),
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.oneof(awkward, fc.string({ unit: 'binary' })), (text) => {
      const told = message(text);
      if (told === undefined) return;
      const [title, place, , source, caret] = told.split('\n');
      const [, line, column] = /^\/h\/config\.toml:(\d+):(\d+): ./.exec(place ?? '') ?? [];
      expect(title).toBe('Error loading config.toml:');
      expect(source?.startsWith(`${line} |`)).toBe(true);
      expect(caret?.indexOf('^')).toBe(`${line} | `.length + Number(column) - 1);
      expect(told.split('\n').length).toBe(5);
      expect(told).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }),
    { numRuns: 500 },
  );
});
