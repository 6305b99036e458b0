/**
 * The few ways in which text may look.
 *
 * Invariants: letters have the terminal's own colours, without white, black and yellow, so that they read on dark and
 * light terminals; tints are only behind them, only where the terminal's background is known, and say nothing that a
 * sign does not say; every function closes what it opens; with `plainStyle` (NO_COLOR) only weight is written.
 */
import type { ColourBits } from '../term/features.ts';
import type { Background } from '../term/start-queries.ts';

type Paint = (text: string) => string;

/** Behind a text. */
interface Tints {
  readonly added: Paint;
  readonly removed: Paint;
  readonly prompt: Paint;
}

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly italic: Paint;
  readonly underline: Paint;
  readonly inverse: Paint;
  readonly strike: Paint;
  readonly cyan: Paint;
  readonly green: Paint;
  readonly red: Paint;
  readonly magenta: Paint;
  /** Undefined: the terminal has too few colours, or its background is not known. */
  readonly tints: Tints | undefined;
  /** A text that opens its target. Undefined: the terminal may not know links. */
  readonly link: ((target: string, text: string) => string) | undefined;
}

/** What a line builder knows about the screen. */
export interface LineContext {
  /** Columns of the terminal. */
  readonly width: number;
  readonly style: Style;
  /** The session's folder, absolute: paths below it are shown relative to it. */
  readonly cwd: string;
  /** The user's home folder, shown as `~`. */
  readonly home: string;
  /** The key that shows everything in full; undefined: the user has given it none. */
  readonly fullKey: string | undefined;
  /** What precedes the further rows of a paragraph, which is one line; undefined: each row is a line (prose.ts). */
  readonly hang?: string | undefined;
}

function sgr(open: number | string, close: number): Paint {
  // A close of the same attribute inside would end the outer one too, so it is opened again after it.
  const end = `\x1b[${close}m`;
  return (text) => (text === '' ? '' : `\x1b[${open}m${text.replaceAll(end, `${end}\x1b[${open}m`)}${end}`);
}

const weight = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  italic: sgr(3, 23),
  underline: sgr(4, 24),
  inverse: sgr(7, 27),
  strike: sgr(9, 29),
};
const same: Paint = (text) => text;

export const colorStyle: Style = {
  ...weight,
  tints: undefined,
  link: undefined,
  cyan: sgr(36, 39),
  green: sgr(32, 39),
  red: sgr(31, 39),
  magenta: sgr(35, 39),
};

const noColor = { cyan: same, green: same, red: same, magenta: same, tints: undefined, link: undefined };

/** For NO_COLOR. */
export const plainStyle: Style = { ...weight, ...noColor };

/** Text and nothing else: not one escape sequence. */
export const bareStyle: Style = {
  ...noColor,
  bold: same,
  dim: same,
  italic: same,
  underline: same,
  inverse: same,
  strike: same,
};

type Shades = Readonly<Record<keyof Tints, string>>;

/** Close enough to the background for all letters to read on them. */
const SHADES: Readonly<Record<Background, { readonly 8: Shades; readonly 24: Shades }>> = {
  dark: {
    8: { added: '5;22', removed: '5;52', prompt: '5;236' },
    24: { added: '2;20;50;32', removed: '2;64;26;30', prompt: '2;42;46;54' },
  },
  light: {
    8: { added: '5;194', removed: '5;224', prompt: '5;254' },
    24: { added: '2;218;244;224', removed: '2;253;226;226', prompt: '2;232;236;242' },
  },
};

/** `colorStyle` with what this terminal can do beyond it. */
export function richStyle(terminal: {
  readonly bits: ColourBits;
  readonly background: Background | undefined;
  readonly hasLinks: boolean;
}): Style {
  const { bits, background, hasLinks } = terminal;
  const shades = bits === 4 || background === undefined ? undefined : SHADES[background][bits];
  const tint = (shade: string): Paint => sgr(`48;${shade}`, 49);
  return {
    ...colorStyle,
    tints: shades && {
      added: tint(shades.added),
      removed: tint(shades.removed),
      prompt: tint(shades.prompt),
    },
    link: hasLinks ? link : undefined,
  };
}

/** The target has no control character: it is a URL. */
function link(target: string, text: string): string {
  return `\x1b]8;;${target}\x07${text}\x1b]8;;\x07`;
}
