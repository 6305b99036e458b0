/**
 * The few ways in which text may look.
 *
 * Invariants: sixteen colours at most and no white, black or yellow, so that it reads on dark and light terminals;
 * every function closes what it opens; with `plainStyle` (NO_COLOR) only weight is written.
 */
type Paint = (text: string) => string;

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
}

function sgr(open: number, close: number): Paint {
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
  cyan: sgr(36, 39),
  green: sgr(32, 39),
  red: sgr(31, 39),
  magenta: sgr(35, 39),
};

/** Text and nothing else: not one escape sequence. */
export const bareStyle: Style = {
  bold: same,
  dim: same,
  italic: same,
  underline: same,
  inverse: same,
  strike: same,
  cyan: same,
  green: same,
  red: same,
  magenta: same,
};

/** For NO_COLOR. */
export const plainStyle: Style = { ...weight, cyan: same, green: same, red: same, magenta: same };
