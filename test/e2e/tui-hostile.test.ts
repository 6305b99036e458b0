/** Hostile text and hostile sizes: nothing of the first reaches the terminal as control, the second lose nothing. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';
import type { PtyProgram } from '../support/pty.ts';
import { EMPTY, expectNoWipe, KEYS, readyTui, send, startTui, WRITING } from '../support/tui-program.ts';

/** Each would be seen in the bytes: a title, a clipboard, a link, a query, a device string, the alternate screen … */
const ATTACKS = [
  '\x1b]0;EVIL\x07',
  '\x1b]52;c;RVZJTA==\x07',
  '\x1b]8;;http://EVIL\x1b\\link\x1b]8;;\x1b\\',
  '\x1b[6n',
  '\x1bPEVIL\x1b\\',
  '\x1b[?1049h',
  '\x1b[2J\x1b[3J',
  '\x1b[31mEVIL',
  '\x9b31mEVIL',
  '\x1bc',
  '\x07\x00\x08\x7f',
  '\u202eEVIL\u202c\u2066EVIL\u2069',
  '\r\x1b[AEVIL',
] as const;
const HOSTILE = ATTACKS.join('');

/** What our own code, and Ink, write: anything else that begins with an escape or is a control came from outside. */
const OURS =
  /\x1b\[(?:\d+(?:;\d+)*)?m|\x1b\[\d*[ABCDEFGJK]|\x1b\[\d+;1H|\x1b\[H|\x1b\[\?(?:7|25|2004|1004|2026)[hl]|\x1b\[\?u|\x1b\[2[23];0t|\x1b\]0;(?:(?:working|waiting for you|done|failed) · )?oagent · [^\x07\x1b]*\x07|\x1b\[\d+P|\x1b\[\d+@|[\r\n]/g;
const CONTROL = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

/** What the terminal is asked before the first picture, all of it our own. */
const START_QUERY = /^\x1b\[\?2026h\x1b7\x1b\[8m[^\x07]*?\x1b\[c/;

function expectNothingForeign(raw: string): void {
  const rest = raw.replace(START_QUERY, '').replace(OURS, '');
  const at = rest.search(CONTROL);
  expect(at < 0 ? '' : JSON.stringify(rest.slice(Math.max(0, at - 40), at + 40))).toBe('');
  // Blinking, concealed, fast: looks that we never use. Foreign colours would be among them.
  expect(raw.replace(START_QUERY, '')).not.toMatch(/\x1b\[(?:\d+;)*(?:5|6|8|3[18];5;\d+)m/);
}

test('hostile names, output, diffs, answers, thoughts and questions', async () => {
  const name = `evil\x1b]0;EVIL\x07\u202e.txt`;
  const print = `printf '%b' '${ATTACKS.map(escaped).join('')}\\nplain'`;
  const made = await bench([
    { thinking: HOSTILE, content: `Look: ${HOSTILE}`, toolCalls: [call(print)] },
    { toolCalls: [call('cat broken')] },
    { toolCalls: [{ name: 'apply_patch', arguments: { input: patchOf(name, `${HOSTILE} new`) } }] },
    {
      toolCalls: [
        call(`echo ${HOSTILE.replaceAll('\0', '')}`, {
          sandbox_permissions: 'require_escalated',
          justification: HOSTILE,
        }),
      ],
    },
    {
      content: `# ${HOSTILE}\n\n\`\`\`ts\nconst a = "${HOSTILE}";\n\`\`\`\n\n- [x](http://a${HOSTILE})\n\nThe end.`,
    },
  ]);
  writeFileSync(path.join(made.cwd, '.git', 'HEAD'), `ref: refs/heads/${'\x1b]0;EVIL\x07\u202e'}branch\n`);
  writeFileSync(path.join(made.cwd, 'broken'), Buffer.from([0x61, 0xff, 0xfe, 0x00, 0xc3, 0x28, 0x9b, 0x0a]));
  writeFileSync(path.join(made.cwd, name), 'old\n');
  const cwd = path.join(made.cwd, `dir\x1b]0;EVIL\x07\x1b[31m`);
  mkdirSync(cwd);
  const tui = await readyTui(made, { rows: 60 });
  await send(tui, 'do it');
  await tui.screen.until(/› 1\. Yes/);
  await new Promise((resolve) => setTimeout(resolve, 400));
  tui.type(KEYS.enter);
  await tui.screen.until((shown) => shown.includes('The end.') && !shown.includes('esc to interrupt'));
  tui.type(KEYS.ctrlT);
  await tui.screen.until(() => tui.screen.isAlternate());
  tui.type('q');
  await tui.screen.until(() => !tui.screen.isAlternate());
  tui.type('@evil');
  await tui.screen.until(/› evil.*\.txt/);
  tui.kill('SIGTERM');
  await tui.ended;
  // The whole of a command can be read, whatever stands in it.
  expect(tui.screen.history()).toContain('␛]0;EVIL␇␛]52;c;RVZJTA==␇');
  expectNothingForeign(withoutPager(tui.screen.raw));

  const inEvil = startTui({ ...made, cwd });
  await inEvil.screen.until(/ base · /);
  inEvil.type(KEYS.ctrlD);
  await inEvil.ended;
  expectNothingForeign(inEvil.screen.raw);
});

const call = (command: string, more: object = {}) => ({ name: 'shell', arguments: { command, ...more } });
const escaped = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
const patchOf = (name: string, line: string): string =>
  `*** Begin Patch\n*** Update File: ${name}\n@@\n-old\n+${line.replace(/[\r\n]/g, '')}\n*** End Patch`;
/** The pager's own screen: entered, erased, left. */
const withoutPager = (raw: string): string =>
  raw
    .replace(/\x1b\[\?1049h\x1b\[\?25l\x1b\[2J\x1b\[H/g, '')
    .replace(/\x1b\[0m\x1b\[2J\x1b\[H\x1b\[\?1049l/g, '');

test('a megabyte without a space, from the model and from a command, does not hold up the keys', async () => {
  const long = 'x'.repeat(1_000_000);
  const chunks = Array.from({ length: 10 }, () => 'y'.repeat(1_000));
  const made = await bench([
    { toolCalls: [call(`head -c 1000000 /dev/zero | tr '\\0' x`)] },
    { chunks: [...chunks, '\n\nThe end.'] },
  ]);
  const tui = await readyTui(made);
  await send(tui, 'go');
  await send(tui, 'typed meanwhile', '');
  await tui.screen.until(/The end\./);
  await tui.screen.until('› typed meanwhile');
  tui.type(`\x1b[200~${long}\x1b[201~`);
  await tui.screen.until(/\[Pasted/);
  tui.type(KEYS.ctrlC);
  await tui.screen.until(EMPTY);
  expectNoWipe(tui.screen.raw);
});

test('four thousand tokens at once come whole and in order', async () => {
  const lines = Array.from({ length: 4_000 }, (_, index) => `l${index}  \n`);
  const made = await bench([{ chunks: lines }]);
  const tui = await readyTui(made);
  await send(tui, 'go');
  await tui.screen.until(/l3999[\s\S]*\? help/);
  const numbers = tui.screen
    .history()
    .match(/l\d+/g)
    ?.map((word) => Number(word.slice(1)));
  expect(numbers).toEqual(lines.map((_, index) => index));
  expectNoWipe(tui.screen.raw);
});

test('while the model says nothing the time goes on', async () => {
  const made = await bench([
    { chunks: ['One.', ' Two.'], waitFor: new Promise(() => undefined), waitAfter: 1 },
  ]);
  const tui = await readyTui(made);
  await send(tui, 'go');
  await tui.screen.until('One.');
  await tui.screen.until(/\(1s · esc/);
});

const SIZES = [
  [60, 20],
  [20, 8],
  [120, 40],
  [400, 120],
  [100, 30],
] as const;

/** How often the screen shows a composer. */
const composers = ({ screen }: PtyProgram): number =>
  screen
    .text()
    .split('\n')
    .filter((line) => line.startsWith('› Ask oagent') || line.startsWith('› my draft')).length;

test('sizes that change in the middle of an answer: one composer, all of the text', async () => {
  const gate = Promise.withResolvers<void>();
  const paragraphs = Array.from(
    { length: 12 },
    (_, index) => `p${index} ${'word '.repeat(30)}e${index}.\n\n`,
  );
  const made = await bench([
    { chunks: [...paragraphs, 'The last', ' words.'], waitFor: gate.promise, waitAfter: 13 },
  ]);
  const tui = await readyTui(made);
  await send(tui, 'go');
  await tui.screen.until('The last');
  for (const [columns, rows] of SIZES) {
    tui.resize(columns, rows);
    await tui.screen.until(
      (text) => text.includes('The last') && composers(tui) === 1 && fitsFooter(text, columns),
    );
    expect(text(tui).split('\n').length).toBeLessThanOrEqual(rows);
  }
  gate.resolve();
  // The row that was being written ended with the first of these sizes.
  await tui.screen.until(/The last\s+words\.[\s\S]*\? help/);
  const history = tui.screen.history().replace(/\s+/g, ' ');
  for (let index = 0; index < 12; index += 1)
    expect(history).toMatch(new RegExp(`p${index} (word )+e${index}\\.`));
  expectNoWipe(tui.screen.raw);
});

const text = ({ screen }: PtyProgram): string => screen.text();
/** The last line is a footer that was made for this width. */
const fitsFooter = (shown: string, columns: number): boolean => {
  const last = shown.split('\n').at(-1) ?? '';
  return columns < 60 ? /of 32\.8k$/.test(last) : /of 32\.8k(?: \(estimated\))? · enter steers/.test(last);
};

/** The draft stands as it is laid out for this width: no row is longer, and none ends too early. */
function isWrappedFor(shown: string, columns: number): boolean {
  const rows = shown.slice(shown.lastIndexOf('› my draft')).split('\n');
  const [first = '', second = ''] = rows.slice(0, rows.indexOf(''));
  const next = second.trim().split(' ')[0] ?? '';
  return first.length < columns && first.length + next.length + 3 > columns;
}

test('a window that is dragged narrower keeps the history and one composer', async () => {
  const tui = await readyTui(await bench([{ content: 'Hello.' }]));
  await send(tui, 'go');
  await tui.screen.until(/Hello\.[\s\S]*\? help/);
  const draft = `my draft ${'is long and wraps '.repeat(5)}`.trim();
  tui.type(draft);
  await tui.screen.until('› my draft');
  for (let columns = 99; columns >= 60; columns -= 3) {
    tui.resize(columns, 30);
    await tui.screen.until((shown) => isWrappedFor(shown, columns) && composers(tui) === 1);
  }
  await tui.screen.settled();
  const shown = tui.screen.history().split('\n');
  expect(shown.slice(5, 9)).toEqual(['› go', '', '• Hello.', '']);
  expect(shown.filter((line) => line.startsWith('› my draft'))).toHaveLength(1);
  tui.type(`${KEYS.ctrlL}!`);
  await tui.screen.until((text) => text.includes('wraps!') && composers(tui) === 1);
});

test('all can be done in the smallest window', async () => {
  const made = await bench([
    { toolCalls: [call('touch x', { sandbox_permissions: 'require_escalated' })] },
    { content: 'Ok.' },
  ]);
  const tui = startTui(made, { columns: 20, rows: 8, args: WRITING });
  await tui.screen.until(/of 32\.8k/);
  await send(tui, 'go');
  await tui.screen.until(/› 1\. Yes/);
  await new Promise((resolve) => setTimeout(resolve, 400));
  tui.type(KEYS.enter);
  await tui.screen.until('Ok.');
  expectNoWipe(tui.screen.raw);
});
