import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isKnownSafe } from '../../src/safety/commands.ts';
import { parsePlainCommands, parseWithHereDocument } from '../../src/safety/plain-commands.ts';

test('words are decoded as bash decodes them', () => {
  expect(parsePlainCommands(` l's' -a "b c"d'"' && cat  "x\\"\\\\\\.y" ''| wc;pwd `)).toEqual([
    { name: 'ls', args: ['-a', 'b cd"'], hasGlob: false },
    { name: 'cat', args: ['x"\\\\.y', ''], hasGlob: false },
    { name: 'wc', args: [], hasGlob: false },
    { name: 'pwd', args: [], hasGlob: false },
  ]);
});

test('a glob is one outside of quotes', () => {
  expect(parsePlainCommands(`a '*' "?" ; b x*; c HEAD~~2 a?`)).toEqual([
    { name: 'a', args: ['*', '?'], hasGlob: false },
    { name: 'b', args: ['x*'], hasGlob: true },
    { name: 'c', args: ['HEAD~~2', 'a?'], hasGlob: true },
  ]);
});

/**
 * A folder where bash finds no program but canaries, and where every command of the alphabet, built in or not, is a
 * function that records the words it got.
 */
const RECORDED = ['cat', 'cd', 'echo', 'git', 'grep', 'head', 'ls', 'pwd', 'rg', 'sed', 'true', 'uniq', 'wc'];
let base = '';
let bin = '';
let work = '';
let record = '';

beforeAll(() => {
  base = mkdtempSync(path.join(tmpdir(), 'oagent-plain-'));
  bin = path.join(base, 'bin');
  work = path.join(base, 'work');
  record = path.join(base, 'record');
  for (const folder of [bin, work]) {
    mkdirSync(folder);
    for (const name of ['x', 'evil', 'rm']) {
      writeFileSync(path.join(folder, name), `#!/bin/sh\necho ran >>'${base}/canary'\n`);
      chmodSync(path.join(folder, name), 0o755);
    }
  }
  const functions = RECORDED.map(
    (name) => `${name}() { builtin printf '%s\\0' $# ${name} "$@" >>'${record}'; return "$RESULT"; }`,
  );
  // No globbing: the words that were written are compared, not the files they match.
  writeFileSync(path.join(base, 'env'), ['set -f', ...functions, ''].join('\n'));
});

afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

/** The commands that bash ran for `script`, each of them with its words, when each ends with `result`. */
function runInBash(script: string, result: 0 | 1): string[] {
  writeFileSync(record, '');
  const { error } = spawnSync('/bin/bash', ['-c', script], {
    cwd: work,
    env: {
      PATH: bin,
      BASH_ENV: path.join(base, 'env'),
      RESULT: String(result),
      HOME: base,
      LC_ALL: 'C.UTF-8',
    },
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: 5000,
  });
  if (error !== undefined) throw error;
  const fields = readFileSync(record, 'utf8').split('\0').slice(0, -1);
  const ran: string[] = [];
  while (fields.length > 0) ran.push(JSON.stringify(fields.splice(0, Number(fields.shift()) + 1)));
  return ran;
}

/** Checks one script that is said to be safe: bash runs what was predicted, nothing else, and leaves no trace. */
function checkAgainstBash(script: string, parse = parsePlainCommands): void {
  const predicted = (parse(script) ?? []).map(({ name, args }) => JSON.stringify([name, ...args]));
  for (const result of [0, 1] as const) {
    const remaining = [...predicted];
    const ran = runInBash(script, result);
    const unpredicted = ran.filter((command) => {
      const at = remaining.indexOf(command);
      if (at >= 0) remaining.splice(at, 1);
      return at < 0;
    });
    const joinedByOr = /&&|\|\|/.test(script);
    expect({ script, unpredicted, skipped: joinedByOr ? [] : remaining, ranAny: ran.length > 0 }).toEqual({
      script,
      unpredicted: [],
      skipped: [],
      ranAny: true,
    });
  }
  expect({ script, base: readdirSync(base).sort(), work: readdirSync(work).sort() }).toEqual({
    script,
    base: ['bin', 'env', 'record', 'work'],
    work: ['evil', 'rm', 'x'],
  });
}

