/**
 * Text of scripts whose characters join, in terminals that measure it differently: where the caret is, what is on the
 * screen after each key, and tables.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';
import { KEYS, readyTui, send } from '../support/tui-program.ts';

const WORDS = [
  'हिन्दी क्षत्रिय',
  'தமிழ் க்ஷ',
  'বাংলা ক্ষ',
  'ខ្មែរ ស្រុក',
  'ภาษา น้ำ',
  'שָׁלוֹם',
  'مُحَمَّد',
  '한국어',
  '🫩 👩‍💻 ❤️ 1️⃣',
];
const TABLE = ['| a | b |', '|---|---|', ...WORDS.map((word) => `| ${word} | end |`)].join('\n');

const LEFT = '\x1b[D';
const RIGHT = '\x1b[C';

test.each([false, true])('composer, wrapping, popup and table (by character: %s)', async (isByCharacter) => {
  const made = await bench([{ content: TABLE }]);
  mkdirSync(path.join(made.cwd, 'हिन्दी'));
  writeFileSync(path.join(made.cwd, 'हिन्दी/क्षत्रिय.md'), '');
  const tui = await readyTui(made, { isByCharacter, columns: 60 });
  const { screen, type } = tui;
  for (const word of WORDS) {
    type(`${word} z`);
    // The caret has its place only when all of the picture has come.
    await screen.until((text) => text.split('\n')[screen.cursor().y]?.endsWith(`${word} z`) === true);
    const end = screen.cursor();
    // What is inserted before the last letter moves it by one cell, and the caret stays behind the insertion.
    type(LEFT);
    await screen.until(() => screen.cursor().x === end.x - 1);
    type('xy');
    await screen.until(`${word} xyz`);
    expect([word, screen.cursor().x]).toEqual([word, end.x + 1]);
    type(RIGHT);
    await screen.until(() => screen.cursor().x === end.x + 2);
    const row = screen
      .text()
      .split('\n')
      .find((line) => line.includes(word));
    expect(row).toBe(`› ${word} xyz`);
    type(KEYS.ctrlU);
    await screen.until((text) => !text.includes(word));
  }
  // A row of Hindi that is as wide as the composer allows wraps there, and no row of the live region is wider.
  type(Array.from({ length: 12 }, () => 'क्षत्रिय').join(' '));
  await screen.until((text) => text.split('क्षत्रिय').length === 13);
  expect(screen.text().match(/^[› ] .*क्षत्रिय.*$/gm)?.length).toBe(2);
  type(KEYS.ctrlU);
  await screen.until((text) => !text.includes('क्षत्रिय'));
  type('@क्ष');
  await screen.until('हिन्दी/क्षत्रिय.md');
  expect(screen.text()).toMatch(/^› हिन्दी\/क्षत्रिय\.md$/m);
  type(KEYS.ctrlU);
  await screen.until((text) => !text.includes('@क्ष'));
  await send(tui, 'a table');
  await screen.until(/1️⃣ +end[\s\S]*% of/);
  // In the terminal's own columns the second one is straight.
  const columns = screen.columnsOf('end');
  expect(new Set(columns).size).toBe(1);
  expect(columns.length).toBe(WORDS.length);
});
