/** What a command looks at, and the command inside of its shell. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { innerCommand, shellWord } from '../../../src/text/shell-word.ts';
import { explorationOf } from '../../../src/tui/lines/exploration.ts';
import { exploredLines } from '../../../src/tui/lines/explored.ts';
import { pipelinesOf } from '../../../src/tui/lines/shell-text.ts';
import { inColor, problems } from './support.ts';

function explored(script: string, source?: 'user') {
  return explorationOf({
    type: 'command_execution',
    id: 'c',
    command: `/bin/bash -c ${shellWord(script)}`,
    cwd: '/',
    output: '',
    exitCode: 0,
    durationMs: 1,
    status: 'completed',
    source,
  })?.map(({ verb, what }) => `${verb} ${what.join(' & ')}`);
}

test.each([
  ['cat a.ts b.ts', ['Read a.ts & b.ts']],
  ['head -n 20 a.ts', ['Read a.ts']],
  ['tail -50 a.ts | grep x', ['Read a.ts']],
  [`sed -n '10,20p' "my file.ts"`, ['Read my file.ts']],
  ['nl -ba src/a.ts | sed -n 1,5p', undefined],
  ['ls', ['List .']],
  ['ls -la src test', ['List src & test']],
  ['tree -L 2', ['List .']],
  ['find . -type f | head -20', ['List .']],
  [`find src -name '*.ts' -not -path x`, ['Search *.ts in src']],
  ['find . -delete', undefined],
  ['find . -exec rm {} +', undefined],
  [`rg -n "a b" src`, ['Search a b in src']],
  ['rg --files src', ['List src']],
  ['rg -A 3 -e foo .', ['Search foo']],
  ['grep -rn foo src 2>/dev/null | wc -l', ['Search foo in src']],
  ['git grep foo', ['Search foo']],
  ['cd src && cat a.ts; ls', ['Read a.ts', 'List .']],
  ['cd src', undefined],
  ['cat a.ts > b.ts', undefined],
  ['cat $(ls)', undefined],
  ['cat a.ts | xargs rm', undefined],
  ['cat a.ts && rm b.ts', undefined],
  ['sed -i s/a/b/ a.ts', undefined],
  ['sed -n "1,2p;w x" a.ts', undefined],
  ['cat a.ts &', undefined],
  ['rg --pre evil foo', undefined],
  ['npm test', undefined],
  ['cat', undefined],
  ['', undefined],
])('%s', (script, expected) => {
  expect(explored(script)).toEqual(expected);
});

test('what the user runs is not an exploration', () => {
  expect(explored('ls', 'user')).toBeUndefined();
});

test('the command inside of the shell', () => {
  const commands = [
    "/bin/bash -c 'npm test'",
    "bash -lc 'echo '\\''x'\\'''",
    '/usr/bin/zsh -c ls',
    'npm test',
    "bash -c 'a' b",
    'bash -c $x y',
  ];
  expect(commands.map(innerCommand)).toEqual([
    'npm test',
    "echo 'x'",
    'ls',
    'npm test',
    "bash -c 'a' b",
    'bash -c $x y',
  ]);
});

test('every command comes back from its shell', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (command) => {
      fc.pre(!command.includes('\0'));
      expect(innerCommand(`/bin/bash -c ${shellWord(command)}`)).toBe(command);
    }),
  );
});

test('plain words come back from a script', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string().filter((word) => !word.includes('\n')),
        { minLength: 1, maxLength: 5 },
      ),
      (words) => {
        const script = words.map(shellWord).join(' ');
        expect(pipelinesOf(script)).toEqual([[words]]);
      },
    ),
  );
});

test('hostile names stay inert and fit', () => {
  const bytes = fc
    .array(
      fc.constantFrom('\x1b[2J', '\x9b', '\u202e', '\r', '\n', '\t', '漢', 'x', '/', ' ', '\0', 'long-name'),
    )
    .map((all) => all.join(''));
  fc.assert(
    fc.property(bytes, bytes, fc.integer({ min: 12, max: 80 }), (path, pattern, width) => {
      const base = { type: 'tool_call', id: 't', output: '', status: 'failed' } as const;
      const items = [
        { ...base, tool: 'read_file', arguments: { path } },
        { ...base, tool: 'ripgrep', arguments: { pattern, path } },
        { ...base, tool: 'ripgrep', arguments: {} },
      ];
      expect(problems(exploredLines(items, { isLive: true }, inColor(width)), width - 1)).toEqual([]);
    }),
  );
});
