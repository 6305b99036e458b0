/**
 * `npm run picture`: makes docs/oagent.svg, the terminal after the demo's task, from the built program in a real pty.
 * Only the model is scripted. Needs bubblewrap, since the session runs in the sandbox.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pty from '@lydell/node-pty';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import xterm, { type IBufferCell } from '@xterm/headless';
import { DEMO_MODEL, DEMO_PROMPT, demoScript } from '../src/demo/scenario.ts';
import { startScriptedOllama } from '../src/demo/scripted-ollama.ts';

const COLUMNS = 92;
const ROWS = 40;
/** What the title of the window begins with when the turn has ended, however long it took. */
const DONE = 'done ';
const FAILED = 'failed ';
/** What the screen shows while it lasts: the last picture may come after the title. */
const WORKING = 'esc to interrupt';

const FONT_SIZE = 14;
const CELL = { width: 8.43, height: 17 };
const PADDING = 14;
const FOREGROUND = '#d4d7dd';
const BACKGROUND = '#16181d';
const COLOURS = [
  ...['#3b4048', '#e06c75', '#8cc570', '#e5c07b', '#6cb2f7', '#c678dd', '#56b6c2', '#c8ccd4'],
  ...['#6b7280', '#ff8b92', '#a9e08b', '#ffd98a', '#8fcaff', '#e29bf5', '#7bdbe6', '#ffffff'],
];

const root = path.dirname(import.meta.dirname);
const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
terminal.loadAddon(new UnicodeGraphemesAddon());

await record();
const svg = drawing();
await writeFile(path.join(root, 'docs/oagent.svg'), svg);
console.log(`docs/oagent.svg: ${(svg.length / 1000).toFixed(1)} kB`);

/** Runs the task; then the terminal shows its end. */
async function record(): Promise<void> {
  const home = await mkdtemp(path.join(tmpdir(), 'oagent-picture-'));
  const cwd = path.join(home, 'shop');
  await cp(path.join(root, 'src/demo/sample'), cwd, { recursive: true });
  await mkdir(path.join(cwd, '.git'));
  const server = await startScriptedOllama({ models: [DEMO_MODEL], script: demoScript(), chunkDelayMs: 5 });
  const program = pty.spawn(
    process.execPath,
    [path.join(root, 'dist/main.js'), '--full-auto', '-m', DEMO_MODEL.name, DEMO_PROMPT],
    {
      name: 'xterm-256color',
      cols: COLUMNS,
      rows: ROWS,
      cwd,
      env: {
        PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
        HOME: home,
        OAGENT_HOME: path.join(home, '.oagent'),
        OLLAMA_HOST: server.host,
        LANG: 'C.UTF-8',
        SHELL: '/bin/bash',
        TERM: 'xterm-256color',
        COLORTERM: 'truecolor',
        // Light on dark: this terminal does not answer what its background is.
        COLORFGBG: '15;0',
      },
    },
  );
  terminal.onData((reply) => program.write(reply));
  const ended = new Promise<void>((resolve) => program.onExit(() => resolve()));
  let title = '';
  terminal.onTitleChange((next) => {
    title = next;
  });
  const isDone = (): boolean => title.startsWith(DONE) && !textOfScreen().includes(WORKING);
  await new Promise<void>((resolve) => {
    program.onData((bytes) =>
      terminal.write(bytes, () => {
        if (isDone() || title.startsWith(FAILED)) resolve();
      }),
    );
    void ended.then(resolve);
  });
  program.kill('SIGKILL');
  await ended;
  await server.close();
  await rm(home, { recursive: true, force: true });
  if (!isDone()) throw new Error(`the task was not done (${title}):\n${textOfScreen()}`);
}

function textOfScreen(): string {
  const { active } = terminal.buffer;
  return Array.from(
    { length: ROWS },
    (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
  ).join('\n');
}

interface Run {
  text: string;
  readonly column: number;
  cells: number;
  readonly style: string;
  readonly tint: string | undefined;
}

function drawing(): string {
  const { active } = terminal.buffer;
  const rows = textOfScreen().trimEnd().split('\n').length;
  const width = Math.ceil(COLUMNS * CELL.width + 2 * PADDING);
  const height = Math.ceil(rows * CELL.height + 2 * PADDING);
  const lines = Array.from({ length: rows }, (_, row) => drawnRow(active.baseY + row, row)).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    '<title>oagent in a terminal: it finds a bug, fixes it and runs the tests</title>' +
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>` +
    `<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}" xml:space="preserve">` +
    `${lines}</g></svg>\n`
  );
}

/** One text element for each run of cells in the same style, stretched to its cells whatever the viewer's font is. */
function drawnRow(line: number, row: number): string {
  const top = PADDING + row * CELL.height;
  const y = (top + FONT_SIZE).toFixed(1);
  return runsOf(line)
    .flatMap(({ text, column, cells, style, tint }) => {
      const x = (PADDING + column * CELL.width).toFixed(1);
      const behind =
        tint === undefined
          ? []
          : [
              `<rect x="${x}" y="${top.toFixed(1)}" width="${(cells * CELL.width).toFixed(1)}" height="${CELL.height}" fill="${tint}"/>`,
            ];
      // Blanks at the end would stretch over nothing.
      const shown = text.trimEnd();
      if (shown.trim() === '') return behind;
      const length = ((cells - (text.length - shown.length)) * CELL.width).toFixed(1);
      return [
        ...behind,
        `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs" ${style}>${escaped(shown)}</text>`,
      ];
    })
    .join('\n');
}

function runsOf(line: number): Run[] {
  const runs: Run[] = [];
  for (let column = 0; column < COLUMNS; column += 1) {
    const cell = terminal.buffer.active.getLine(line)?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const style = styleOf(cell);
    const tint = cell.isBgRGB() ? hex(cell.getBgColor()) : undefined;
    const last = runs.at(-1);
    const text = cell.getChars() || ' ';
    // A sign that the viewer's font lacks comes from another one, which must not touch the text beside it.
    if (last?.style === style && last.tint === tint && isAscii(text) && isAscii(last.text)) {
      last.text += text;
      last.cells += cell.getWidth();
    } else runs.push({ text, column, cells: cell.getWidth(), style, tint });
  }
  return runs;
}

function hex(colour: number): string {
  return `#${colour.toString(16).padStart(6, '0')}`;
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

function styleOf(cell: IBufferCell): string {
  const colour = cell.isFgPalette() ? COLOURS[cell.getFgColor()] : FOREGROUND;
  return [
    `fill="${colour ?? FOREGROUND}"`,
    cell.isDim() ? 'fill-opacity="0.6"' : '',
    cell.isBold() ? 'font-weight="bold"' : '',
    cell.isItalic() ? 'font-style="italic"' : '',
    cell.isStrikethrough() ? 'text-decoration="line-through"' : '',
  ]
    .filter((attribute) => attribute !== '')
    .join(' ');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
