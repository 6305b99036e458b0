/**
 * Why a file cannot be shown to a model: no server reads it, or it would fill the memory of the one that does. A few kilobytes
 * can be an image of billions of pixels.
 */
import { groupDigits } from './digits.ts';
import { IMAGE_KINDS, imageKind } from './image-kind.ts';

/** Decoded it has 400 MB; cameras of telephones make half of it. */
const MOST_PIXELS = 100_000_000;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Completes "the file …"; undefined: it can be shown. */
export function imageProblem(bytes: Buffer): string | undefined {
  const looked = lookAtImage(bytes);
  return 'problem' in looked ? looked.problem : undefined;
}

/** What it is, or why it cannot be shown. What is wrong behind the head of the file is not seen. */
export function lookAtImage(bytes: Buffer): { readonly kind: string } | { readonly problem: string } {
  const kind = imageKind(bytes);
  if (kind === undefined) return { problem: `is not a supported image (${IMAGE_KINDS})` };
  const { width, height } = sizeOf(kind, bytes);
  if (width * height <= MOST_PIXELS) return { kind };
  const pixels = `${groupDigits(width)} x ${groupDigits(height)} pixels`;
  return { problem: `has ${pixels}, more than ${MOST_PIXELS / 1_000_000} million: make a smaller copy` };
}

/** 0 where the head of the file is not whole. */
function sizeOf(kind: string, bytes: Buffer): Size {
  // What lies behind the end reads as 0.
  const head = Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(32)]);
  switch (kind) {
    case 'PNG':
      return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
    case 'GIF':
      return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
    case 'JPEG':
      return jpegSize(bytes);
    default:
      return webpSize(head);
  }
}

/** In the head of the frame, behind any number of other segments. */
function jpegSize(bytes: Buffer): Size {
  let at = 2;
  while (at + 9 <= bytes.length) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff) break;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    // A marker may be filled up from the front.
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  return { width: 0, height: 0 };
}

function webpSize(head: Buffer): Size {
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      const bits = head.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    default:
      // At most 16,383 pixels each way.
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
  }
}
