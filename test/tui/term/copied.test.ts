/** What a user gets who copies from the history, in xterm and in a real tmux, also after another size. */
import { expect, test } from 'vitest';
import { markdownLines } from '../../../src/tui/lines/markdown.ts';
import { assistantLines, userLines } from '../../../src/tui/lines/message.ts';
import { errorLines } from '../../../src/tui/lines/notice.ts';
import { answerLines } from '../../../src/tui/lines/stream.ts';
import { bareStyle, colorStyle, type LineContext, richStyle } from '../../../src/tui/lines/style.ts';
import type { Taken } from '../../../src/tui/lines/taken.ts';
import { StreamingAnswer } from '../../../src/tui/screen/streaming-answer.ts';
import { RecordedPainter } from '../../support/storm/recorder.ts';
import type { Size } from '../../support/storm/recording.ts';
import { hasTmux, inTmux } from '../../support/storm/tmux.ts';
import { inXterm } from '../../support/storm/xterm.ts';

const terminals = hasTmux()
  ? ([
      ['xterm', inXterm],
      ['tmux', inTmux],
    ] as const)
  : ([['xterm', inXterm]] as const);

const columns = 40;
const ctx = (style = bareStyle): LineContext => ({
  width: columns,
  style,
  cwd: '/home/ada/shop',
  home: '/home/ada',
  fullKey: 'ctrl+t',
  hang: '',
});
const answer = (text: string, style = bareStyle): string[] =>
  assistantLines(answerLines(text, ctx(style)), ctx(style), { isFirst: true });

/** What is copied of these lines, at once and then at each size. */
async function copied(
  replay: typeof inXterm,
  lines: readonly string[],
  sizes: readonly Size[] = [],
): Promise<string[][]> {
  const terminal = new RecordedPainter({ columns, rows: 12 });
  terminal.print(...lines);
  terminal.show(['› '], { x: 2, y: 0 });
  terminal.seen.push({ copy: true });
  for (const size of sizes) {
    terminal.resize(size.columns, size.rows);
    terminal.know();
    terminal.seen.push({ copy: true });
  }
  const histories = await replay(terminal.recording);
  return histories.slice(0, 1 + sizes.length).map((history) => {
    const rows = history.map((line) => line.trimEnd());
    return rows.slice(0, rows.lastIndexOf('›'));
  });
}

const PARAGRAPH =
  'The total counted items where it should have added their prices, so that a cart of two was 2.';
const COMMAND = 'npm run build -- --mode production --out-dir ./dist/web --sourcemap';

test.each(terminals)('%s: a paragraph is one line, its words apart', async (_, replay) => {
  const [lines = []] = await copied(replay, answer(PARAGRAPH));
  expect(lines).toEqual([
    '• The total counted items where it        should have added their prices, so      that a cart of two was 2.',
  ]);
});

test.each(terminals)('%s: after other sizes it is still one line', async (_, replay) => {
  const sizes = [
    { columns: 70, rows: 12 },
    { columns: 25, rows: 20 },
    { columns: 40, rows: 6 },
  ];
  const all = await copied(replay, answer(`${PARAGRAPH}\n\n- ${PARAGRAPH}`, colorStyle), sizes);
  const words = all.map((lines) => lines.map((line) => line.replace(/ +/g, ' ')));
  expect(words).toEqual(Array(4).fill([`• ${PARAGRAPH}`, '', ` - ${PARAGRAPH}`]));
});

test.each(terminals)('%s: a paragraph that comes in parts is one line too', async (_, replay) => {
  const terminal = new RecordedPainter({ columns, rows: 12 });
  terminal.show(['⠼ Writing', '› '], { x: 2, y: 1 });
  const coming = new StreamingAnswer();
  const add = ({ lines, joined, isOpen }: Taken): void => {
    if (lines.length > 0) terminal.flow(lines.join('\n'), joined, isOpen);
  };
  for (const part of PARAGRAPH.split(/(?= )/)) {
    coming.add(part);
    add(coming.flow(ctx()));
  }
  add(coming.finish(undefined, ctx()));
  terminal.show([]);
  terminal.seen.push({ copy: true });
  const [copiedLines = []] = await replay(terminal.recording);
  expect(copiedLines.map((line) => line.trimEnd()).filter((line) => line !== '')).toEqual(answer(PARAGRAPH));
});

test.each(terminals)('%s: code and a command are copied as they are', async (_, replay) => {
  const [lines = []] = await copied(replay, answer(`Run:\n\n\`\`\`sh\n${COMMAND}\n\`\`\`\n\nThen wait.`));
  expect(lines).toEqual(['• Run:', '', `    ${COMMAND}`, '', '  Then wait.']);
});

test.each(terminals)('%s: a command within prose can be pasted into a shell', async (_, replay) => {
  const [lines = []] = await copied(replay, answer(`Build it with \`${COMMAND}\` first.`));
  expect(lines.map((line) => line.split(/ +/))).toEqual([`• Build it with ${COMMAND} first.`.split(' ')]);
});

test.each(terminals)('%s: what the user wrote, and what oagent says', async (_, replay) => {
  const style = richStyle({ bits: 24, background: 'dark', hasLinks: true });
  const text = 'find out why the total of a cart is wrong\n\nand add a test';
  const message =
    'The server at 127.0.0.1:11434 does not answer.\nStart it with `ollama serve`, or set OLLAMA_HOST.';
  const [lines = []] = await copied(replay, [
    ...userLines({ text }, ctx(style)),
    ...errorLines(message, ctx(style)),
  ]);
  expect(lines).toEqual([
    '› find out why the total of a cart is     wrong',
    '',
    '  and add a test',
    '■ The server at 127.0.0.1:11434 does      not answer.',
    '  Start it with `ollama serve`, or set    OLLAMA_HOST.',
  ]);
});

test('the rows look as they would with line ends', () => {
  const source = `${PARAGRAPH}\n\n1. ${PARAGRAPH}\n   - ${PARAGRAPH}\n\nSee https://example.org/${'a'.repeat(60)} for more, and more, and more.`;
  const rows = markdownLines(source, { ...ctx(), hang: undefined }).flatMap((row) =>
    // A URL stays whole.
    (row.match(/.{1,40}/g) ?? ['']).map((part) => part.trimEnd()),
  );
  const wrapped = markdownLines(source, ctx()).flatMap((line) =>
    (line.match(/.{1,40}/g) ?? ['']).map((part) => part.trimEnd()),
  );
  expect(wrapped).toEqual(rows);
});

test('a quote keeps its bar in each row', () => {
  expect(markdownLines(`> ${PARAGRAPH}`, ctx())).toEqual([
    '│ The total counted items where it',
    '│ should have added their prices, so',
    '│ that a cart of two was 2.',
  ]);
});
