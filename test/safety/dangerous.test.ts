import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isKnownSafe } from '../../src/safety/commands.ts';
import { classify } from '../../src/safety/dangerous.ts';
import { scriptPieces } from '../support/script-pieces.ts';

const DANGEROUS = [
  'rm -rf build',
  'rm -fr build',
  'rm -f a',
  'rm -Rf a',
  'rm -r -f a',
  'rm -r a -f',
  'rm --force a',
  'rm --recursive --fo a',
  'rm -vrf a',
  '/bin/rm -rf a',
  "r'm' -r'f' a",
  'cd build && rm -rf .',
  'ls; rm -rf a',
  'sudo rm -rf /',
  'sudo -u root rm -rf /',
  'env A=b rm -f a',
  'nohup rm -rf a',
  'command rm -rf a',
  'sudo env nohup rm -rf a',
  'timeout 5 rm -rf a',
  'xargs rm -rf',
  'find . -name "*.o" -exec rm -f {} +',
  // Not plain.
  'rm -rf $HOME',
  'rm -rf a > log',
  '\\rm -rf a',
  '(rm -rf a)',
  '{ rm -rf a; }',
  'ls & rm -rf a',
  'ls\nrm -rf a',
  'echo "$(rm -rf a)"',
  'echo `rm -rf a`',
  'X=$(rm -rf a) ls',
  'X=$(rm -rf a)',
  'a=(x $(rm -rf b))',
  'f() { rm -rf a; }; f',
  'for i in a b; do rm -rf $i; done',
  'if true; then rm -rf a; fi',
  'case a in a) rm -rf a;; esac',
  'cat <(rm -rf a)',
  'cat <<E\n$(rm -rf a)\nE',
  'rm -{r,f} a',
  'X=1 rm -rf a',
  '! rm -rf a',
  'time rm -rf a',
  "git ls-files | xargs -I{} sh -c 'rm -rf {}'",
  // Shells.
  "bash -c 'rm -rf a'",
  "bash -lc 'cd a; rm -rf b'",
  'sh -c "sudo rm -rf a"',
  "zsh -c 'rm -rf a'",
  "sudo bash -c 'rm -rf a'",
  "eval 'rm -rf' a",
  "echo 'rm -rf a' | sh",
  'bash <<E\nrm -rf a\nE',
  "bash <<< 'rm -rf a'",
  // Broken: bash runs the first line.
  'rm -rf a\n(',
  // Broken beyond reading: its words decide.
  'echo "rm -rf a',
];

test.each(DANGEROUS)('dangerous: %j', (command) => {
  expect(classify(command).kind).toBe('dangerous');
});

const HARMLESS: ReadonlyArray<readonly [string, string]> = [
  ['rm a', 'other'],
  ['rm -r a', 'other'],
  ['rm -- -f', 'other'],
  ['rm --preserve-root a', 'other'],
  ['rmdir -f a', 'other'],
  ['npm test', 'other'],
  ['grep -f rm a', 'known-safe'],
  ['echo rm -rf a', 'known-safe'],
  ['grep "rm -rf" build.sh', 'known-safe'],
  ['ls -la', 'known-safe'],
  ['git commit -m "stop using rm -rf"', 'other'],
  ["bash -lc 'ls -la'", 'other'],
  ['ls > a', 'unparsed'],
  ['cat > package.json <<\'E\'\n{"clean": "rm -rf dist"}\nE', 'unparsed'],
  ['ls # rm -rf a', 'unparsed'],
  ['', 'unparsed'],
  ['ls\0', 'unparsed'],
];

test.each(HARMLESS)('%j is %s', (command, kind) => {
  expect(classify(command).kind).toBe(kind);
});

test('the segments are the plain commands, those inside of a lone shell call, or unknown', () => {
  const of = (command: string) => {
    const { kind, segments } = classify(command);
    return { kind, segments };
  };
  expect(of("cd 'a b' && cargo build *.x")).toEqual({
    kind: 'other',
    segments: [
      { name: 'cd', args: ['a b'], hasGlob: false },
      { name: 'cargo', args: ['build', '*.x'], hasGlob: true },
    ],
  });
  expect(of("bash -lc 'git push && rm -rf a'")).toEqual({
    kind: 'dangerous',
    segments: [
      { name: 'git', args: ['push'], hasGlob: false },
      { name: 'rm', args: ['-rf', 'a'], hasGlob: false },
    ],
  });
  expect(of("bash -lc 'git push > log'")).toEqual({ kind: 'unparsed', segments: undefined });
  expect(of('git push &')).toEqual({ kind: 'unparsed', segments: undefined });
});

test('a script of 1 MB is classified in bounded time', () => {
  expect(classify(`echo ${'a '.repeat(500_000)}`).kind).toBe('unparsed');
  expect(classify(`echo ${'a '.repeat(500_000)}; rm -rf b`).kind).toBe('dangerous');
  expect(classify(`${'('.repeat(500_000)}`).kind).toBe('unparsed');
  expect(classify(`sudo ${'sudo '.repeat(500)}`).kind).toBe('other');
});

const piece = scriptPieces('rm', '-rf');

test('no text makes it throw, and dangerous is never known-safe', () => {
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (command) => {
        const { kind } = classify(command);
        expect(['known-safe', 'other', 'dangerous', 'unparsed']).toContain(kind);
        expect(kind === 'known-safe').toBe(isKnownSafe(command));
      },
    ),
    { numRuns: 500 },
  );
});

test('a forced rm is found behind any plain commands and joiners, in any spelling', () => {
  const before = fc.constantFrom(
    'ls && ',
    'true; ',
    'cat a | ',
    'cd "a b" || ',
    '(',
    'if x; then ',
    'sudo ',
    'ls\n',
    '',
  );
  const option = fc.constantFrom('-rf', '-fr', '-f', '-Rf', '-r -f', '-v --force', "'-rf'", '"-f"', '-r\\f');
  fc.assert(
    fc.property(before, fc.constantFrom('rm', "'rm'", '/bin/rm', 'r\\m'), option, (start, name, force) => {
      expect(classify(`${start}${name} ${force} x`).kind).toBe('dangerous');
    }),
  );
});
