/** AVA: after a short rule, the title of each failing test, its place with source, and the difference; three blank lines in between. */
import { blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

const COUNTS =
  /^ {2}\d+ (?:tests? (?:passed|failed|skipped|todo)|known failures?|uncaught exceptions?|unhandled rejections?)$/;
const UNCAUGHT = /^ {2}Uncaught exception in (\S+)$/;
const SOURCE = /^ {1,4}\d+: /;

export const ava: TestReader = {
  sign: COUNTS,
  read: (lines) => {
    const outside = blocksOf(lines, UNCAUGHT, /^ {2}[✔✘─-]/).map(({ heading, body }) =>
      failureOf(
        heading[1] ?? '',
        body.filter((line, at) => body.indexOf(line) === at),
      ),
    );
    const failures = [...outside, ...detailed(lines)];
    const sum = (what: string): number => sumOf(lines, new RegExp(`^ {2}(\\d+) ${what}$`)) ?? 0;
    return {
      // Said only if all have passed.
      passed:
        sumOf(lines, /^ {2}(\d+) tests? passed$/) ?? lines.filter((line) => line.startsWith('  ✔ ')).length,
      failed: sum('tests? failed') + sum('uncaught exceptions?') + sum('unhandled rejections?'),
      skipped: sum('tests? skipped') + sum('tests? todo'),
      failures,
    };
  },
};

/** Between the two rules. */
function detailed(lines: readonly string[]): TestFailure[] {
  const rules = lines.flatMap((line, at) => (line === '  ─' ? [at] : []));
  const text = lines.slice((rules[0] ?? 0) + 1, rules[1] ?? 0).join('\n');
  return text.split(/\n{4,}/).flatMap((part) => {
    const [title = '', ...body] = part.split('\n').filter((line) => line.trim() !== '');
    return title === '' ? [] : [failureOf(title.trim(), body)];
  });
}

function failureOf(name: string, body: readonly string[]): TestFailure {
  const place = body.find((line) => /^ {2}\S+\.\w+:\d+$/.test(line));
  const told = body.filter((line) => line !== place && !SOURCE.test(line));
  return { name, place: placeIn(place === undefined ? told : [place]), message: messageOf(told) };
}
