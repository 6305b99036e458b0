// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates under test
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { argumentsIn } from '../../../src/extensions/commands/arguments.ts';
import { expandTemplate } from '../../../src/extensions/commands/expand.ts';

const filling = {
  file: (file: string) => `<file ${file}>`,
  command: async (command: string, args: readonly string[]) => `<${command} | ${args.join(',')}>`,
};
const expanded = (template: string, args = '') => expandTemplate(template, args, filling);
const all = (args: string, ...templates: readonly string[]) =>
  Promise.all(templates.map((template) => expanded(template, args)));

test('arguments are divided as a shell would, but an apostrophe in a word is text', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['  a   b\tc\nd ', ['a', 'b', 'c', 'd']],
    [`"a b" 'c d' e"f g"h`, ['a b', 'c d', 'ef gh']],
    [`don't touch the user's file`, ["don't", 'touch', 'the', "user's", 'file']],
    [`'the user's file' x`, ["the user's file", 'x']],
    [`"an open one`, ['"an', 'open', 'one']],
    [`'tis open`, ["'tis", 'open']],
    [
      String.raw`a\ b \"c \\d C:\dir "say \"no\" \n"`,
      ['a b', '"c', String.raw`\d`, String.raw`C:\dir`, String.raw`say "no" \n`],
    ],
    [`"" ''`, ['', '']],
    [`--x='a b' 日本's`, ['--x=a b', "日本's"]],
  ];
  expect(cases.map(([text]) => argumentsIn(text))).toEqual(cases.map(([, words]) => words));
});

test("Codex's names: filled in where they are given, and text otherwise", async () => {
  const template = 'Ticket $ID ($NOTE), in $HOME; $id, $IDX, $(ID)';
  expect(await all(`ID=42 NOTE="be quick, $ID"`, template, 'Nothing here.', '$ID: $ARGUMENTS')).toEqual([
    'Ticket 42 (be quick, $ID), in $HOME; $id, $IDX, $(ID)',
    `Nothing here.\n\nID=42 NOTE="be quick, $ID"`,
    '42: ID=42 NOTE=be quick, $ID',
  ]);
  expect(await expanded(template, 'no name')).toBe(`${template}\n\nno name`);
});

test('places for arguments', async () => {
  const args = `one "two words" three`;
  expect(
    await all(
      args,
      '$1|$2|$3|$4|',
      '$ARGUMENTS',
      '$@',
      '${1:-x}|${4:-none}|${4}|${ARGUMENTS:-y}',
      '${@:2}',
      '${@:2:1}|${@:9}|${@:1:0}|$1',
      '$$1 $$ $10 $0 $x ${1:x} $ARGUMENTSX $1 ${2',
    ),
  ).toEqual([
    'one|two words|three||',
    'one two words three',
    'one two words three',
    'one|none||one two words three',
    'two words three',
    'two words|||one',
    '$1 $ $10 $0 $x ${1:x} $ARGUMENTSX one ${2',
  ]);
  expect(await expanded('Fix $ARGUMENTS', "the user's\n  bug")).toBe("Fix the user's\n  bug");
  expect(await all('', 'a ${1:-the default, $2} b', '$1', '$ARGUMENTS.')).toEqual([
    'a the default,  b',
    '',
    '.',
  ]);
});

test('a default may have arguments with defaults in it, but no file or program', async () => {
  const nested = '${2:-$ARGUMENTS}|${1:-${2:-x}}|${3:-{"a": ${4:-b}}}|${2:-@f !`c`}';
  expect(await all('', nested)).toEqual(['|x|{"a": b}|@f !`c`']);
  expect(await all('one', nested)).toEqual(['one|one|{"a": b}|@f !`c`']);
  expect(await all('one two', nested)).toEqual(['two|one|{"a": b}|two']);
});

test('arguments without a place follow the text', async () => {
  expect(await all('a "b"', 'Review it.', 'Review $1.', 'See @x.')).toEqual([
    'Review it.\n\na "b"',
    'Review a.',
    'See <file x>.\n\na "b"',
  ]);
});

test('files and commands of the template', async () => {
  expect(
    await all(
      'one two',
      'See @src/a.ts, (@b.md) and @"c d.md".',
      'To a@b.c, @@x, @ alone, @server:uri, @$1',
      '`@code` and\n```ts\n@Injectable() $1 !`x`\n```\nthen @y',
      'Status:\n!`git status $1`, a!`b`, !`` and `!x`',
    ),
  ).toEqual([
    'See <file src/a.ts>, (<file b.md>) and <file c d.md>.\n\none two',
    'To a@b.c, @@x, @ alone, @server:uri, <file one>',
    '`@code` and\n```ts\n@Injectable() one !`x`\n```\nthen <file y>',
    'Status:\n<git status $1 | one,two>, a!`b`, !`` and `!x`',
  ]);
});

test('what an argument, a file or a program brings is never expanded again', async () => {
  const dangerous = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '!`rm x`',
          '@secret',
          '$1',
          '$ARGUMENTS',
          '${1:-x}',
          '$$',
          '"',
          "'",
          '\\',
          ' ',
          '\n',
          '`',
          '```\n',
        ),
        fc.string(),
      ),
    )
    .map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(dangerous, dangerous, dangerous, async (args, fromFile, fromCommand) => {
      const used: string[] = [];
      const text = await expandTemplate('A $ARGUMENTS B $1 C ${2:-d} D @f E !`c "$1"` F', args, {
        file: (file) => {
          used.push(`@${file}`);
          return fromFile;
        },
        command: async (command) => {
          used.push(command);
          return fromCommand;
        },
      });
      expect(used).toEqual(['@f', 'c "$1"']);
      expect(text).toContain(`D ${fromFile} E ${fromCommand} F`);
      expect(text.startsWith('A ')).toBe(true);
    }),
  );
});

test('any template is read in one pass, quickly', async () => {
  const pieces = fc.array(
    fc.constantFrom(
      '!`',
      '`',
      '```',
      '\n',
      '@',
      '$',
      '${',
      '}',
      '@"',
      '"',
      '1',
      'a',
      ' ',
      '${@:',
      ':-',
      '$$',
    ),
    { maxLength: 300 },
  );
  await fc.assert(
    fc.asyncProperty(pieces, fc.string(), async (parts, args) => {
      expect(typeof (await expanded(parts.join(''), args))).toBe('string');
    }),
  );
  const start = performance.now();
  await expanded(`${'`a'.repeat(20_000)}${'@'.repeat(20_000)}${'!`'.repeat(20_000)}`);
  expect(performance.now() - start).toBeLessThan(5_000);
});
