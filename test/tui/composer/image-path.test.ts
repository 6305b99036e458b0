import { expect, test } from 'vitest';
import { foldLook } from '../../../src/text/look.ts';
import { imagePathsOf } from '../../../src/tui/composer/image-path.ts';

const files = new Set([
  '/w/shot.png',
  '/h/a b.JPG',
  "/w/it's.gif",
  '/w/back\\slash.webp',
  '/w/ä.jpeg',
  '/w/notes.txt',
  '/w/Shot at 1.02\u202fPM.png',
  '/w/cafe\u0301.png',
]);
const env = {
  cwd: '/w',
  home: '/h',
  exists: (path: string) => files.has(path),
  lookAlike: (path: string) => {
    const found = [...files].find((file) => file !== path && foldLook(file) === foldLook(path));
    return found === undefined ? undefined : { path: found, note: `for ${path}` };
  },
};
const images = (text: string) => imagePathsOf(text, env);
const image = (text: string) => images(text)[0]?.path;

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
      "'/w/it'\\''s.gif'",
      `/w/"it's".gif`,
      'file://my-host/w/shot.png',
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
    "/w/it's.gif",
    "/w/it's.gif",
    '/w/shot.png',
  ]);
});

test('several images that are dropped at once', () => {
  const both = [{ path: '/h/a b.JPG' }, { path: '/w/shot.png' }];
  expect(
    ['/h/a\\ b.JPG /w/shot.png', "'/h/a b.JPG'  '/w/shot.png' ", 'file:///h/a%20b.JPG shot.png'].map(images),
  ).toEqual([both, both, both]);
  expect(images('file:///h/a%20b.JPG\r\nfile:///w/shot.png\r\n')).toEqual(both);
  expect(images('file:///h/a%20b.JPG\rand more')).toEqual([]);
  expect(['/h/a\\ b.JPG and /w/shot.png', '/h/a\\ b.JPG gone.png'].map(images)).toEqual([[], []]);
});

test('names with blanks and letters that only look the same', () => {
  const shot = '/w/Shot at 1.02\u202fPM.png';
  expect([shot.replaceAll(' ', '\\ '), shot.replaceAll(/[ \u202f]/g, '\\$&'), shot].map(images)).toEqual(
    Array(3).fill([{ path: shot }]),
  );
  expect(['/w/Shot at 1.02 PM.png', '/w/Shot\\ at\\ 1.02\\ PM.png'].map(images)).toEqual(
    Array(2).fill([{ path: shot, note: 'for /w/Shot at 1.02 PM.png' }]),
  );
  expect(images('caf\u00e9.png shot.png')).toEqual([
    { path: '/w/cafe\u0301.png', note: 'for /w/caf\u00e9.png' },
    { path: '/w/shot.png' },
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