const word = fc.constantFrom(
  ...[
    'a',
    '-n',
    '--x=y',
    "'",
    '"',
    '""',
    "'a b'",
    '"a\\"b"',
    '"\\.\\\\"',
    '\\',
    '$',
    '`',
    '(',
    ')',
    '<',
    '>',
    '{',
    '}',
  ],
  ...[
    '[',
    ']',
    '*',
    '?',
    '~',
    '#',
    '!',
    '=',
    ':',
    '^',
    '%',
    '@',
    '+',
    ',',
    '/',
    '.',
    '1',
    'é',
    '"é“"',
    "'\t'",
    '\u00a0',
  ],
  ...[
    '"a\nb"',
    "'\n'",
    '"\\\n"',
    '"\u2028"',
    '"\u0085"',
    '\r',
    '\v',
    '\u0001',
    '"a',
    "b'",
    '"\\a"',
    '"#"',
    "'$x'",
    '"\\\\"',
    'HEAD~1',
    'evil',
  ],
);
const joint = fc.constantFrom(
  ...[
    '|',
    '||',
    '&&',
    ';',
    '&',
    ' ',
    '\n',
    '|&',
    ';;',
    ' evil ',
    './x ',
    '; ',
    '\\\n',
    ' \\\n',
    ' \\\n  && ',
  ],
);
const nasty = fc
  .array(
    fc.tuple(
      fc.constantFrom(...RECORDED, 'evil', 'ls', 'time', '!', 'exec', ''),
      fc.array(fc.oneof(word, word, word, fc.constantFrom(' ', ' ', '\t', '  ', ' \\\n', ' \\\n \\\n')), {
        maxLength: 8,
      }),
      joint,
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.map(([name, rest, end]) => `${name} ${rest.join('')}${end}`).join(''));

/** Every printable trap as a single character, too, so that nothing depends on how the pieces above are cut. */
const characters = fc
  .string({ unit: fc.constantFrom(...'ab \t\'"\\$`<>(){}[]*?~#!=|&;\n\r/é-'), maxLength: 14 })
  .map((tail) => `ls ${tail}`);

const MOST_SHELLS = 150;

test('whatever is known safe runs in bash as the words it was read as', () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(nasty, characters), (script) => {
      // Each costs the start of a shell.
      if (accepted === MOST_SHELLS || !isKnownSafe(script)) return;
      accepted++;
      checkAgainstBash(script);
    }),
    { numRuns: 3000 },
  );
  expect(accepted).toBeGreaterThan(5);
});

test('any text gets an answer', () => {
  fc.assert(
    fc.property(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 60 })), (script) => {
      const commands = parsePlainCommands(script);
      expect(commands === undefined || commands.length > 0).toEqual(true);
    }),
    { numRuns: 300 },
  );
});

const hereText = fc.array(
  fc.constantFrom('E', ' E', 'E ', '\tE', 'text', '$(evil)', '`evil`', '\\', '', 'evil', "'", 'rm x', 'E\r'),
  { maxLength: 5 },
);
const hereScript = fc
  .record({
    head: fc.oneof(
      nasty,
      fc.constantFrom('cat', 'cat a', 'ls; cat', '"cat', "cat 'a", 'cat 2', 'cat <', 'cat #', 'cat \\'),
    ),
    operator: fc.constantFrom(
      " <<'E'",
      ' << "E"',
      ' <<E',
      " <<-'E'",
      ' <<-E',
      " <<<'E'",
      "<<'E'",
      " <<''",
      " <<'E'x",
      ' <<\\E',
    ),
    tail: fc.constantFrom('', '', ' && ls', '|wc', '; evil', ' >x', ' &', " <<'F'", ' \\', '\nls'),
    text: hereText,
    end: fc.constantFrom('\nE', '\nE\n', '\n\tE', '\nE\nevil', '\nE ', ''),
  })
  .map(({ head, operator, tail, text, end }) => `${head}${operator}${tail}\n${text.join('\n')}${end}`);

test('what is read as commands with a here-document is what bash runs', () => {
  let accepted = 0;
  fc.assert(
    fc.property(hereScript, (script) => {
      const commands = parseWithHereDocument(script);
      if (accepted === MOST_SHELLS || commands === undefined) return;
      if (!commands.every(({ name }) => RECORDED.includes(name))) return;
      accepted++;
      checkAgainstBash(script, parseWithHereDocument);
    }),
    { numRuns: 6000 },
  );
  expect(accepted).toBeGreaterThan(20);
});

test.each([
  ["git commit -F - <<'EOF'\nOne\n\n$(two) `three`\nEOF\n", [['git', 'commit', '-F', '-']]],
  ['cat <<-EOF | wc -l && ls\n\tone\n\tEOF', [['cat'], ['wc', '-l'], ['ls']]],
  ["git commit -F - <<'EOF'\nOne\nEOF\ngit push", undefined],
  ['echo "x <<\'EOF\'"\nevil\nEOF', undefined],
  ['cat <<EOF\n$(evil)\nEOF', undefined],
  ["cat <<'EOF'\nno end", undefined],
  ["cat <<'EOF' > file\nx\nEOF", undefined],
])('%j', (script, commands) => {
  expect(parseWithHereDocument(script)?.map(({ name, args }) => [name, ...args])).toEqual(commands);
});

test.each([
  ['git commit \\\n  --all \\\n\t-m x', [['git', 'commit', '--all', '-m', 'x']]],
  ['ls \\\n  && cat a', [['ls'], ['cat', 'a']]],
  ['ls\\\n-l', undefined],
  ['ls \\ \n-l', undefined],
  ['ls \\\r\n-l', undefined],
])('a continued line: %j', (script, commands) => {
  expect(parsePlainCommands(script)?.map(({ name, args }) => [name, ...args])).toEqual(commands);
});
