/** Paths and model names, as short as they can be while still clear. */
import { oneLine } from './clean.ts';
import type { LineContext } from './style.ts';

/**
 * Relative to the session's folder if it is below it; otherwise below the home folder with `~`; otherwise as it is.
 * The session's folder itself is shown as seen from home. Not sanitised.
 */
export function shortPath(path: string, { cwd, home }: Pick<LineContext, 'cwd' | 'home'>): string {
  const inside = below(path, cwd);
  if (inside !== undefined && inside !== '') return inside;
  const fromHome = below(path, home);
  if (fromHome === undefined) return path;
  return fromHome === '' ? '~' : `~/${fromHome}`;
}

/** The path relative to the folder; undefined if it is elsewhere. */
function below(path: string, folder: string): string | undefined {
  if (folder === '' || folder === '/') return undefined;
  const base = folder.endsWith('/') ? folder.slice(0, -1) : folder;
  if (path === base) return '';
  return path.startsWith(`${base}/`) ? path.slice(base.length + 1) : undefined;
}

/** `qwen3` for `qwen3:latest`; a led model is marked. */
export function modelName(name: string, isLed = false): string {
  return `${oneLine(name, 200).replace(/:latest$/, '')}${isLed ? ' (led)' : ''}`;
}
