/** The prompt behind /init. */
import initText from '../../../prompts/init.md?raw';

export function initPrompt(): string {
  return initText.trim();
}
