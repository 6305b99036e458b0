/**
 * How a project of each kind is tested, by the files in its folder. Pure but for the folder; the commands are oagent's own words: nothing
 * of a file goes into one.
 */
import { denoTests, nodeTests } from './javascript-tests.ts';
import { phpTests } from './php-tests.ts';
import type { FindTests } from './project-folder.ts';
import { pythonTests } from './python-tests.ts';

const cargoTests: FindTests = (folder) => {
  const manifest = folder.text('Cargo.toml');
  if (manifest === undefined) return undefined;
  return /^[ \t]*\[workspace\]/m.test(manifest) ? 'cargo test --workspace' : 'cargo test';
};

const GRADLE: readonly string[] = [
  'build.gradle',
  'build.gradle.kts',
  'settings.gradle',
  'settings.gradle.kts',
];

/** A project below one that has a wrapper is tested by that. */
const gradleTests: FindTests = (folder, locks) => {
  if (!GRADLE.some((name) => folder.has(name))) return undefined;
  if (folder.has('gradlew')) return './gradlew test';
  return locks('gradlew') ? undefined : 'gradle test';
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
  if (folder.has('bin/rails') && folder.has('test')) return 'bin/rails test';
  return /Rake::TestTask|Minitest::TestTask|task\s+:?["']?test\b/.test(folder.text('Rakefile') ?? '')
    ? `${bundle}rake test`
    : undefined;
};

const dotnetTests: FindTests = (folder) =>
  folder.names('.', /\.(?:sln|slnx|csproj|fsproj|vbproj)$/).length > 0 ? 'dotnet test' : undefined;

const makeTests: FindTests = (folder) => {
  const makefile = ['GNUmakefile', 'makefile', 'Makefile'].find((name) => folder.has(name));
  const rules = makefile === undefined ? '' : (folder.text(makefile) ?? '');
  const target = ['test', 'check'].find((name) => new RegExp(`^${name}\\s*:(?!=)`, 'm').test(rules));
  return target === undefined ? undefined : `make ${target}`;
};

const justTests: FindTests = (folder) => {
  const name = ['justfile', 'Justfile', '.justfile'].find((one) => folder.has(one));
  const recipes = name === undefined ? '' : (folder.text(name) ?? '');
  return /^@?test\b[^:\n]*:(?!=)/m.test(recipes) ? 'just test' : undefined;
};

/** The first that finds something decides. */
const KINDS: readonly FindTests[] = [
  nodeTests,
  denoTests,
  cargoTests,
  (folder) => (folder.has('go.mod') ? 'go test ./...' : undefined),
  pythonTests,
  gradleTests,
  mavenTests,
  cmakeTests,
  rubyTests,
  phpTests,
  (folder) => (folder.has('mix.exs') ? 'mix test' : undefined),
  (folder) => (folder.has('Package.swift') ? 'swift test' : undefined),
  makeTests,
  justTests,
  dotnetTests,
];

export const findTests: FindTests = (folder, locks) => {
  for (const find of KINDS) {
    const command = find(folder, locks);
    if (command !== undefined) return command;
  }
  return undefined;
};
