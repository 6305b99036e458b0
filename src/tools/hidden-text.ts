/** What the model is told of a file that must not be read for it. */
import text from '../../prompts/tools/hidden.md?raw';

export function hiddenText(path: string): string {
  return text.trim().replace('{path}', () => path);
}
