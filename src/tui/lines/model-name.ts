/** A model's name as people say it: `qwen3` for `qwen3:latest`. */
import { oneLine } from './clean.ts';

export function modelName(name: string): string {
  return oneLine(name, 200).replace(/:latest$/, '');
}
