/** Counts for people. */

/** `938`, `1.2k`, `12.3k`, `123k`, `1.2M`: at most three digits that say something. */
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
