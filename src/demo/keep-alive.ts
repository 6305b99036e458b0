/**
 * The field `keep_alive`: seconds as a number, or a Go duration ("30m", "1h30m"). Negative values mean forever.
 */
import { WireError } from './errors.ts';

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const refuse = (problem: string, duration: string): WireError =>
  new WireError(400, `time: ${problem} duration ${JSON.stringify(duration)}`);

function goDurationMs(duration: string): number {
  const unsigned = duration.replace(/^[+-]/, '');
  if (unsigned === '0') return 0;
  let rest = unsigned;
  let ms = 0;
  do {
    const part = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (!part) throw refuse('invalid', duration);
    const unit = part[2] ?? '';
    if (unit === '') throw refuse('missing unit in', duration);
    const factor = UNITS_MS[unit];
    if (factor === undefined) throw refuse(`unknown unit ${JSON.stringify(unit)} in`, duration);
    ms += Number(part[1]) * factor;
    rest = rest.slice(part[0].length);
  } while (rest !== '');
  return duration.startsWith('-') ? -ms : ms;
}

/** Milliseconds; Infinity: forever; undefined: absent. Throws Go's 400 for a duration that it cannot read. */
export function keepAliveMs(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const ms = typeof value === 'number' ? value * 1000 : goDurationMs(String(value));
  return ms < 0 ? Number.POSITIVE_INFINITY : ms;
}
