/**
 * Errors in the configuration, as the user sees them: `FILE:LINE:COLUMN: message`, source line, caret.
 *
 * Invariant: a message contains no control characters except its own line breaks, whatever the file contains.
 */

/** A configuration that cannot be used. The message is complete: it is shown unchanged, without a stack trace. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A position in a text: both count from 1, the column in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * The text with each control character (and direction mark) replaced by one visible character, so columns stay right.
 */
export function printable(text: string): string {
  return text.replace(CONTROL, (char) => (char === '\t' ? ' ' : '\ufffd'));
}

/** One error for all problems of the configuration, one block each. */
export function loadError(...blocks: readonly string[]): ConfigError {
  return new ConfigError(['Error loading config.toml:', ...blocks].join('\n'));
}

/** The line and column of an offset (UTF-16 units) in a text. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/**
 * `FILE:3:9: message`, the source line, and a caret under the column.
 * @example
 * located('/h/config.toml', 'model = 3', { line: 1, column: 1 }, 'expected a string')
 */
export function located(file: string, text: string, { line, column }: Position, message: string): string {
  const source = printable((text.split('\n')[line - 1] ?? '').replace(/\r$/, ''));
  const gutter = ' '.repeat(String(line).length);
  return [
    `${placed(file, { line, column }, message)}`,
    `${gutter} |`,
    `${line} | ${source}`.trimEnd(),
    `${gutter} | ${' '.repeat(column - 1)}^`,
  ].join('\n');
}

/** Only `FILE:3:9: message`, for a line that must not be shown. */
export function placed(file: string, { line, column }: Position, message: string): string {
  return `${printable(file)}:${line}:${column}: ${message}`;
}
