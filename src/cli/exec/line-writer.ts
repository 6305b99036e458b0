/** Lines on a terminal or in a log, coloured if allowed. */
import { sanitizeForTerminal } from '../../text/sanitize.ts';

/** Foreign text made safe for a terminal. */
export const clean = sanitizeForTerminal;

/** SGR codes. */
const COLORS = { red: '31', green: '32', yellow: '33', magenta: '35', cyan: '36' } as const;

export class LineWriter {
  readonly #write: (text: string) => void;
  readonly #color: boolean;

  constructor(write: (text: string) => void, color: boolean) {
    this.#write = write;
    this.#color = color;
  }

  line(text: string): void {
    this.#write(`${text}\n`);
  }

  /** Foreign text, unless it is blank. */
  text(text: string): void {
    if (text.trim() !== '') this.line(clean(text.trimEnd()));
  }

  bold(text: string): string {
    return this.#sgr('1', text);
  }

  dim(text: string): string {
    return this.#sgr('2', text);
  }

  paint(color: keyof typeof COLORS, text: string): string {
    return this.#sgr(COLORS[color], text);
  }

  #sgr(code: string, text: string): string {
    return this.#color ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/** The first and last lines of a long text, with the number of lines between them. */
export function clip(text: string, maxLines: number): string {
  const lines = text.split('\n');
  if (lines.length <= maxLines) return text;
  const half = Math.ceil(maxLines / 2);
  return [...lines.slice(0, half), `… +${lines.length - 2 * half} lines`, ...lines.slice(-half)].join('\n');
}
