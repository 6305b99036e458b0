const UNITS: { readonly [unit: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `90` (seconds), `90s`, `1h30m`, `500ms`; undefined if it is no such duration, or none at all. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join('') === text;
  const sum = parts.reduce((ms, [, count, unit = '']) => ms + Number(count) * (UNITS[unit] ?? 0), 0);
  const ms = isWhole ? sum : /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1_000 : 0;
  return ms > 0 && Number.isFinite(ms) ? ms : undefined;
}
