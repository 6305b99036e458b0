/** What is run for a file, a folder or the name of a test. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandsIn } from '../../../src/context/seen/shell-status.ts';
import { targeted } from '../../../src/tools/run-tests/target.ts';
import { anyText } from '../../support/any-text.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const FILES = [
  'tests/test_calc.py',
  'test/a.test.js',
  'src/lib/tax.rs',
  'tests/all.rs',
  'src/TaxTest.java',
  'pkg/a_test.go',
  'app/src/test/java/AppTest.java',
  'spec/a b_spec.rb',
  'test/a_test.rb',
  'test/a_test.exs',
  'tests/SumTest.php',
  'Calc.Tests/SumTests.cs',
  'Calc.Tests/Calc.Tests.csproj',
  'Tests/CalcTests/SumTests.swift',
];

async function folder(script?: string): Promise<string> {
  const root = await tempFolder();
  for (const file of FILES) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), '');
  }
  if (script !== undefined)
    writeFileSync(path.join(root, 'package.json'), JSON.stringify({ scripts: { test: script } }));
  return root;
}

/** The command, or undefined if there is none for that target. */
async function commandOf(command: string, target: string, script?: string): Promise<string | undefined> {
  const root = await folder(script);
  const found = await targeted({ command, folder: root }, target, root);
  return 'problem' in found ? undefined : found.command;
}

