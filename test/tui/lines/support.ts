/** What the tests of line builders share. */
import { cellWidth } from '../../../src/text/cell-width.ts';
import { colorStyle, type LineContext, plainStyle } from '../../../src/tui/lines/style.ts';

/** A style that writes nothing, so that expected lines can be read. */
const bare = {
  ...Object.fromEntries(Object.keys(plainStyle).map((name) => [name, (text: string) => text])),
  tints: undefined,
  link: undefined,
};

export function context(width = 60, style: LineContext['style'] = bare as unknown as LineContext['style']) {
  return {
    width,
    style,
    cwd: '/home/ada/work',
    home: '/home/ada',
    fullKey: 'ctrl+t' as string | undefined,
  } satisfies LineContext;
}

export const inColor = (width = 60): LineContext => context(width, colorStyle);

/** The text without styles. */
export const plain = (text: string): string => text.replace(/\x1b\[(?:[123479]|2[23479]|3[12569])m/g, '');

/** The styles as names in angle brackets. */
export function named(lines: readonly string[]): string[] {
  const names: { [code: string]: string } = {
    1: 'b',
    2: 'dim',
    3: 'i',
    4: 'u',
    7: 'inv',
    9: 's',
    22: '/b',
    23: '/i',
    24: '/u',
    27: '/inv',
    29: '/s',
    31: 'red',
    32: 'green',
    35: 'magenta',
    36: 'cyan',
    39: '/color',
  };
  return lines.map((line) => line.replace(/\x1b\[(\d+)m/g, (_, code: string) => `<${names[code] ?? code}>`));
}

/** What is wrong with the lines: control characters, styles left open, and rows wider than `cells`. */
export function problems(lines: readonly string[], cells = Number.POSITIVE_INFINITY): string[] {
  return lines.flatMap((line) => [
    ...(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(plain(line))
      ? [`control: ${JSON.stringify(line)}`]
      : []),
    ...(cellWidth(line) > cells ? [`wide: ${JSON.stringify(line)}`] : []),
    ...(isBalanced(line) ? [] : [`open: ${JSON.stringify(line)}`]),
  ]);
}

function isBalanced(line: string): boolean {
  const open = { weight: 0, italic: 0, underline: 0, inverse: 0, strike: 0, color: 0 };
  const kinds: { [code: string]: [keyof typeof open, number] } = {
    1: ['weight', 1],
    2: ['weight', 1],
    22: ['weight', 0],
    3: ['italic', 1],
    23: ['italic', 0],
    4: ['underline', 1],
    24: ['underline', 0],
    7: ['inverse', 1],
    27: ['inverse', 0],
    9: ['strike', 1],
    29: ['strike', 0],
    31: ['color', 1],
    32: ['color', 1],
    35: ['color', 1],
    36: ['color', 1],
    39: ['color', 0],
  };
  for (const [, code = ''] of line.matchAll(/\x1b\[(\d+)m/g)) {
    const kind = kinds[code];
    if (kind !== undefined) open[kind[0]] = kind[1];
  }
  return Object.values(open).every((value) => value === 0);
}

/** The lines at 20, 60 and 100 columns, as they are on the screen but for soft wraps. */
export function atWidths(build: (ctx: LineContext) => readonly string[]): string {
  return [20, 60, 100].map((width) => [`── ${width}`, ...build(context(width))].join('\n')).join('\n');
}
