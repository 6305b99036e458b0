import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IMAGE_KINDS, imageKind, isImage } from '../../src/text/image-kind.ts';

const BEGINNINGS: readonly (readonly [kind: string, bytes: Buffer])[] = [
  ['PNG', Buffer.from('89504e470d0a1a0a', 'hex')],
  ['JPEG', Buffer.from('ffd8ff', 'hex')],
  ['GIF', Buffer.from('GIF87a')],
  ['GIF', Buffer.from('GIF89a')],
  ['WebP', Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')],
];

test('an image is known by its first bytes, whatever follows', () => {
  fc.assert(
    fc.property(fc.constantFrom(...BEGINNINGS), fc.uint8Array(), ([kind, start], rest) => {
      expect(imageKind(Buffer.concat([start, rest]))).toBe(kind);
    }),
  );
  expect(IMAGE_KINDS).toBe('PNG, JPEG, GIF, WebP');
});

test('a beginning that is cut off, or has another byte, is no image', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...BEGINNINGS),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (one, at, bits) => {
        const [kind, start] = one;
        const index = at % start.length;
        expect(isImage(start.subarray(0, index))).toBe(false);
        // The four bytes of the length of a RIFF file may be anything, and a GIF has two versions.
        if (kind === 'WebP' && index >= 4 && index < 8) return;
        const changed = Buffer.from(start);
        changed[index] = (changed[index] ?? 0) ^ bits;
        if (/^GIF8[79]a$/.test(changed.toString('latin1'))) return;
        expect(isImage(changed)).toBe(false);
      },
    ),
  );
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 16 }), (bytes) => {
      expect([undefined, 'PNG', 'JPEG', 'GIF', 'WebP']).toContain(imageKind(Buffer.from(bytes)));
    }),
  );
});
