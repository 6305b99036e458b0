import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, encodeText } from '../../src/text/decode.ts';

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const utf16be = (text: string): Buffer => utf16(text).swap16();
const LATIN = 'it is not UTF-8; it was read as Windows-1252 (Latin-1)';
const DAMAGED = 'it is not valid UTF-8; bytes that could not be decoded were replaced by \ufffd';

describe('decodeText', () => {
  it.each<[string, Buffer, object]>([
    ['nothing', Buffer.alloc(0), { text: '', encoding: 'UTF-8', bom: false }],
    ['UTF-8', Buffer.from('für 中 😀\n'), { text: 'für 中 😀\n', encoding: 'UTF-8', bom: false }],
    ['UTF-8 with a mark', Buffer.from('\ufeffü'), { text: 'ü', encoding: 'UTF-8', bom: true }],
    [
      'a second mark as text',
      Buffer.from('\ufeff\ufeffü'),
      { text: '\ufeffü', encoding: 'UTF-8', bom: true },
    ],
    [
      'UTF-16LE with a mark',
      utf16('\ufeffuse ü\r\n'),
      { text: 'use ü\r\n', encoding: 'UTF-16LE', bom: true },
    ],
    ['UTF-16BE with a mark', utf16be('\ufeff中😀'), { text: '中😀', encoding: 'UTF-16BE', bom: true }],
    [
      'UTF-16LE without',
      utf16('use ü tabs\r\n'),
      { text: 'use ü tabs\r\n', encoding: 'UTF-16LE', bom: false },
    ],
    ['UTF-16BE without', utf16be('use ü tabs\n'), { text: 'use ü tabs\n', encoding: 'UTF-16BE', bom: false }],
    ['NULs in UTF-8', Buffer.from('a\0b c\0'), { text: 'a\0b c\0', encoding: 'UTF-8', bom: false }],
    [
      'Latin-1',
      Buffer.from('f\xfcr', 'latin1'),
      { text: 'für', encoding: 'Windows-1252', bom: false, notice: LATIN },
    ],
    [
      'Windows-1252',
      Buffer.from([0x93, 0x80, 0x35, 0x94, 0x81]),
      { text: '“€5”\x81', encoding: 'Windows-1252', bom: false, notice: LATIN },
    ],
    [
      'damaged UTF-8',
      Buffer.concat([Buffer.from('für alle Bäume '), Buffer.from([0xff])]),
      { text: 'für alle Bäume \ufffd', encoding: 'UTF-8', bom: false, isLossy: true, notice: DAMAGED },
    ],
    [
      'UTF-8 that was cut',
      Buffer.from('a🙂').subarray(0, 4),
      { text: 'a\ufffd', encoding: 'UTF-8', bom: false, isLossy: true, notice: DAMAGED },
    ],
  ])('reads %s', (_name, bytes, expected) => {
    expect(decodeText(bytes)).toEqual({ ok: true, isLossy: false, notice: undefined, ...expected });
  });

  it.each([
    ['UTF-32LE', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), 'it is UTF-32LE'],
    ['UTF-32BE', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x61]), 'it is UTF-32BE'],
    ['half a unit', utf16('\ufeffab').subarray(0, -1), 'it is marked as UTF-16LE but is not valid UTF-16LE'],
    ['half a pair', utf16be('\ufeff\ud83d'), 'it is marked as UTF-16BE but is not valid UTF-16BE'],
    ['other bytes', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0xfe]), 'it is binary data'],
  ])('refuses %s', (_name, bytes, problem) => {
    expect(decodeText(bytes)).toEqual({ ok: false, problem });
  });

  it('leaves out the character that cut bytes end in, and never takes them for another encoding', () => {
    const text = 'gr\u00fc\u00dfe \u4e2d\u{1f600}';
    for (const whole of [Buffer.from(text), utf16(`\ufeff${text}`), utf16be(`\ufeff${text}`)]) {
      for (let end = 4; end <= whole.length; end++) {
        const found = decodeText(whole.subarray(0, end), { isCut: true });
        expect(found.ok && text.startsWith(found.text) && found.notice === undefined).toBe(true);
      }
    }
  });

  it('gives any text back in each form', () => {
    const forms = (['UTF-8', 'UTF-16LE', 'UTF-16BE'] as const).map((encoding) => ({ encoding, bom: true }));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...forms), (text, form) => {
        const bytes = encodeText(text, form) ?? Buffer.alloc(0);
        // UTF-16LE that begins with a NUL has the mark of UTF-32.
        fc.pre(!(form.encoding === 'UTF-16LE' && text.startsWith('\0')));
        expect(decodeText(bytes)).toEqual({ ok: true, text, ...form, isLossy: false, notice: undefined });
      }),
    );
  });

  it('gives any bytes back that it could read without a loss', () => {
    const someBytes = fc.uint8Array({ maxLength: 40 });
    const latin = fc
      .array(fc.integer({ min: 0x20, max: 0xff }), { maxLength: 40 })
      .map((codes) => Uint8Array.from(codes));
    const text = fc
      .string({ unit: 'grapheme' })
      .chain((value) => fc.constantFrom(utf16(value), utf16be(value), Buffer.from(value)));
    fc.assert(
      fc.property(fc.oneof(someBytes, latin, text), (array) => {
        const bytes = Buffer.from(array);
        const found = decodeText(bytes);
        if (!found.ok) return;
        const back = found.isLossy ? bytes : encodeText(found.text, found);
        expect(back).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('has no bytes for what an encoding cannot say', () => {
    expect(encodeText('中', { encoding: 'Windows-1252', bom: false })).toBe(undefined);
    expect(encodeText('\x80', { encoding: 'Windows-1252', bom: false })).toBe(undefined);
    expect(encodeText('\ud800', { encoding: 'UTF-8', bom: false })).toBe(undefined);
  });
});
