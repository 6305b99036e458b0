/** Which command tests a project, by its files, its instructions and the configuration. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkOf } from '../../../src/context/seen/checks.ts';
import { findTestCommand } from '../../../src/tools/run-tests/find-command.ts';
import { toldCommand } from '../../../src/tools/run-tests/told-command.ts';
import { anyText } from '../../support/any-text.ts';
import { tempFolder } from '../../support/temp-folder.ts';

type Files = Readonly<Record<string, string>>;

async function project(files: Files): Promise<string> {
  const root = await tempFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

const script = (test: string, more: object = {}): string => JSON.stringify({ scripts: { test }, ...more });

const UNITTEST = 'import unittest\n';

const PROJECTS: readonly (readonly [command: string | undefined, files: Files])[] = [
  ['npm test', { 'package.json': script('vitest run') }],
  ['pnpm test', { 'package.json': script('jest'), 'pnpm-lock.yaml': '' }],
  ['yarn test', { 'package.json': script('jest'), 'yarn.lock': '', 'package-lock.json': '{}' }],
  ['bun run test', { 'package.json': script('vitest'), 'bun.lock': '' }],
  ['pnpm test', { 'package.json': script('jest', { packageManager: 'pnpm@9.1.0' }), 'yarn.lock': '' }],
  [undefined, { 'package.json': script('echo "Error: no test specified" && exit 1') }],
  [undefined, { 'package.json': '{ "scripts": { "test": ' }],
  [undefined, { 'package.json': '{ "scripts": { "test": ["a"] } }' }],
  ['python3 -m pytest', { 'pyproject.toml': '[tool.pytest.ini_options]\n' }],
  ['python3 -m pytest', { 'requirements.txt': 'flask\npytest==9\n' }],
  ['python3 -m pytest', { 'setup.py': '', 'tests/conftest.py': '' }],
  ['uv run python -m pytest', { 'pyproject.toml': 'dev = ["pytest"]', 'uv.lock': '' }],
  [
    '.venv/bin/python -m pytest',
    { 'pyproject.toml': 'dev = ["pytest"]', 'uv.lock': '', '.venv/bin/python': '' },
  ],
  ['tox', { 'tox.ini': '[testenv]\ncommands = python -m unittest\n' }],
  ['python3 manage.py test', { 'manage.py': '' }],
  ['python3 -m pytest', { 'test_calc.py': 'def test_add(): pass\n' }],
  ['python3 -m pytest', { 'test_calc.py': 'import unittest, pytest\n' }],
  ['python3 -m unittest', { 'test_calc.py': UNITTEST }],
  ['python3 -m unittest discover -s tests', { 'tests/test_calc.py': UNITTEST }],
  ['python3 -m unittest discover -s tests -t .', { 'tests/test_calc.py': UNITTEST, 'tests/__init__.py': '' }],
  ['cargo test', { 'Cargo.toml': '[package]\nname = "a"\n' }],
  ['cargo test --workspace', { 'Cargo.toml': '[workspace]\nmembers = ["a"]\n' }],
  ['go test ./...', { 'go.mod': 'module a\n' }],
  ['./gradlew test', { 'build.gradle.kts': '', gradlew: '' }],
  ['./gradlew test', { 'settings.gradle.kts': '', gradlew: '' }],
  ['gradle test', { 'build.gradle': '' }],
  ['mvn -B test', { 'pom.xml': '<project/>' }],
  [
    'cmake --build build && ctest --test-dir build --output-on-failure',
    { 'CMakeLists.txt': 'project(a)\nenable_testing()\n', 'build/CMakeCache.txt': '' },
  ],
  [undefined, { 'CMakeLists.txt': 'project(a)\nenable_testing()\n' }],
  ['bundle exec rspec', { '.rspec': '', Gemfile: '' }],
  ['rspec', { 'spec/spec_helper.rb': '' }],
  ['rake test', { Rakefile: 'Rake::TestTask.new\n' }],
  ['bundle exec rake test', { Rakefile: 'Minitest::TestTask.create\n', Gemfile: '' }],
  ['bin/rails test', { 'bin/rails': '', 'test/test_helper.rb': '', Gemfile: '', Rakefile: '' }],
  ['bundle exec rspec', { 'bin/rails': '', '.rspec': '', Gemfile: '' }],
  ['dotnet test', { 'Calc.sln': '' }],
  ['dotnet test', { 'Calc.vbproj': '' }],
  ['composer test', { 'composer.json': script('phpunit'), 'phpunit.xml': '' }],
  ['composer test', { 'composer.json': script('pest'), 'package.json': '{ "scripts": { "dev": "vite" } }' }],
  ['php artisan test', { artisan: '', 'phpunit.xml': '', 'composer.json': script('phpunit') }],
  ['vendor/bin/pest', { 'composer.json': '{}', 'tests/Pest.php': '', 'phpunit.xml': '' }],
  ['vendor/bin/phpunit', { 'composer.json': '{}', 'phpunit.xml.dist': '' }],
  ['phpunit', { 'phpunit.dist.xml': '' }],
  [undefined, { 'composer.json': '{}' }],
  ['mix test', { 'mix.exs': '' }],
  ['swift test', { 'Package.swift': '' }],
  ['bun test', { 'package.json': '{}', 'bun.lock': '' }],
  ['bun test', { 'package.json': '{ "packageManager": "bun@1.4.5" }' }],
  ['deno task test', { 'deno.json': '{ "tasks": { "test": "deno test" } }' }],
  ['deno task test', { 'deno.json': '{ "tasks": { "test": { "command": "deno test -R" } } }' }],
  ['deno test -A', { 'deno.json': '{ "tasks": { "dev": "deno run a.ts" } }' }],
  ['deno test -A', { 'deno.jsonc': '// Tasks\n{}' }],
  ['npm test', { 'package.json': script('vitest'), 'deno.json': '{}' }],
  ['just test', { justfile: 'build:\n  cc a.c\n\ntest *ARGS: build\n  ./a {{ARGS}}\n' }],
  [undefined, { justfile: 'test := "a"\n' }],
  ['nox -s tests', { 'noxfile.py': '@nox.session\ndef tests(session):\n' }],
  ['nox', { 'noxfile.py': '@nox.session\ndef lint(session):\n' }],
  ['tox', { 'tox.toml': 'env_list = ["a"]\n' }],
  ['tox', { 'pyproject.toml': '[tool.tox]\nenv_list = ["a"]\n' }],
  ['make test', { Makefile: 'all: a\n\ntest: all\n\t./a\n' }],
  ['make check', { Makefile: 'TEST := 1\ncheck:\n\t./a\n' }],
  [undefined, { Makefile: 'test := 1\n' }],
  ['npm test', { 'package.json': script('jest'), Makefile: 'test:\n\tnpm test\n' }],
  ['make test', { 'package.json': '{}', Makefile: 'test:\n\tjest\n' }],
  [undefined, { 'README.md': 'Run `npm test`.' }],
];

test('files that are nothing but white are read in no time', async () => {
  const white = '\n \t'.repeat(80_000);
  const names = [
    'Cargo.toml',
    'CMakeLists.txt',
    'Makefile',
    'Rakefile',
    'pyproject.toml',
    'tox.ini',
    'package.json',
  ];
  const root = await project({
    ...Object.fromEntries(names.map((name) => [name, white])),
    'build/CMakeCache.txt': '',
    'go.mod': '',
  });
  expect(findTestCommand({ cwd: root, root })?.command).toBe('cargo test');
  const cmake = await project({ 'CMakeLists.txt': white, 'build/CMakeCache.txt': '', 'go.mod': '' });
  expect(findTestCommand({ cwd: cmake, root: cmake })?.command).toBe('go test ./...');
  expect(toldCommand(white)).toBe(undefined);
});

test('the files of a project show how it is tested, and each command is known as a test', async () => {
  for (const [command, files] of PROJECTS) {
    const root = await project(files);
    expect({ files, found: findTestCommand({ cwd: root, root })?.command }).toEqual({
      files,
      found: command,
    });
    if (command !== undefined) expect(checkOf(command)).toMatchObject({ kind: 'test', decides: true });
  }
});

test('the nearest package counts, with the lock file of the repository', async () => {
  const root = await project({
    'package.json': script('turbo test'),
    'pnpm-lock.yaml': '',
    'packages/api/package.json': script('vitest run'),
    'packages/api/src/a.ts': '',
    'packages/docs/a.md': '',
  });
  const found = (folder: string) => findTestCommand({ cwd: path.join(root, folder), root });
  expect(found('packages/api/src')).toEqual({
    command: 'pnpm test',
    folder: path.join(root, 'packages/api'),
  });
  expect(found('packages/docs')).toEqual({ command: 'pnpm test', folder: root });
  // What is above the project is not of it.
  const docs = path.join(root, 'packages/docs');
  expect(findTestCommand({ cwd: docs, root: docs })).toBeUndefined();
});

test('a manifest that leads out of the project, or is no small file, is not read', async () => {
  const outside = await project({ 'package.json': script('jest') });
  const root = await project({});
  symlinkSync(path.join(outside, 'package.json'), path.join(root, 'package.json'));
  expect(findTestCommand({ cwd: root, root })).toBeUndefined();
  const large = await project({ 'package.json': script('jest', { a: 'x'.repeat(300_000) }) });
  expect(findTestCommand({ cwd: large, root: large })).toBeUndefined();
  const folder = await project({ 'package.json/a': '', 'Makefile/a': '' });
  expect(findTestCommand({ cwd: folder, root: folder })).toBeUndefined();
});

test('the user decides before the instructions, and they before the files; empty: no command', async () => {
  const root = await project({ 'package.json': script('jest'), 'sub/a': '' });
  const places = { cwd: root, root } as const;
  const instructions = [
    { file: path.join(root, 'AGENTS.md'), text: '- Run the tests with `npx jest --ci`.' },
    { file: path.join(root, 'sub/AGENTS.md'), text: 'Nothing about it.' },
  ];
  expect(findTestCommand({ ...places, configured: './ci test', instructions })).toEqual({
    command: './ci test',
    folder: root,
  });
  expect(findTestCommand({ ...places, cwd: path.join(root, 'sub'), instructions })).toEqual({
    command: 'npx jest --ci',
    folder: root,
  });
  expect(findTestCommand({ ...places, configured: ' ', instructions })).toBeUndefined();
});

const TOLD: readonly (readonly [command: string | undefined, text: string])[] = [
  ['pnpm vitest run', '- Test: `pnpm vitest run`'],
  ['pytest -q', 'Run the tests with `pytest -q`.'],
  ['cargo nextest run', '* **Run all tests**: `cargo nextest run`'],
  ['npm test', '- `npm test`: run all tests'],
  ['npm test', '- `npm test` runs the full test suite'],
  ['make test', '## Testing\n\n```bash\nmake test  # everything\n```\n'],
  ['go test ./...', '# Running tests\n\n    $ go test ./...\n'],
  // Of another section, of one file, or of more than the tests.
  [undefined, '## Setup\n\n```\nnpm test\n```\n'],
  [undefined, '- Test one file: `npx vitest run test/FILE`'],
  [undefined, 'Test: `npx vitest run <file>`'],
  [undefined, '- `npm cit`: install and run all checks and tests.'],
  [undefined, 'Tests: `npm ci`'],
  [undefined, 'Tests are in `test/`.'],
  [undefined, 'Tests: `npm test | tail -5`'],
  [undefined, 'Tests: `rm -rf /`'],
];

test('instructions name a command in a plain statement', () => {
  expect(TOLD.map(([, text]) => [toldCommand(text), text])).toEqual(TOLD);
});

test('whatever instructions say: a command that tests, in one line, or none', () => {
  const line = fc.oneof(
    anyText(80),
    fc.constantFrom('## Testing', '- Test: `', '`', 'npm test', 'Run all tests with `make test`'),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      const command = toldCommand(lines.join('\n'));
      expect(command === undefined || (checkOf(command)?.kind === 'test' && !command.includes('\n'))).toBe(
        true,
      );
    }),
  );
});
