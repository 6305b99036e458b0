import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cannotEdit, checkOf, checkResult, mayEdit } from '../../../src/context/seen/checks.ts';
import type { TestRun } from '../../../src/protocol/evidence.ts';

const told = (kind: string, commands: string) =>
  commands
    .trim()
    .split('\n')
    .map((command) => [command.trim(), { kind, decides: true }] as const);

test.for([
  ...told(
    'test',
    `pytest
    pytest -q tests/test_a.py::test_b 2>&1
    /usr/bin/pytest
    python -m pytest -x
    python3.12 -m unittest discover
    python3 -W ignore -m pytest
    python test_calc.py
    python3 tests/run.py
    python manage.py test shop
    PYTHONPATH=src CI=1 pytest
    env -u A FOO=1 pytest
    cd sub && pytest
    cd "my folder" && FOO='a b' pytest -k "not slow"
    (cd x && pytest)
    { pytest; }
    bash -lc 'cd x && pytest -q'
    timeout 60 bash -c "npm test"
    timeout -k 5 60 npm test
    set -e; pytest; echo done
    set -o pipefail; pytest | tail -5
    time pytest
    coverage run -m pytest
    uv run pytest -m slow
    poetry run python -m pytest
    node --test
    node --test test/a.test.js
    node --experimental-vm-modules node_modules/jest/bin/jest.js
    node node_modules/.bin/vitest run
    node test.js
    node src/calc.test.mjs
    npm test
    npm t
    npm run test:unit -- --watch=false
    npm --prefix web test
    npm run -s test
    npm run check
    pnpm -r test
    pnpm --filter web test
    yarn workspace api test
    yarn vitest run
    bun test
    npx jest --ci
    npx -y vitest@2 run
    pnpm exec mocha
    cross-env NODE_ENV=test mocha
    cargo test
    cargo +nightly test --all
    cargo nextest run
    go test ./...
    go -C sub test ./...
    make test
    make -C sub -j4 clean test
    make check
    ctest --output-on-failure
    ./gradlew clean test
    mvn -q test
    bundle exec rspec
    ruby -Itest test/a_test.rb
    vendor/bin/phpunit
    php vendor/bin/phpunit
    php artisan test
    dotnet test
    mix test
    deno test -A
    ./run_tests.sh
    bash scripts/test.sh
    npm run build && npm test`,
  ),
  ...told(
    'build',
    `tsc --noEmit
    npx tsc -p .
    npm run build
    yarn build
    cargo check
    cargo build --release
    go build ./...
    make
    make -j 8
    cmake --build build
    mvn package
    python -m py_compile a.py`,
  ),
  ...told(
    'lint',
    `eslint src
    ruff check .
    python -m mypy src
    npm run lint
    go vet ./...
    cargo clippy
    prettier --check .
    npx prettier -c src
    biome check .
    php -l a.php`,
  ),
])('%s: %o', ([command, check]) => {
  expect(checkOf(command)).toEqual(check);
});

test.for(
  `pytest | tail -5
  npm test 2>&1 | tee out.txt
  pytest; echo done
  pytest || true
  pytest || exit 1
  ! pytest
  pytest &
  if pytest; then echo ok; fi
  for f in a b; do pytest $f; done
  bash -c 'pytest; true'
  npm test && pytest | cat`
    .split('\n')
    .map((line) => line.trim()),
)('%s is a check whose exit code says nothing', (command) => {
  expect(checkOf(command)).toEqual({ kind: 'test', decides: false });
});

test.for(
  `ls
  cat test_calc.py
  python calc.py
  python -c "import pytest"
  echo pytest
  grep -rn pytest .
  pip install pytest
  npm install jest
  npm run dev
  npm start
  npm exec
  npx
  node index.js
  node build/contest.js
  pytest --version
  pytest --collect-only
  tsc --init
  make clean
  make install
  cargo run
  go run .
  prettier --write .
  ruff format
  git commit -m "npm test"
  cat <<EOF > a
pytest
EOF
  vim tests
  ./latest.sh
  timeout

  $(`
    .split('\n  ')
    .map((line) => line.trim()),
)('%s is no check', (command) => {
  expect(checkOf(command)).toBeUndefined();
});

test('what cannot have edited a file', () => {
  const answers = [
    ...['ls', 'cat a | head', 'cd x && pytest -q 2>&1', 'npm test > /dev/null 2>&1', 'go test ./...'],
    ...[
      'sed -i s/a/b/ a',
      'npm run build',
      'pytest > out.txt',
      'rm a && pytest',
      'jest -u',
      'python a.py',
      '',
    ],
    ...['echo x > a', 'pytest | tee log'],
  ].map((command) => cannotEdit(command));
  expect(answers).toEqual([...Array(5).fill(true), ...Array(9).fill(false)]);
});

test('whatever a model runs, it is decided without an error, and the same in a shell of its own', () => {
  const word = fc.constantFrom(
    ...['pytest', 'npm', 'test', 'run', 'env', 'timeout', 'cd', 'a', '-m', 'python', '--', '-C', '5', 'x=1'],
    ...['&&', '||', '|', ';', '(', ')', '{', '}', '!', '&', '>', '"', "'", '$(', '\n', '<<E', 'bash -c'],
  );
  const script = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
  );
  fc.assert(
    fc.property(script, (text) => {
      const found = checkOf(text);
      cannotEdit(text);
      if (text.includes("'") || text.includes('\0') || found === undefined) return;
      expect(checkOf(`bash -c '${text}'`)?.kind).toBe(found.kind);
    }),
    { numRuns: 2_000, examples: [['env python python timeout pytest pytest']] },
  );
});

test('a command as a check: its exit code, unless its output says more', () => {
  const tests = { passed: 2, failed: 0, skipped: 0, failing: [] };
  const failed = { ...tests, failed: 1, failing: ['adds'] };
  const none = { passed: 0, failed: 0, skipped: 0, failing: [] };
  const of = (command: string, exitCode: number | null, run?: TestRun) =>
    checkResult({ command, exitCode, tests: run })?.passed;
  expect(of('npm test', 0)).toBe(true);
  expect(of('npm test', 1)).toBe(false);
  expect(of('npm test', null, failed)).toBeUndefined();
  // A pipe hides the exit code, not what was printed.
  expect(of('npm test | tail', 0)).toBeUndefined();
  expect(of('npm test | tail', 0, tests)).toBeUndefined();
  expect(of('npm test | tail', 0, failed)).toBe(false);
  // A command that only run_tests knows as one.
  expect(of('./all', 0)).toBeUndefined();
  expect(of('./all', 0, { failing: [] })).toBe(true);
  // Nothing was tested.
  expect(of('npm test', 0, none)).toBeUndefined();
  expect(of('npm test', 5, none)).toBe(false);
  expect([mayEdit({ command: './all' }), mayEdit({ command: './all', tests })]).toEqual([true, false]);
});
