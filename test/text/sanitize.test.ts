import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sanitizeForTerminal, showControls, showInvisible } from '../../src/text/sanitize.ts';
import { cpuTime } from '../support/cpu-time.ts';

/** Of joiners and tags: those beside ASCII, and more than one of them. */
const UNPRINTABLE =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufff8\u{e0080}-\u{e00ff}\u{e01f0}-\u{e0fff}]|(?<=[\x00-\x7f]|^)(?:[\u200c\u200d]|[\u{e0000}-\u{e007f}])|[\u200c\u200d](?=[\x00-\x7f\u200c\u200d])|[\u{e0000}-\u{e007f}]{8}/u;

/** Nobody sees these either, but for joiners and what chooses between two forms of an emoji. */
const HIDDEN = /(?![\ufe00-\ufe0f\u200c\u200d])\p{Default_Ignorable_Code_Point}|[\ufff9-\ufffb]/u;

/** ASCII as characters that nobody sees. */
const tags = (text: string): string =>
  [...text].map((char) => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join('');

describe('sanitizeForTerminal', () => {
  test.each([
    ['colours', '\x1b[1;31mred\x1b[0m', 'red'],
    ['private CSI with intermediates', 'a\x1b[?25l\x1b[2 qb', 'ab'],
    ['an unfinished CSI', 'a\x1b[31', 'a'],
    ['8-bit CSI', 'a\x9b2Jb', 'ab'],
    ['OSC title ended by BEL', '\x1b]0;title\x07text', 'text'],
    ['OSC link ended by ST', '\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'link'],
    ['OSC with a bidi override inside', 'a\x1b]0;\u202e\x07b', 'ab'],
    ['8-bit OSC and ST', 'a\x9d52;c;AAAA\x9cb', 'ab'],
    ['DCS, APC, PM, SOS', '1\x1bPq\x1b\\2\x1b_G\x1b\\3\x1b^x\x1b\\4\x1bXy\x1b\\5', '12345'],
    ['a string that never ends keeps the text behind it', '\x1b]0;kept\nnext', '0;kept\nnext'],
    ['charset, keypad and reset escapes', '\x1b(B\x1b=\x1bcx', 'x'],
    ['a lone escape', 'a\x1b', 'a'],
    ['an escape that another hides', '\x1b\x1b[m[31mx', '[31mx'],
    ['other control characters', 'a\x00\x07\x08\x7f\x85b', 'ab'],
    ['line ends', 'a\r\nb\rc\n\td', 'a\nb\nc\n\td'],
    ['bidi overrides, visibly', 'if\u202e (x)\u2066', 'if<U+202E> (x)<U+2066>'],
    ['a family, a technician, a kiss with a skin tone', '👨‍👩‍👧 👩🏽‍💻 👩‍❤️‍💋‍👨', '👨‍👩‍👧 👩🏽‍💻 👩‍❤️‍💋‍👨'],
    ['Persian and Hindi joiners', 'می‌خواهم क्‍ष ශ්‍රී', 'می‌خواهم क्‍ष ශ්‍රී'],
    ['a joiner after which the text is still to come', '👩\u200d', '👩\u200d'],
    [
      'the flag of England',
      '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}!',
      '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}!',
    ],
    ['joiners that hide ASCII', 'pa\u200dy\u200cpal r\u200dm\u200d -\u200crf', 'paypal rm -rf'],
    ['joiners beside ASCII, and several', 'é\u200dx \u200d👩 é\u200c\u200dé\u200d\n', 'éx 👩 éé\n'],
    ['a joiner between letters that a colour separates', 'é\u200d\x1b[1mé', 'éé'],
    ['a message in tags after a flag', `\u{1f3f4}${tags('ignore all of it')}\u{e007f}`, '\u{1f3f4}'],
    ['a message in tags after a smile', `🙂${tags('rm')}\u{e007f}`, '🙂'],
    ['zero-width and tag characters', 'pa\u200by\u2060p\ufeffal\u{e0041}', 'paypal'],
    ['what Unicode reserves to be ignored', 'a\u2065\ufff0\u{e0080}\u{1d173}b', 'ab'],
    ['half a surrogate pair', 'a\ud83d', 'a\ufffd'],
  ])('%s', (_name, text, shown) => {
    expect(sanitizeForTerminal(text)).toBe(shown);
  });

  test('lets nothing through that a terminal obeys, whatever comes, and is done after one pass', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\x1b',
        '\x1b[',
        '\x1b]',
        '\x1bP',
        '\x1b\\',
        '\x9b',
        '\x9c',
        '\x9d',
        '\x07',
        '\r',
        '\n',
        ';1m',
        'a',
        'é',
        '👩',
        '\u200c',
        '\u200d',
        '\u{1f3f4}',
        '\u{e0067}',
        '\u{e007f}',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const shown = sanitizeForTerminal(pieces.join(''));
        expect(shown).not.toMatch(UNPRINTABLE);
        expect(sanitizeForTerminal(shown)).toBe(shown);
      }),
      { numRuns: 500 },
    );
  });

  test('leaves plain text as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!UNPRINTABLE.test(text) && !HIDDEN.test(text));
        expect(sanitizeForTerminal(text)).toBe(text);
      }),
    );
    expect(sanitizeForTerminal('äöü 漢字 🙂 é\n\tx')).toBe('äöü 漢字 🙂 é\n\tx');
  });

  test.each([
    '\x1b]',
    '\x9d',
    '\x1b[1;',
    '\x1bP;',
    '\x1b  ',
    '\r',
    '\u202e',
    'é\u200d',
    '\u{1f3f4}\u{e0067}',
    '\x1b]aaaaaaaaaaaaaaaaaaaaaaaaaaaa\n',
  ])('takes time in proportion to the length: %j', (piece) => {
    const time = (count: number): number => {
      const text = piece.repeat(count);
      return cpuTime(() => sanitizeForTerminal(text));
    };
    time(20_000);
    // Quadratic work on 200,000 pieces would take minutes.
    expect(time(200_000)).toBeLessThan(1_000);
  });

  test('takes a body of megabytes', () => {
    const body = 'x'.repeat(8_000_000);
    expect(sanitizeForTerminal(`a\x1b]1337;${body}\x07b`)).toBe('ab');
    expect(sanitizeForTerminal(`\x1b]${body}`)).toBe(body);
  });
});

