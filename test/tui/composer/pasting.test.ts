import { expect, test } from 'vitest';
import { imagePathOf } from '../../../src/tui/composer/image-path.ts';
import { noBurst, noteKey } from '../../../src/tui/composer/paste-burst.ts';
import { keyOf } from '../../../src/tui/keys.ts';

/** What the keys insert in the place of what they do; each with the milliseconds since the one before. */
function burst(...keys: readonly (readonly [gap: number, chord: string])[]): (string | undefined)[] {
  let state = noBurst;
  let now = 1000;
  return keys.map(([gap, chord]) => {
    now += gap;
    const noted = noteKey(state, keyOf(chord), now);
    state = noted.burst;
    return noted.text;
  });
}

test('three quick characters make an Enter a line break, for 120 ms', () => {
  expect(burst([0, 'a'], [8, 'b'], [8, 'c'], [120, 'enter'])).toEqual([
    undefined,
    undefined,
    undefined,
    '\n',
  ]);
  expect(burst([0, 'abc'], [0, 'enter'], [0, 'd'], [0, 'tab'], [0, 'ctrl+j'])).toEqual([
    undefined,
    '\n',
    undefined,
    '\t',
    '\n',
  ]);
  expect(burst([0, 'abc'], [121, 'enter']).at(-1)).toBeUndefined();
});

test('typing is no burst', () => {
  expect(burst([0, 'a'], [9, 'b'], [9, 'c'], [9, 'enter']).at(-1)).toBeUndefined();
  expect(burst([0, 'a'], [0, 'b'], [0, 'enter']).at(-1)).toBeUndefined();
  expect(burst([0, 'abc'], [100, 'd'], [0, 'enter']).at(-1)).toBeUndefined();
});

test('a key of another kind ends the burst', () => {
  expect(burst([0, 'abc'], [0, 'left'], [0, 'enter']).at(-1)).toBeUndefined();
  expect(burst([0, 'abc'], [0, 'shift+enter'], [0, 'enter']).slice(1)).toEqual([undefined, undefined]);
});

const files = new Set([
  '/w/shot.png',
  '/h/a b.JPG',
  "/w/it's.gif",
  '/w/back\\slash.webp',
  '/w/ä.jpeg',
  '/w/notes.txt',
]);
const env = { cwd: '/w', home: '/h', exists: (path: string) => files.has(path) };
const image = (text: string) => imagePathOf(text, env)?.path;

test('the path of an image in the ways in which terminals drop it', () => {
  expect(
    [
      'shot.png',
      './shot.png\n',
      '/w/shot.png',
      "'/w/shot.png' ",
      '"/h/a b.JPG"',
      '/h/a\\ b.JPG',
      '/h/a b.JPG',
      '~/a\\ b.JPG',
      'file:///h/a%20b.JPG',
      'file://localhost/w/%C3%A4.jpeg',
      "it\\'s.gif",
      "it's.gif",
      '/w/back\\slash.webp',
    ].map(image),
  ).toEqual([
    '/w/shot.png',
    '/w/shot.png',
    '/w/shot.png',
    '/w/shot.png',
    ...Array(5).fill('/h/a b.JPG'),
    '/w/ä.jpeg',
    "/w/it's.gif",
    "/w/it's.gif",
    '/w/back\\slash.webp',
  ]);
});

test('what is no image that exists stays text', () => {
  const texts = [
    '',
    'notes.txt',
    'gone.png',
    'see shot.png',
    'shot.png\nshot.png',
    'file:///%zz.png',
    'a'.repeat(1e6),
  ];
  expect(texts.map(image)).toEqual(texts.map(() => undefined));
});
