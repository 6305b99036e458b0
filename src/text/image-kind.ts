/** Which image a file is, by its first bytes. Servers decode these; anything else would fail there, after the model was loaded. */
const MAGIC: readonly (readonly [name: string, test: (bytes: Buffer) => boolean])[] = [
  [
    'PNG',
    (bytes) => bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])),
  ],
  ['JPEG', (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))],
  ['GIF', (bytes) => /^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6))],
  [
    'WebP',
    (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
  ],
];

export const IMAGE_KINDS = MAGIC.map(([name]) => name).join(', ');

/** Undefined: it is none. */
export function imageKind(bytes: Buffer): string | undefined {
  return MAGIC.find(([, test]) => test(bytes))?.[0];
}

export function isImage(bytes: Buffer): boolean {
  return imageKind(bytes) !== undefined;
}
