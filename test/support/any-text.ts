import fc from 'fast-check';

const between = (min: number, max: number) => fc.integer({ min, max });

/**
 * One character of any script, control characters too. fast-check has a unit `binary` for that, whose tables take each test file
 * a second of processor time.
 */
const character = fc
  .oneof(between(0, 0x7f), between(0, 0xd7ff), between(0xe000, 0xffff), between(0x10000, 0x10ffff))
  .map((code) => String.fromCodePoint(code));

export const anyText = (maxLength?: number) => fc.string({ unit: character, maxLength });