const PLAIN: readonly (readonly [command: string, target: string, expected: string | undefined])[] = [
  ['python3 -m pytest', '', 'python3 -m pytest'],
  ['python3 -m pytest', 'tests/test_calc.py', 'python3 -m pytest tests/test_calc.py'],
  ['python3 -m pytest', 'tests/test_calc.py::test_add', 'python3 -m pytest tests/test_calc.py::test_add'],
  ['python3 -m pytest', 'test_add', 'python3 -m pytest -k test_add'],
  ['python3 -m pytest', 'adds two', undefined],
  ['python3 -m pytest', 'tests/test_gone.py', undefined],
  ['python3 -m unittest discover -s tests', 'tests/test_calc.py', 'python3 -m unittest tests/test_calc.py'],
  ['python3 -m unittest discover -s tests', 'test_add', 'python3 -m unittest -k test_add'],
  ['cargo test', 'tax::adds', 'cargo test tax::adds'],
  ['cargo test', 'tests/all.rs', 'cargo test --test all'],
  ['cargo test', 'src/lib/tax.rs', 'cargo test lib::tax::'],
  ['go test ./...', 'pkg/a_test.go', 'go test ./pkg'],
  ['go test ./...', 'TestAdd', 'go test ./... -run TestAdd'],
  ['mvn -B test', 'src/TaxTest.java', 'mvn -B test -Dtest=TaxTest'],
  ['mvn -B test', 'addsTwo', "mvn -B test -Dtest='*#addsTwo'"],
  ['./gradlew test', 'TaxTest', "./gradlew test --tests '*TaxTest'"],
  ['ctest --test-dir build', 'adds', 'ctest --test-dir build -R adds'],
  ['./gradlew test', 'src/TaxTest.java', "./gradlew test --tests '*TaxTest'"],
  ['./gradlew test', 'app/src/test/java/AppTest.java', "./gradlew :app:test --tests '*AppTest'"],
  ['./gradlew check', 'TaxTest', "./gradlew check test --tests '*TaxTest'"],
  ['bundle exec rspec', 'adds two', "bundle exec rspec -e 'adds two'"],
  ['rspec', 'spec/a b_spec.rb:12', "rspec 'spec/a b_spec.rb:12'"],
  ['bin/rails test', 'test/a_test.rb:7', 'bin/rails test test/a_test.rb:7'],
  ['bin/rails test', 'adds two', "bin/rails test -n '/adds[ _]two/'"],
  ['bundle exec rake test', 'test/a_test.rb:7', 'bundle exec rake test TEST=test/a_test.rb'],
  ['rake test', 'SumTest#test_adds', "rake test 'TESTOPTS=--name=/SumTest#test_adds/'"],
  // Rake gives both to a shell.
  ['rake test', '$(date)', undefined],
  ['rake test', 'spec/a b_spec.rb', undefined],
  ['rake test', 'test', undefined],
  ['vendor/bin/phpunit', 'tests/SumTest.php', 'vendor/bin/phpunit tests/SumTest.php'],
  ['phpunit', 'SumTest::testAdds', 'phpunit --filter SumTest::testAdds'],
  ['vendor/bin/pest', 'adds (two)', "vendor/bin/pest --filter 'adds \\(two\\)'"],
  ['php artisan test', 'tests/SumTest.php', 'php artisan test tests/SumTest.php'],
  ['mix test', 'test/a_test.exs:9', 'mix test test/a_test.exs:9'],
  ['mix test', 'adds two', undefined],
  ['bun test', 'test/a.test.js', 'bun test ./test/a.test.js'],
  ['bun test', 'adds (two)', "bun test -t 'adds \\(two\\)'"],
  ['deno test -A', 'test/a.test.js:3', 'deno test -A test/a.test.js'],
  ['deno test -A', 'adds two', "deno test -A --filter='adds two'"],
  ['cargo nextest run', 'tests/all.rs', 'cargo nextest run --test all'],
  ['cargo nextest run', 'tax::adds', 'cargo nextest run tax::adds'],
  ['swift test', 'Tests/CalcTests/SumTests.swift', 'swift test --filter SumTests'],
  ['swift test', 'SumTests/testAdds', 'swift test --filter SumTests/testAdds'],
  ['dotnet test', 'Calc.Tests/SumTests.cs', "dotnet test --filter 'FullyQualifiedName~SumTests'"],
  ['dotnet test', 'Calc.Tests/Calc.Tests.csproj', 'dotnet test Calc.Tests.csproj'],
  ['dotnet test', 'a|b', "dotnet test --filter 'FullyQualifiedName~a\\|b'"],
  ['npx ava', 'test/a.test.js:3', 'npx ava test/a.test.js:3'],
  ['npx ava', 'adds two', "npx ava --match='*adds two*'"],
  ['npx playwright test', 'test/a.test.js:3', 'npx playwright test test/a.test.js:3'],
  ['python3 -m pytest', 'tests/test_calc.py:3', 'python3 -m pytest tests/test_calc.py'],
  ['npx vitest run', 'test/a.test.js:3', 'npx vitest run test/a.test.js'],
  ['npx vitest run', "it's (2)", "npx vitest run -t 'it'\\''s \\(2\\)'"],
  ['make test', 'test/a.test.js', undefined],
  ['./ci {target} --all', 'a b', "./ci 'a b' --all"],
  ['./ci {target}', '', './ci'],
  ['./ci "{target}"', 'a b', "./ci 'a b'"],
  ["./ci '{target}' -v", '', './ci  -v'],
  ['dotnet test --filter "Name~{target}"', 'a "b" $(c)', 'dotnet test --filter "Name~a \\"b\\" \\$(c)"'],
  ["./ci 'x={target}'", "it's", "./ci 'x=it'\\''s'"],
  ['sh -c \'ci "{target}"\'', 'a b', 'sh -c \'ci "a b"\''],
  ['npx jest', '-x', undefined],
  ['cargo test', '--config=x', undefined],
];

test('each runner is told in its own way, and what it cannot be told is refused', async () => {
  for (const [command, target, expected] of PLAIN)
    expect([command, target, await commandOf(command, target)]).toEqual([command, target, expected]);
});

const SCRIPTS: readonly (readonly [
  script: string,
  manager: string,
  target: string,
  expected: string | undefined,
])[] = [
  ['vitest run', 'npm test', 'test/a.test.js', 'npm test -- test/a.test.js'],
  ['vitest run', 'pnpm test', 'test', 'pnpm test test'],
  ['tsc && jest --ci', 'yarn test', 'test/a.test.js', 'yarn test --runTestsByPath test/a.test.js'],
  ['jest && eslint .', 'npm test', 'test/a.test.js', undefined],
  ['mocha', 'npm test', 'adds two', "npm test -- -f 'adds two'"],
  ['node --test', 'npm test', 'test/a.test.js', 'npm test -- test/a.test.js'],
  [
    'node --import tsx --test test/*.js',
    'npm test',
    'test/a.test.js',
    'node --import tsx --test test/a.test.js',
  ],
  ['node --test test/*.js', 'npm test', 'adds', 'node --test --test-name-pattern=adds'],
  ['tsc && node --test test/*.js', 'npm test', 'adds', undefined],
  ['vitest run | tee log', 'npm test', 'adds', undefined],
  ['./all.sh', 'npm test', 'test/a.test.js', undefined],
];

