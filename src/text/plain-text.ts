/** A text as it is compared: nothing invisible in it, and each letter in one form only. */
import { sanitizeForTerminal } from './sanitize.ts';

export function plainText(text: string): string {
  return sanitizeForTerminal(text).normalize('NFKC');
}
