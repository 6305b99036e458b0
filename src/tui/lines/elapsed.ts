/** Times for people. */

/** `0s`, `59s`, `1m 05s`, `1h 02m 03s`: whole seconds, those that have passed. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (h > 0) return `${h}h ${twoDigits(m)}m ${twoDigits(s)}s`;
  return m > 0 ? `${m}m ${twoDigits(s)}s` : `${s}s`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
