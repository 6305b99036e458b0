/** What a model reads of a run of tests, by what real runners have printed (recordings/). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTests } from '../../../src/context/test-output/readers.ts';
import { summaryOf, testRunOf } from '../../../src/context/test-output/test-summary.ts';
import { anyText } from '../../support/any-text.ts';
import { cpuTime } from '../../support/cpu-time.ts';
import { RECORDED, recordedBytes, shown } from './recorded.ts';

const SUCCEEDED = /-pass$|^(?:ctest|cargo|deno|go|minitest|phpunit|rspec|unittest)-none$/;

test('each recorded output is reduced to what failed, or to one line', async () => {
  let all = '';
  for (const name of RECORDED) {
    const output = await shown(recordedBytes(name));
    const exitCode = SUCCEEDED.test(name) ? 0 : 1;
    const { text } = summaryOf({ output, exitCode, folder: '/project', limitBytes: 6_000 });
    all += `=== ${name}\n${text}\n`;
  }
  await expect(all).toMatchFileSnapshot('./summaries.txt');
});

test('what is certain of a run: numbers and names', async () => {
  expect(testRunOf(await shown(recordedBytes('jest-fail')))).toEqual({
    passed: 2,
    failed: 3,
    skipped: 1,
    failing: ['sum › adds two numbers', 'sum › compares objects', 'throws what it should not'],
  });
  expect(testRunOf('Segmentation fault')).toBeUndefined();
});

test('several runners in one output are added up, and the prefixes of packages are none of it', async () => {
  const vitest = await shown(recordedBytes('vitest-fail'));
  const jest = await shown(recordedBytes('jest-pass'));
  const ofPackages = [vitest, jest]
    .flatMap((output, index) => output.split('\n').map((line) => `packages/p${index} test: ${line}`))
    .join('\n');
  expect(readTests(ofPackages)).toMatchObject({ passed: 3, failed: 3, skipped: 1 });
  expect(readTests(ofPackages)?.failures[0]).toMatchObject({ place: 'test/sum.test.ts:4' });
});

test('many failures: the first ones whole, the others by name, and never more than the limit', () => {
  const failures = Array.from(
    { length: 60 },
    (_, index) => ` FAIL  a.test.ts > test ${index}\nError: ${'long '.repeat(30)}\n ❯ a.test.ts:${index}:1\n`,
  );
  const output = `${failures.join('\n')}\n Test Files  1 failed (1)\n      Tests  60 failed | 2 passed (62)\n`;
  const { text } = summaryOf({ output, exitCode: 1, folder: '/', limitBytes: 2_000 });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2_000);
  expect(text.split('\n').slice(0, 3)).toEqual([
    '60 of 62 tests failed (exit code 1).',
    '',
    'FAIL a.test.ts > test 0 (a.test.ts:0)',
  ]);
  const whole = text.match(/^FAIL /gm)?.length ?? 0;
  const [, more, next] = /\nand (\d+) more: a\.test\.ts > test (\d+), .* …$/.exec(text) ?? [];
  expect([whole > 0, whole + Number(more), Number(next)]).toEqual([true, 60, whole]);
});

test('of a single failure something is told however little room there is', () => {
  const output = ` FAIL  a.test.ts > adds\nError: ${'long '.repeat(30)}\n ❯ a.test.ts:7:1\n\n Test Files  1 failed (1)\n      Tests  1 failed (1)\n`;
  const { text } = summaryOf({ output, exitCode: 1, folder: '/', limitBytes: 640 });
  expect(text).toBe(
    `1 of 1 test failed (exit code 1).\n\nFAIL a.test.ts > adds (a.test.ts:7)\nError: ${'long '.repeat(30).trim()}`,
  );
});

test('why nothing was tested: not installed, no script, no tests, broken code', () => {
  const first = (output: string, exitCode = 1) =>
    summaryOf({ output, exitCode, folder: '/p', limitBytes: 1_000 }).text;
  const installed = 'The tests cannot run: something is not installed';
  expect(first('> t\n> vitest run\n\nsh: 1: vitest: not found\n', 127)).toBe(
    `${installed} (exit code 127):\nsh: 1: vitest: not found`,
  );
  expect(first('bash: line 1: npm: command not found\n', 127)).toBe(
    `${installed} (exit code 127):\nbash: line 1: npm: command not found`,
  );
  expect(first("Error: Cannot find module '/p/node_modules/jest/bin/jest.js'\n    at x (node:1:1)\n")).toBe(
    `${installed} (exit code 1):\nError: Cannot find module 'node_modules/jest/bin/jest.js'`,
  );
  expect(first('npm error Missing script: "test"\nnpm error\n')).toBe(
    'The tests cannot run: there is no such command (exit code 1):\nnpm error Missing script: "test"',
  );
  expect(first('src/a.ts(3,1): error TS1005: ; expected.\n\nnpm error code 2\n', 2)).toBe(
    'The tests did not run to their end (exit code 2):\nsrc/a.ts(3,1): error TS1005: ; expected.',
  );
});

test('packages of Go without tests hide none that have some, and an exit code no failure', async () => {
  const text = (output: string) =>
    summaryOf({ output, exitCode: 0, folder: '/project', limitBytes: 1_000 }).text;
  expect(text('?   \ta\t[no test files]\nok  \tb\t0.1s\n')).toBe(
    'The tests passed (exit code 0):\n?   \ta\t[no test files]\nok  \tb\t0.1s',
  );
  expect(text('?   \ta\t[no test files]\n')).toBe('No tests ran (exit code 0).');
  expect(text(await shown(recordedBytes('ctest-fail')))).toMatch(/^2 of 3 tests failed \(exit code 0\)\./);
});

test('a run whose time was over says what had failed by then', async () => {
  const output = (await shown(recordedBytes('node-tap-fail'))).split('# Subtest: of objects')[0] ?? '';
  const { text } = summaryOf({ output, exitCode: undefined, folder: '/project', limitBytes: 1_000 });
  expect(text).toBe(
    [
      '1 of 2 tests failed so far (stopped: the time was over).',
      '',
      'FAIL adds two numbers (test/sum.test.js:5)',
      'Expected values to be strictly equal:',
      '-1 !== 3',
    ].join('\n'),
  );
});

test('whatever bytes come: no crash, within the limit, always the same, and short of nothing', async () => {
  const pieces = RECORDED.map((name) => recordedBytes(name).toString());
  const output = fc.oneof(
    anyText(),
    fc
      .array(
        fc
          .tuple(fc.constantFrom(...pieces), fc.nat(4_000), fc.nat(2_000))
          .map(([text, start, length]) => text.slice(start, start + length)),
        { maxLength: 4 },
      )
      .map((parts) => parts.join('\n')),
  );
  fc.assert(
    fc.property(
      output,
      fc.constantFrom(0, 1, undefined),
      fc.integer({ min: 200, max: 6_000 }),
      (text, exitCode, limit) => {
        const options = { output: text, exitCode, folder: '/project', limitBytes: limit } as const;
        const reduced = summaryOf(options);
        // The marker of a cut comes on top.
        expect(Buffer.byteLength(reduced.text)).toBeLessThanOrEqual(limit + 40);
        expect(summaryOf(options)).toEqual(reduced);
        expect(reduced.run.failing.length).toBeLessThanOrEqual(20);
        const again = summaryOf({ ...options, output: reduced.text });
        expect(Buffer.byteLength(again.text)).toBeLessThanOrEqual(limit + 40);
      },
    ),
    { numRuns: 300 },
  );
});

test('an output of 256 kB is read in a moment, however long its lines are', () => {
  const outputs = [
    'x'.repeat(2 ** 20),
    'FAIL '.repeat(2 ** 18),
    ' FAIL  a\n'.repeat(2 ** 17),
    '1) a › '.repeat(2 ** 17),
    'not ok 1 - a\n'.repeat(2 ** 16),
    '--- FAIL: a (0s)\n'.repeat(2 ** 13),
    `${'_'.repeat(900)} \n`.repeat(1_000),
    `a${' > '.repeat(330)}\n`.repeat(1_000),
    `a${' > '.repeat(320)} FAILED\n`.repeat(1_000),
    `  Failed ${' ['.repeat(480)}\n`.repeat(1_000),
    `✘ Test ${' recorded an issue with'.repeat(40)}\n`.repeat(1_000),
    `${' '.repeat(900)}# a\n`.repeat(1_000),
    `${' '.repeat(900)}ok\n not ok 1 - a\n`.repeat(600),
    '(fail) a [1ms]\n'.repeat(2 ** 16),
    'a > b FAILED\n'.repeat(2 ** 16),
  ];
  const signs = [
    'TAP version 13',
    'ok  \ta',
    '  1 passing',
    '1 example, 1 failure',
    '1 runs, 1 assertions, 1 failures, 0 errors, 0 skips',
    '1 tests, 1 assertions, 1 failures, 0 errors, 0 pendings',
    'Tests: 1, Assertions: 1, Failures: 1.',
    '  Tests:  1 failed',
    '1 test, 1 failure',
    'Ran 1 test across 1 file.',
    'FAILED | 0 passed | 1 failed (1ms)',
    '1 test completed, 1 failed',
    '     Summary [ 0.1s] 1 test run: 1 failed',
    'Test run summary: Failed!',
    '✘ Test run with 1 test failed',
    '  1 test failed',
    'DONE 1 tests',
  ];
  for (const output of outputs) {
    const ms = cpuTime(() =>
      summaryOf({
        output: `${signs.join('\n')}\n${output.slice(0, 2 ** 18)}`,
        exitCode: 1,
        folder: '/',
        limitBytes: 6_000,
      }),
    );
    expect(ms).toBeLessThan(1_500);
  }
});
