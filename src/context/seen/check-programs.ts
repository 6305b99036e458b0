/** Tables of the programs that test, build or lint a project. */

export type CheckKind = 'test' | 'build' | 'lint';

const kinds = (kind: CheckKind, names: string): [string, CheckKind][] =>
  names.split(' ').map((name) => [name, kind]);

/** Checks, whatever the arguments. */
export const PROGRAMS: ReadonlyMap<string, CheckKind> = new Map([
  ...kinds(
    'test',
    'pytest py.test unittest doctest nose2 tox nox trial behave jest vitest mocha ava jasmine',
  ),
  ...kinds('test', 'karma tap tape uvu ctest rspec phpunit pest cucumber busted bats prove gotestsum'),
  ...kinds('build', 'tsc vue-tsc py_compile compileall ninja webpack rollup'),
  ...kinds(
    'lint',
    'eslint oxlint mypy pyright flake8 pylint pyflakes rubocop phpstan psalm shellcheck stylelint',
  ),
  ...kinds('lint', 'golangci-lint staticcheck clang-tidy svelte-check hadolint yamllint ktlint detekt'),
]);

/** Checks only with one of these options. */
export const ONLY_WITH: ReadonlyMap<string, readonly string[]> = new Map([
  ['prettier', ['--check', '-c', '--list-different', '-l']],
  ['black', ['--check']],
  ['isort', ['--check', '--check-only', '-c']],
  ['rustfmt', ['--check']],
  ['php', ['-l']],
]);

type Subcommands = ReadonlyMap<string, CheckKind>;

const subcommands = (test: string, build = '', lint = ''): Subcommands =>
  new Map([...kinds('test', test), ...kinds('build', build), ...kinds('lint', lint)]);

const gradle = subcommands('test check', 'build assemble classes', 'lint');
const maven = subcommands('test verify', 'compile package install');
const make = subcommands('test tests check unittest', 'all build', 'lint typecheck');

/** Checks with one of these words after the name. */
export const SUBCOMMANDS: ReadonlyMap<string, Subcommands> = new Map([
  ['go', subcommands('test', 'build', 'vet')],
  ['cargo', subcommands('test nextest', 'check build', 'clippy')],
  ['dotnet', subcommands('test', 'build')],
  ['gradle', gradle],
  ['gradlew', gradle],
  ['mvn', maven],
  ['mvnw', maven],
  ['make', make],
  ['gmake', make],
  ['just', make],
  ['task', make],
  ['rake', subcommands('test spec')],
  ['mix', subcommands('test', 'compile')],
  ['sbt', subcommands('test', 'compile')],
  ['lein', subcommands('test')],
  ['swift', subcommands('test', 'build')],
  ['zig', subcommands('test', 'build')],
  ['bazel', subcommands('test', 'build')],
  ['flutter', subcommands('test', 'build', 'analyze')],
  ['dart', subcommands('test', '', 'analyze')],
  ['deno', subcommands('test', 'check', 'lint')],
  ['composer', subcommands('test')],
  ['artisan', subcommands('test')],
  ['rails', subcommands('test spec')],
  ['manage.py', subcommands('test', '', 'check')],
  ['setup.py', subcommands('test', 'build')],
  ['meson', subcommands('test', 'compile')],
  ['stack', subcommands('test', 'build')],
  ['cabal', subcommands('test', 'build')],
  ['playwright', subcommands('test')],
  ['cypress', subcommands('run')],
  ['ng', subcommands('test', 'build', 'lint')],
  ['next', subcommands('', 'build', 'lint')],
  ['vite', subcommands('', 'build')],
  ['ruff', subcommands('', '', 'check')],
  ['biome', subcommands('', '', 'check lint ci')],
]);

/** May have several of the words above. */
export const MANY_WORDS: ReadonlySet<string> = new Set(
  'gradle gradlew mvn mvnw make gmake just task rake sbt lein'.split(' '),
);

/** These run the scripts of a package.json. */
export const SCRIPT_RUNNERS: ReadonlySet<string> = new Set(['npm', 'pnpm', 'yarn', 'bun']);

/** What a script of this name does. */
export const SCRIPT_KINDS: readonly (readonly [RegExp, CheckKind])[] = [
  [/^(?:tests?|tst|t|cit|it|specs?|e2e|unit|check|verify|validate|ci|coverage)\b/, 'test'],
  [/^(?:lint|eslint|typecheck|type-check|types|tsc|format:check|fmt:check)\b/, 'lint'],
  [/^(?:build|compile)\b/, 'build'],
];

/** These run the command that follows. */
export const WRAPPERS: ReadonlySet<string> = new Set(
  'env cross-env time nice nohup command exec sudo stdbuf xvfb-run timeout npx bunx pnpx uvx c8 nyc'.split(
    ' ',
  ),
);

/** These run it with one of these words after the name. */
export const WRAPPING: ReadonlyMap<string, readonly string[]> = new Map([
  ['bundle', ['exec']],
  ['poetry', ['run']],
  ['pipenv', ['run']],
  ['pdm', ['run']],
  ['rye', ['run']],
  ['uv', ['run']],
  ['hatch', ['run']],
  ['coverage', ['run']],
  ['npm', ['exec', 'x']],
  ['pnpm', ['exec', 'dlx']],
  ['yarn', ['exec', 'dlx']],
  ['bun', ['x']],
]);

export const INTERPRETERS: ReadonlySet<string> = new Set(
  'python py pypy node nodejs ruby php perl lua deno bash sh zsh dash ts-node tsx'.split(' '),
);
