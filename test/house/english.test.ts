import { expect, test } from 'vitest';
import { findPhrases } from '../../scripts/english-phrases.ts';
import { commentsIn, proseIn, stringsIn } from '../../scripts/english-texts.ts';

const phrases = (text: string): readonly string[] => findPhrases(text).map(({ phrase }) => phrase);

test.each([
  ['go on with an earlier session', ['go on with']],
  ['Going on with X', ['Going on with']],
  ['it goes on here', ['goes on']],
  ['reads all of it anew', ['anew']],
  ['a.png is no image that a model can read', ['is no ']],
  ['the names are no UTF-8', ['are no ']],
  ['so many tokens that it fails', ['so many']],
  ['How shall it be called?', ['shall']],
  ['also when it is empty', ['also when']],
  ['a server stands in for Ollama', ['stands in']],
  ['what stands above stays', ['stands above']],
  ['Delete it for ever?', ['for ever']],
  ['text for whoever asks', ['whoever asks']],
  ['it takes nothing behind it', ['nothing behind']],
  ['text behind the prompt', ['text behind', 'behind the prompt']],
  ['what holds for all', ['what holds']],
  ['it goes\n  on with it', ['goes\n  on with']],
  ['go on with it anew', ['go on with', 'anew']],
])('%s', (text, expected) => {
  expect(phrases(text)).toEqual(expected);
});

test.each([
  'there is no session to resume',
  'There are no commits yet',
  'if there is no server, it is no longer asked',
  'it is no better',
  'it was no longer than a line',
  'what is going on',
  'the file behind the link',
  'a stand-in for the server',
  'marshall the values, shallow or not',
  'renewal of the lease',
  'many so-called tools',
])('good English: %s', (text) => {
  expect(phrases(text)).toEqual([]);
});

test('strings are sentences: with a blank, and neither names of modules nor types nor keys', () => {
  const source = [
    "import a from 'no such module';",
    "export * from 'no such module';",
    "type T = 'a type of text' | 'b';",
    'const table = { "a key of it": "a value of it", plain: "one" };',
    'const text = `Resumed $' + '{name}, which \\n has $' + '{count} turns` + table["a key of it"];',
    "const late = import('no such module');",
    'const view = <Text>Nothing to see</Text>;',
    "// a comment with 'a text in it'",
    'const pattern = /no text here/;',
  ].join('\n');
  expect(stringsIn('a.tsx', source)).toEqual([
    { text: 'a value of it', line: 4 },
    { text: 'Resumed …, which \n has … turns', line: 5 },
    { text: 'a key of it', line: 5 },
    { text: 'Nothing to see', line: 7 },
  ]);
});

test('a file that does not parse is an error, not a file without texts', () => {
  expect(() => stringsIn('a.ts', 'const = 1;')).toThrow('a.ts: ');
});

test('comments come without their stars', () => {
  expect(commentsIn('a.ts', '/**\n * One.\n * Two.\n */\nlet a; // three\n')).toEqual([
    { text: '\nOne.\nTwo.\n ', line: 1 },
    { text: ' three', line: 5 },
  ]);
});

test('prose is what is left of Markdown without code and addresses, by paragraphs', () => {
  const source = [
    '# Title',
    '',
    'One `go on` of',
    'two [lines](https://example.com/anew).',
    '',
    '```sh',
    'go on',
    '```',
    '| a | b |',
  ].join('\n');
  const prose = proseIn(source).map(({ text, line }) => ({ text: text.replace(/ +/g, ' '), line }));
  expect(prose).toEqual([
    { text: '# Title', line: 1 },
    { text: 'One of\ntwo [lines .', line: 3 },
    { text: '| a | b |', line: 9 },
  ]);
});
