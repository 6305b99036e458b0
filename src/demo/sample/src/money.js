// Amounts are integers: cents. Every rounding of the library happens here.

/** Part of an amount in percent, rounded half away from zero. */
export function percentOf(cents, percent) {
  const exact = (cents * percent) / 100;
  return Math.sign(exact) * Math.round(Math.abs(exact));
}

/** "19.95" or "19" as cents. Throws on anything else. */
export function parseMoney(text) {
  const match = /^(-?)(\d+)(?:\.(\d{2}))?$/.exec(text.trim());
  if (!match) throw new RangeError(`not an amount: ${text}`);
  const cents = Number(match[2]) * 100 + Number(match[3] ?? 0);
  return match[1] ? -cents : cents;
}

/** Cents as "1,234.50". */
export function formatMoney(cents) {
  const sign = cents < 0 ? '-' : '';
  const units = String(Math.trunc(Math.abs(cents) / 100)).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${sign}${units}.${String(Math.abs(cents) % 100).padStart(2, '0')}`;
}