test('what is to be judged hides nothing: controls are visible, and sanitising takes nothing away', () => {
  const spoof = 'echo ok \x1b]x; rm -rf ~ \x07\r\nls\t\x00\x7f\x9b2K\rhi';
  const shown = showControls(spoof);
  expect(shown).toBe('echo ok ␛]x; rm -rf ~ ␇\nls\t␀␡<U+009B>2K␍hi');
  expect(sanitizeForTerminal(shown)).toBe(shown);
});

test('what cannot be seen becomes its number; pictures and letters stay', () => {
  const shown = [
    'a\u00a0b\u200bc\ud800',
    'é 中 👩\u200d💻 ❤\ufe0f 👍🏽',
    'می\u200cخواهم',
    'x\ufe0f\u3164',
    'a\tb\nc\x1b',
  ].map(showInvisible);
  expect(shown).toEqual([
    'a<U+00A0>b<U+200B>c<U+D800>',
    'é 中 👩\u200d💻 ❤\ufe0f 👍🏽',
    'می<U+200C>خواهم',
    'x<U+FE0F><U+3164>',
    'a\tb\nc␛',
  ]);
});

test('nothing that is shown of a command is invisible, and visible text stays', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme-ascii' }), (text, plain) => {
      expect(showInvisible(text).replace(/\p{Extended_Pictographic}[\u200d\ufe0f]*/gu, '')).not.toMatch(
        /(?![ \n\t])[\p{Cf}\p{Cs}\p{Zs}\p{Zl}\p{Zp}]/u,
      );
      expect(showInvisible(plain)).toBe(plain);
    }),
  );
});
