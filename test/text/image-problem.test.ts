import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imageProblem } from '../../src/text/image-problem.ts';

const be = (bytes: number, value: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};
const le = (bytes: number, value: number): Buffer => be(bytes, value).reverse();
const text = (words: string): Buffer => Buffer.from(words, 'latin1');
const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');

/** The head of a file of each form, of this size. */
const FORMS: { readonly [name: string]: (width: number, height: number) => Buffer } = {
  PNG: (w, h) => Buffer.concat([hex('89504e470d0a1a0a'), be(4, 13), text('IHDR'), be(4, w), be(4, h)]),
  GIF: (w, h) => Buffer.concat([text('GIF89a'), le(2, w), le(2, h)]),
  JPEG: (w, h) =>
    Buffer.concat([hex('ffd8ffe0000401ffffff'), hex('ffc4000401c0'), hex('ffc2001108'), be(2, h), be(2, w)]),
  'WebP, extended': (w, h) =>
    Buffer.concat([text('RIFF....WEBPVP8X'), Buffer.alloc(8), le(3, w - 1), le(3, h - 1)]),
  'WebP, lossless': (w, h) =>
    Buffer.concat([text('RIFF....WEBPVP8L....\x2f'), le(4, (w - 1) | ((h - 1) << 14))]),
  'WebP, lossy': (w, h) => Buffer.concat([text('RIFF....WEBPVP8 '), Buffer.alloc(10), le(2, w), le(2, h)]),
};

test.each(Object.entries(FORMS))('%s: few bytes may be far too many pixels', (_, head) => {
  const tail = Buffer.alloc(40);
  expect(
    [
      [10_000, 10_000],
      [16_000, 12_000],
    ].map(([width = 0, height = 0]) => imageProblem(Buffer.concat([head(width, height), tail]))),
  ).toEqual([undefined, 'has 16,000 x 12,000 pixels, more than 100 million: make a smaller copy']);
});

test('whatever the bytes are, there is an answer', () => {
  const starts = fc.constantFrom(
    ...Object.values(FORMS).flatMap((head) => [head(9, 9), head(9, 9).subarray(0, 14)]),
  );
  fc.assert(
    fc.property(starts, fc.uint8Array({ maxLength: 60 }), (start, rest) => {
      expect(() => imageProblem(Buffer.concat([start, rest]))).not.toThrow();
    }),
  );
  expect(imageProblem(Buffer.from('<svg/>'))).toBe('is not a supported image (PNG, JPEG, GIF, WebP)');
});
