/** What terminals are asked at the start, and whether the widths that follow are those of the terminal. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { afterEach, expect, test } from 'vitest';
import { cellWidth, DEFAULT_WIDTHS, setCellWidths } from '../../../src/text/cell-width.ts';
import { StartQueries } from '../../../src/tui/term/start-queries.ts';
import { Screen } from '../../support/screen.ts';

afterEach(() => setCellWidths(DEFAULT_WIDTHS));

/** A terminal that has been asked. `typed` comes with its answers. */
function asked(screen: Screen, typed = ''): { queries: StartQueries; stdin: NodeJS.ReadStream } {
  const { stdin } = screen;
  screen.onReply((bytes) => screen.type(bytes));
  screen.type(typed);
  return { queries: new StartQueries(stdin, screen.stdout), stdin };
}

/** The columns by which the cursor moves in a terminal of this kind. */
async function columnsOf(texts: readonly string[], isByCharacter: boolean): Promise<number[]> {
  const screen = new Screen(400, 5, { isByCharacter });
  const columns: number[] = [];
  for (const text of texts) {
    // In some terminals a mark in the first column stands alone.
    screen.feed(`\r\x1b[K|${text}`);
    await screen.settled();
    columns.push(screen.cursor().x - 1);
  }
  return columns;
}

/** Words of scripts whose characters join, as a reader writes them. */
const WORDS = {
  hindi: 'हिन्दी क्षत्रिय विद्यार्थी नमस्ते राष्ट्र',
  bengali: 'বাংলা ক্ষুদ্র বিজ্ঞান',
  tamil: 'தமிழ் க்ஷத்ரியர் ஸ்ரீ வணக்கம்',
  telugu: 'తెలుగు క్షమించు',
  malayalam: 'മലയാളം ക്ഷേത്രം',
  khmer: 'ខ្មែរ ស្រុក កម្ពុជា',
  thai: 'ภาษาไทย น้ำ กำลัง ที่นี่',
  lao: 'ພາສາລາວ ນ້ຳ',
  hebrew: 'שָׁלוֹם עולם',
  arabic: 'مُحَمَّد مرحبا می‌خواهم',
  korean: '한국어 한국어 ᄒ',
  japanese: '日本語 ｶﾞｷﾞ か゚',
  pictures: '👩 👩‍💻 👨‍👩‍👧 👍🏽 🇯🇵 ❤️ ❤️‍🔥 ⚠️ 1️⃣ ✅ 🥰 🪐 🫀 🫠 🫨 🫩 🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  signs: '… — “x” ± → • │ ─ ✔ ① é',
};

test.each([
  false,
  true,
])('the widths that are learnt are the terminal’s own (by character: %s)', async (isByCharacter) => {
  const screen = new Screen(60, 5, { isByCharacter });
  const { queries } = asked(screen);
  setCellWidths((await queries.answers()).widths);
  const texts = Object.values(WORDS);
  expect(texts.map(cellWidth)).toEqual(await columnsOf(texts, isByCharacter));
});

const unit = fc.constantFrom(...new Set(Object.values(WORDS).join(' ').split(' ')), 'a', 'é', '漢', ' ');
const words = fc.array(unit, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(' '));

test.each([false, true])('whatever is written of such words (by character: %s)', async (isByCharacter) => {
  const { queries } = asked(new Screen(60, 5, { isByCharacter }));
  setCellWidths((await queries.answers()).widths);
  await fc.assert(
    fc.asyncProperty(fc.array(words, { minLength: 10, maxLength: 10 }), async (texts) => {
      expect(texts.map(cellWidth)).toEqual(await columnsOf(texts, isByCharacter));
    }),
    { numRuns: 20 },
  );
});

test('of a terminal that does not answer the widths are those of string-width', async () => {
  const screen = new Screen(60, 5);
  const answers = await new StartQueries(screen.stdin, screen.stdout).answers();
  expect(answers).toEqual({ widths: DEFAULT_WIDTHS, background: undefined });
  setCellWidths(answers.widths);
  fc.assert(fc.property(words, (text) => cellWidth(text) === stringWidth(text)));
});

test('the line where the cursor stands is as it was, and so is the input', async () => {
  const screen = new Screen(60, 5);
  screen.feed('$ oagent');
  const { queries, stdin } = asked(screen, 'fix it\r');
  await queries.answers();
  await screen.settled();
  expect([screen.text(), screen.cursor(), screen.isRaw]).toEqual(['$ oagent', { x: 8, y: 0 }, true]);
  const read = new Promise<string>((resolve) => stdin.once('data', (chunk) => resolve(String(chunk))));
  stdin.resume();
  expect((await read).replace(/\x1b\[[?\d;]*[Rc]/g, '')).toBe('fix it\r');
});

test('answers that no terminal gives are none', async () => {
  for (const answer of [
    '\x1b[1;1R\x1b[?1c',
    '\x1b[1;9R'.repeat(19),
    `\x1b[1;1R${'\x1b[2;2R'.repeat(18)}\x1b[?6c`,
  ]) {
    const screen = new Screen(60, 5);
    screen.type(answer);
    const { widths } = await new StartQueries(screen.stdin, screen.stdout).answers();
    expect(widths).toEqual(DEFAULT_WIDTHS);
  }
});

test.each([
  ['11;rgb:ffff/ffff/ffff', 'light'],
  ['11;rgb:1e/1e/2e', 'dark'],
  ['11;rgba:f/f/e/f', 'light'],
  ['11;#ffffff', undefined],
])('the background %s is %s', async (body, background) => {
  const screen = new Screen(60, 5);
  screen.type(`\x1b]${body}\x1b\\\x1b[?62;c`);
  expect((await new StartQueries(screen.stdin, screen.stdout).answers()).background).toBe(background);
});
