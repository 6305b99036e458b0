/**
 * The Test Anything Protocol (the tap reporters of Node, Vitest and AVA; tape, tap, prove): `not ok 1 - name` with a block between `---`
 * and `...`. The tests of a group are set in, and come before its own line or, if that ends with a brace, after it.
 */
import { errorLines } from '../error-lines.ts';
import { before, blocksOf, MOST_FAILURES, messageOf, placeIn, sumOf } from '../output-lines.ts';
import type { TestFailure, TestReader } from '../test-report.ts';

const POINT = /^( *)(not )?ok\b(?: \d+)?(?: -)? ?(.*)$/;
/** Node says whether a group failed because its tests did, which are reported themselves. */
const FAILURE_TYPE = /^\s+failureType: '(\w+)'$/;
const DIRECTIVE = /# (?:SKIP|TODO)\b/i;
const BRACE = / \{$/;

interface Point {
  readonly name: string;
  readonly isBad: boolean;
  readonly isSkipped: boolean;
  readonly isGroup: boolean;
  readonly body: readonly string[];
}

export const tap: TestReader = {
  // Mocha and Bats leave the version out.
  sign: /^TAP version \d+$|^(?:not )?ok \d+ \S/,
  read: (lines) => {
    const points = pointsIn(lines);
    const tests = points.filter(({ isGroup }) => !isGroup);
    const bad = tests.filter(({ isBad }) => isBad);
    const printed = lines.flatMap((line) => /^# (?!Subtest)(.+)$/.exec(line)?.[1] ?? []);
    const failures = bad.slice(0, MOST_FAILURES).map(({ name, body }) => failureOf(name, body, printed));
    const skipped = points.filter(({ isSkipped }) => isSkipped).length;
    return {
      passed:
        sumOf(lines, /^# pass +(\d+)$/) ?? tests.filter((test) => !test.isBad && !test.isSkipped).length,
      failed: Math.max(sumOf(lines, /^# fail +(\d+)$/) ?? 0, bad.length),
      skipped,
      failures,
    };
  },
};

function pointsIn(lines: readonly string[]): Point[] {
  /** Of the points before, those that are set in no further than any after them. */
  const open: { readonly indent: number; readonly isBrace: boolean; readonly isBad: boolean }[] = [];
  return blocksOf(lines, POINT, /^\s*(?:\d+\.\.\d+|# )/).map(({ heading, body }) => {
    const [, indent = '', not, title = ''] = heading;
    const isSkipped = DIRECTIVE.test(title);
    const isBad = not !== undefined && !isSkipped;
    const isBrace = BRACE.test(title);
    const below: (typeof open)[number][] = [];
    while ((open.at(-1)?.indent ?? 0) > indent.length) below.push(...open.splice(-1));
    const last = open.at(-1);
    const isOwn = !(last?.isBrace === true && last.indent === indent.length);
    open.push({ indent: indent.length, isBrace, isBad });
    const type = body.flatMap((line) => FAILURE_TYPE.exec(line)?.[1] ?? [])[0];
    // A group may also fail though its tests have passed.
    const hasTests = isOwn && below.some((one) => !isBad || one.isBad);
    return {
      name: title.replace(BRACE, '').replace(/ # time=[\d.]+m?s$/, ''),
      isBad,
      isSkipped,
      isGroup: isBrace || (type === undefined ? hasTests : type === 'subtestsFailed'),
      body,
    };
  });
}

/** @param printed what a file that ended with an error has said of it. */
function failureOf(name: string, body: readonly string[], printed: readonly string[]): TestFailure {
  const place = placeIn([
    ...body.filter((line) => /^\s+(?:at: |location: )/.test(line)),
    ...yamlValue(body, 'stack'),
    ...(hasBlock(body) ? [] : body),
  ]);
  return { name, place, message: messageOf(toldOf(body, printed)) };
}

/** Mocha and Bats write what went wrong as it is. */
const hasBlock = (body: readonly string[]): boolean => body.some((line) => line.trim() === '---');

function toldOf(body: readonly string[], printed: readonly string[]): readonly string[] {
  if (!hasBlock(body)) return before(body, /^\s+at /);
  const error = yamlValue(body, 'error');
  if (error[0] === 'test failed') return errorLines(printed);
  const message = error.some((line) => line.startsWith('message: ')) ? yamlValue(error, 'message') : error;
  if (message.length > 0) return message;
  const expected = yamlValue(body, 'expected');
  if (expected.length > 0)
    return [`expected: ${expected.join(' ')}`, `actual: ${yamlValue(body, 'actual').join(' ')}`];
  return ['diff', 'details'].map((key) => yamlValue(body, key)).find((told) => told.length > 0) ?? [];
}

/** The value of a key in the block: on its line, or in the lines below that are indented more. */
function yamlValue(body: readonly string[], key: string): string[] {
  const at = body.findIndex((line) => line.trimStart().startsWith(`${key}:`));
  const line = body[at];
  if (line === undefined) return [];
  const value = line.slice(line.indexOf(':') + 1).trim();
  if (value !== '' && !/^[|>]\d?-?$/.test(value)) return [value.replace(/^(['"])(.*)\1$/, '$2')];
  const indent = line.search(/\S/);
  const rest = body.slice(at + 1);
  const end = rest.findIndex((next) => next.trim() !== '' && next.search(/\S/) <= indent);
  const inner = rest.slice(0, end < 0 ? undefined : end);
  const inset = inner.find((next) => next.trim() !== '')?.search(/\S/) ?? 0;
  return inner.map((next) => (next.search(/\S/) < inset ? next.trimStart() : next.slice(inset)));
}
