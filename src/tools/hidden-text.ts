/** What the model is told of a file that must not be read for it. */
import text from '../../prompts/tools/hidden.md?raw';
import { fill } from '../text/fill.ts';

export function hiddenText(path: string): string {
  return fill(text, { path });
}
