/**
 * How a report is written: tables, numbers, what was met. Does not: know what was measured.
 */

export interface Verdict {
  readonly name: string;
  readonly value: number;
  readonly target: string;
  readonly met: boolean;
}

export function judged({ target, met }: Verdict): [string, string] {
  return [target, met ? 'met' : '**missed**'];
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const whole = [head, ...rows].map((row) => head.map((_, column) => row[column] ?? ''));
  const widths = head.map((_, column) => Math.max(3, ...whole.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const [first = [], ...others] = whole;
  return [line(first), line(rule), ...others.map(line)].join('\n');
}

export function ms(value: number): string {
  return value < 10 ? value.toFixed(1) : count(value);
}

export function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

export function ratio(value: number): string {
  return value.toFixed(2);
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
