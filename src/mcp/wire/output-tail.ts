/** The end of what a server writes to stderr. */
import { quoted } from './mcp-error.ts';

const MOST_LINES = 40;
const LINE_LENGTH = 1_000;

const LAST_WORDS = 'Its last words: ';

const TELLING = /error|exception|fatal|fail|not found|no such|denied|cannot|unable|missing|invalid|usage/i;

export class OutputTail {
  readonly #lines: string[] = [];
  #rest = '';
  readonly #onLine: (line: string) => void;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, LINE_LENGTH);
    for (const line of lines) this.add(line);
  }

  add(line: string): void {
    if (line.trim() === '') return;
    this.#lines.push(line.trimEnd().slice(0, LINE_LENGTH));
    if (this.#lines.length > MOST_LINES) this.#lines.shift();
    this.#onLine(line);
  }

  get lines(): readonly string[] {
    return this.#rest.trim() === '' ? this.#lines : [...this.#lines, this.#rest];
  }

  /** For an error: the last line that says what went wrong, since a trace or a version often follows it. */
  get lastWords(): string {
    const { lines } = this;
    const last = lines.findLast((line) => TELLING.test(line)) ?? lines.at(-1);
    return last === undefined ? '' : `\n${LAST_WORDS}${quoted(last)}`;
  }
}

/** The lines of an error, and all that is known of stderr behind them, where the last words are again. */
export function withTail(message: string, tail: readonly string[]): readonly string[] {
  const lines = message.split('\n');
  return tail.length === 0 ? lines : [...lines.filter((line) => !line.startsWith(LAST_WORDS)), ...tail];
}
