/** Numbers and durations for people. */

/** `12,345`. By hand, because the first use of a locale loads ICU's tables: 20 ms and 9 MB at start-up. */
export function groupDigits(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `938`, `1.2k`, `12.3k`, `123k`, `1.2M`: at most three significant digits. */
export function formatCount(count: number): string {
  const whole = Math.max(0, Math.round(count));
  if (whole < 1_000) return String(whole);
  return whole < 999_500 ? `${threeDigits(whole / 1_000)}k` : `${threeDigits(whole / 1_000_000)}M`;
}

function threeDigits(value: number): string {
  const text = value < 99.95 ? value.toFixed(1) : String(Math.round(value));
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}

/** `1 line`, `2 lines`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `0 B`, `820 kB`, `4.7 GB`, `19 GB`: about two significant digits. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, Number.isFinite(bytes) ? bytes : 0);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = value < 9.95 && unit > 0 ? value.toFixed(1) : String(Math.round(value));
  return `${digits} ${UNITS[unit]}`;
}

/** `0s`, `59s`, `1m 05s`, `1h 02m 03s`: whole seconds, rounded down. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (h > 0) return `${h}h ${twoDigits(m)}m ${twoDigits(s)}s`;
  return m > 0 ? `${m}m ${twoDigits(s)}s` : `${s}s`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
