import { expect, test } from 'vitest';
import { imagePathOf } from '../../../src/tui/composer/image-path.ts';

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

test('what is not an existing image stays text', () => {
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