test('a script of package.json gets the target behind its last command', async () => {
  for (const [script, manager, target, expected] of SCRIPTS)
    expect([script, target, await commandOf(manager, target, script)]).toEqual([script, target, expected]);
});

test('a script of composer.json or deno.json takes a target if it is one command', async () => {
  const root = await folder();
  const given = async (command: string, file: string, test: unknown): Promise<string | undefined> => {
    const json = file === 'composer.json' ? { scripts: { test } } : { tasks: { test } };
    writeFileSync(path.join(root, file), JSON.stringify(json));
    const found = await targeted({ command, folder: root }, 'adds two', root);
    return 'problem' in found ? undefined : found.command;
  };
  expect(await given('composer test', 'composer.json', 'phpunit --colors')).toBe(
    "composer test -- --filter 'adds two'",
  );
  expect(await given('composer test', 'composer.json', ['@php artisan test'])).toBe(
    "composer test -- --filter 'adds two'",
  );
  expect(await given('composer test', 'composer.json', ['a', 'phpunit'])).toBeUndefined();
  expect(await given('deno task test', 'deno.json', { command: 'deno test -R' })).toBe(
    "deno task test --filter='adds two'",
  );
  expect(await given('deno task test', 'deno.json', 'deno run test.ts')).toBeUndefined();
});

test('a package further down is tested by its own command, in its own folder', async () => {
  const root = await folder('turbo test');
  const api = path.join(root, 'packages/api');
  mkdirSync(path.join(api, 'test'), { recursive: true });
  writeFileSync(path.join(api, 'pyproject.toml'), 'dev = ["pytest"]');
  writeFileSync(path.join(api, 'test/test_a.py'), '');
  const tests = { command: 'npm test', folder: root };
  expect(await targeted(tests, 'packages/api/test/test_a.py', root)).toEqual({
    command: 'python3 -m pytest test/test_a.py',
    folder: api,
  });
  expect(await targeted(tests, 'packages/api', root)).toEqual({ command: 'python3 -m pytest', folder: api });
  expect(await targeted(tests, '/etc', root)).toEqual({
    problem: `/etc is not in ${root}, where the tests run`,
  });
});

test('what cannot be done is said with what to do', async () => {
  const root = await folder();
  expect(await targeted({ command: 'make test', folder: root }, 'adds', root)).toEqual({
    problem: '`make test` cannot be given a name: call run_tests without a target',
  });
});

test('whatever the target is, it stays what it is in the quotes of a configured command', async () => {
  const folder = await tempFolder();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('{target}', '"{target}"', "'{target}'", '"a{target}"', "'a{target}'", "\\'{target}"),
      anyText(20),
      async (word, text) => {
        const target = text.replaceAll('\0', '').trim();
        fc.pre(target !== '');
        const found = await targeted({ command: `printf %s ${word}`, folder }, target, folder);
        const said = execFileSync('sh', ['-c', 'command' in found ? found.command : ''], {
          encoding: 'utf8',
        });
        expect(said).toBe(
          `${/^(?:"a|'a)/.test(word) ? 'a' : word.startsWith('\\') ? "'" : ''}${target.toWellFormed()}`,
        );
      },
    ),
    { numRuns: 60 },
  );
});

const COMMANDS = [...new Set(PLAIN.map(([command]) => command))].filter(
  (command) => !command.includes('{target}'),
);

test('whatever the target is: one word of the command, or a problem', async () => {
  const root = await folder();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...COMMANDS), anyText(30), async (command, target) => {
      const found = await targeted({ command, folder: root }, target, root);
      if ('problem' in found || target.trim() === '' || target.includes('\0') || found.folder !== root)
        return;
      expect(found.command.startsWith(command.split(' ')[0] ?? '')).toBe(true);
      // Nothing of it is read by the shell.
      expect(commandsIn(found.command).length).toBeLessThanOrEqual(1);
      const words = execFileSync('sh', ['-c', `set -- ${found.command}; echo $#`], { encoding: 'utf8' });
      expect(Number(words) - command.split(' ').length).toBeLessThanOrEqual(3);
    }),
    { numRuns: 300 },
  );
});
