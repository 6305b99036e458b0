/** A model's name as people say it: `qwen3` for `qwen3:latest`; a model that is led is called so. */
import { oneLine } from './clean.ts';

export function modelName(name: string, isLed = false): string {
  return `${oneLine(name, 200).replace(/:latest$/, '')}${isLed ? ' (led)' : ''}`;
}
