import { Command } from 'commander';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flagNames, markTexts, taskBehindCommand, unmarked, unmarkTexts } from '../../src/cli/arguments.ts';

/** A command line as far as these rules know it. */
function parse(argv: readonly string[]): { readonly values: unknown[]; readonly options: object } {
  const found: { values: unknown[]; options: object } = { values: [], options: {} };
  const program = new Command('oagent').enablePositionalOptions().exitOverride();
  program.configureOutput({ outputError: () => undefined });
  const exec = program.command('exec').argument('[prompt]').option('-c, --config <value>').option('--json');
  const take = (...values: unknown[]): void => {
    values.length -= 1;
    found.options = values.pop() as object;
    found.values = values;
  };
  exec.enablePositionalOptions().action(take);
  exec.command('resume').argument('[id]').argument('[prompt]').option('--last').action(take);
  unmarkTexts(program);
  program.parse([...taskBehindCommand(markTexts(argv, flagNames(program)), exec)], { from: 'user' });
  return found;
}

test.each([
  [['exec', '- one'], ['- one'], {}],
  [['exec', '-1 is wrong', '--json'], ['-1 is wrong'], { json: true }],
  [['exec', '--dry-run does nothing'], ['--dry-run does nothing'], {}],
  [['exec', '---\nfront'], ['---\nfront'], {}],
  [['exec', '--retries=3 is ignored'], ['--retries=3 is ignored'], {}],
  [['exec', '-input is wrong'], ['-input is wrong'], {}],
  [['exec', '--config=a = "b c"', 'x'], ['x'], { config: 'a = "b c"' }],
  [['exec', '-ca="b c"', 'x'], ['x'], { config: 'a="b c"' }],
  [['exec', '-c', '- a b', 'x'], ['x'], { config: '- a b' }],
  [['exec', '--', '- one'], ['- one'], {}],
  [['exec', '--', 'resume'], ['resume'], {}],
  [['exec', 'Go', 'resume', 'ID'], ['ID', 'Go'], {}],
  [['exec', '-c', 'a=1', 'Go', 'resume', '--last'], ['Go', undefined], { last: true }],
  [['exec', '- go', 'resume', 'ID'], ['ID', '- go'], {}],
  [['exec', 'Go', 'resume'], [undefined, undefined], {}],
  [['exec', 'Go', 'resume', '--', 'ID'], ['ID', 'Go'], {}],
  [['exec', 'resume', 'ID', 'Go'], ['ID', 'Go'], {}],
  [['exec', 'resume'], [undefined, undefined], {}],
])('%j', (argv, values, options) => {
  expect(parse(argv)).toEqual({ values, options });
});

test('marking changes nothing else, and is taken back', () => {
  const argument = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(argument), (argv) => {
      expect(markTexts(argv, new Set(['-c', '--config'])).map(unmarked)).toEqual(argv);
    }),
  );
});

test.each(['--no-such', '-x'])('%s stays a flag that does not exist', (flag) => {
  expect(() => parse(['exec', flag])).toThrow(/unknown option/);
});
