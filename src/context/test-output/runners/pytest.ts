/** pytest, with any `--tb`: blocks below `____ name ____`, and the short summary with the ids. */
import { blocksOf, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

const COUNTS = /^=*\s*(?:\d+ [a-z]+,? )+in [\d.]+s\b/;
const SHORT = /^(?:FAILED|ERROR|SUBFAILED\(.*?\)) (\S.*?)(?: - (.*))?$/;

export const pytest: TestReader = {
  sign: /^=*\s*(?:\d+ (?:failed|passed|skipped|errors?|xfailed|xpassed|deselected|warnings?),? )+in [\d.]+s\b/,
  read: (lines) => {
    const summary = lines.flatMap((line): TestFailure[] => {
      const found = SHORT.exec(line);
      return found === null ? [] : [{ name: found[1] ?? '', place: undefined, message: found[2] ?? '' }];
    });
    const blocks = blocksOf(lines, /^_{3,} (.+?) _{3,}$/, /^=+ .* =+$/);
    const told = blocks.filter(({ body }) => body.some((line) => line.startsWith('E ')));
    const failures = told.length < summary.length ? summary : told.map((block) => failureOf(block, summary));
    const counts = lines.filter((line) => COUNTS.test(line));
    return {
      passed: sumOf(counts, /(\d+) passed/) ?? 0,
      failed: (sumOf(counts, /(\d+) failed/) ?? 0) + (sumOf(counts, /(\d+) errors?\b/) ?? 0),
      skipped: sumOf(counts, /(\d+) skipped/) ?? 0,
      failures,
    };
  },
};

function failureOf(
  { heading, body }: ReturnType<typeof blocksOf>[number],
  summary: readonly TestFailure[],
): TestFailure {
  const title = (heading[1] ?? '').replace(/^ERROR (?:at (?:setup|teardown) of |collecting )/, '');
  const plain = title.replace(/ \(.*\)$/, '');
  const known = summary.find(({ name }) => name === plain || name.split('::').slice(1).join('.') === plain);
  const errors = body.flatMap((line) => (line.startsWith('E ') ? [line.slice(2)] : []));
  const places = body.filter((line) => !line.startsWith('>'));
  return {
    name: known === undefined ? title : known.name + title.slice(plain.length),
    place: placeIn(places.filter((line) => !line.startsWith('E ')).reverse()) ?? placeIn(places),
    message: messageOf(errors),
  };
}
