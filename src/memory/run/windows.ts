/** The windows in which sessions have run lately: what every session is told has to suit the smallest. */
import type { Sqlite } from '../../system/sqlite.ts';
import { putSetting, setting } from '../store/settings.ts';

const SETTING = 'windows';
const RECENT_MS = 30 * 24 * 3_600_000;

/** Tokens of the smallest one of the last 30 days, `numCtx` included, which is one of them from now on. */
export function smallestWindow(store: Sqlite, numCtx: number, now: number): number {
  return store.transaction(() => {
    const recent = read(setting(store, SETTING)).filter(
      ([size, at]) => size !== numCtx && now - at < RECENT_MS,
    );
    const windows = [...recent, [numCtx, now]];
    putSetting(store, SETTING, JSON.stringify(windows));
    return Math.min(...windows.map(([size]) => size ?? numCtx));
  });
}

function read(text: string | undefined): readonly (readonly [size: number, at: number])[] {
  try {
    return JSON.parse(text ?? '[]');
  } catch {
    return [];
  }
}
