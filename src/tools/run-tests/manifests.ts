/**
 * How a project of each kind is tested, by the files in its folder. Pure but for the folder; the commands are oagent's own words: nothing
 * of a file goes into one.
 */
import { isObject, parseJson } from '../../model/json-object.ts';
import type { FindTests, ProjectFolder } from './project-folder.ts';
import { pythonTests } from './python-tests.ts';

/** What npm writes into a new package.json. */
const NO_TEST = /no test specified/;
/** How each package manager runs a script of package.json. */
const MANAGERS: readonly {
  readonly name: string;
  readonly locks: readonly string[];
  readonly run: string;
}[] = [
  { name: 'pnpm', locks: ['pnpm-lock.yaml'], run: 'pnpm' },
  { name: 'yarn', locks: ['yarn.lock'], run: 'yarn' },
  // `bun test` is its own runner.
  { name: 'bun', locks: ['bun.lock', 'bun.lockb'], run: 'bun run' },
  { name: 'npm', locks: ['package-lock.json'], run: 'npm' },
];

/** The script `test` of a package.json, and the package manager that it names, if any. */
export function testScript(
  folder: ProjectFolder,
): { readonly text: string; readonly packageManager: string } | undefined {
  const manifest = parseJson(folder.text('package.json') ?? '');
  if (!isObject(manifest) || !isObject(manifest.scripts)) return undefined;
  const { test: text } = manifest.scripts;
  const packageManager = typeof manifest.packageManager === 'string' ? manifest.packageManager : '';
  return typeof text === 'string' && text.trim() !== '' ? { text, packageManager } : undefined;
}

const nodeTests: FindTests = (folder, locks) => {
  const script = testScript(folder);
  if (script === undefined || NO_TEST.test(script.text)) return undefined;
  const named = script.packageManager.split('@')[0];
  const manager =
    MANAGERS.find(({ name }) => name === named) ??
    MANAGERS.find((one) => one.locks.some((lock) => locks(lock)));
  return `${manager?.run ?? 'npm'} test`;
};

const cargoTests: FindTests = (folder) => {
  const manifest = folder.text('Cargo.toml');
  if (manifest === undefined) return undefined;
  return /^[ \t]*\[workspace\]/m.test(manifest) ? 'cargo test --workspace' : 'cargo test';
};

const gradleTests: FindTests = (folder) => {
  if (!folder.has('build.gradle') && !folder.has('build.gradle.kts')) return undefined;
  return folder.has('gradlew') ? './gradlew test' : 'gradle test';
};

const mavenTests: FindTests = (folder) => {
  if (!folder.has('pom.xml')) return undefined;
  return `${folder.has('mvnw') ? './mvnw' : 'mvn'} -B test`;
};

/** Only where a build has been configured: where else it would be built is not known. */
const cmakeTests: FindTests = (folder) => {
  const isTested = /^[ \t]*(?:enable_testing\s*\(|include\s*\(\s*CTest\b)/im.test(
    folder.text('CMakeLists.txt') ?? '',
  );
  if (!isTested || !folder.has('build/CMakeCache.txt')) return undefined;
  return 'cmake --build build && ctest --test-dir build --output-on-failure';
};

const rubyTests: FindTests = (folder) => {
  const bundle = folder.has('Gemfile') ? 'bundle exec ' : '';
  if (folder.has('.rspec') || folder.has('spec/spec_helper.rb')) return `${bundle}rspec`;
  return /Rake::TestTask|Minitest::TestTask|task\s+:?["']?test\b/.test(folder.text('Rakefile') ?? '')
    ? `${bundle}rake test`
    : undefined;
};

const dotnetTests: FindTests = (folder) =>
  folder.names('.', /\.(?:sln|slnx|csproj|fsproj)$/).length > 0 ? 'dotnet test' : undefined;

const makeTests: FindTests = (folder) => {
  const makefile = ['GNUmakefile', 'makefile', 'Makefile'].find((name) => folder.has(name));
  const rules = makefile === undefined ? '' : (folder.text(makefile) ?? '');
  const target = ['test', 'check'].find((name) => new RegExp(`^${name}\\s*:(?!=)`, 'm').test(rules));
  return target === undefined ? undefined : `make ${target}`;
};

/** The first that finds something decides. */
const KINDS: readonly FindTests[] = [
  nodeTests,
  cargoTests,
  (folder) => (folder.has('go.mod') ? 'go test ./...' : undefined),
  pythonTests,
  gradleTests,
  mavenTests,
  cmakeTests,
  rubyTests,
  makeTests,
  dotnetTests,
];

export const findTests: FindTests = (folder, locks) => {
  for (const find of KINDS) {
    const command = find(folder, locks);
    if (command !== undefined) return command;
  }
  return undefined;
};
