/**
 * How an error is told on stderr. Does not: write it.
 */
import { sanitizeForTerminal } from '../text/sanitize.ts';

/** `Error: ` and the message, ready for a terminal, ending in a line break; some messages begin with the word already. */
export function errorLine(message: string): string {
  const text = sanitizeForTerminal(message);
  return `${text.startsWith('Error ') ? '' : 'Error: '}${text}\n`;
}
