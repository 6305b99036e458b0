/** How a Python project is tested: with pytest wherever something names it, else with tox, nox, Django or unittest. */
import type { FindTests, ProjectFolder } from './project-folder.ts';

const TEST_FILE = /^test.*\.py$/;
/** Files that may name pytest, and what that looks like. */
const NAMES_PYTEST: readonly (readonly [string, RegExp])[] = [
  ['pyproject.toml', /\bpytest\b/],
  ['setup.cfg', /\bpytest\b/],
  ['tox.ini', /^\[pytest\]|\bpytest\b/m],
  ['requirements.txt', /^pytest\b/m],
  ['requirements-dev.txt', /^pytest\b/m],
  ['dev-requirements.txt', /^pytest\b/m],
];

/** Files that say how tox tests, and what that looks like. */
const TOX: readonly (readonly [string, RegExp])[] = [
  ['tox.ini', /^\[testenv/m],
  ['tox.toml', /^(?:env_list|\[env)/m],
  ['pyproject.toml', /^\[tool\.tox/m],
];

export const pythonTests: FindTests = (folder, locks) => {
  const isPytest =
    ['pytest.ini', '.pytest.ini', 'conftest.py', 'tests/conftest.py'].some((name) => folder.has(name)) ||
    NAMES_PYTEST.some(([name, pattern]) => pattern.test(folder.text(name) ?? ''));
  const python = pythonOf(folder, locks);
  if (isPytest) return `${python} -m pytest`;
  if (TOX.some(([name, pattern]) => pattern.test(folder.text(name) ?? ''))) return 'tox';
  if (folder.has('noxfile.py')) return noxTests(folder.text('noxfile.py') ?? '');
  return folder.has('manage.py') ? `${python} manage.py test` : undefined;
};

/** Its other sessions check and build. */
function noxTests(sessions: string): string {
  const test = ['tests', 'test'].find((name) => new RegExp(`^def ${name}\\(`, 'm').test(sessions));
  return test === undefined ? 'nox' : `nox -s ${test}`;
}

/** The interpreter of the project. */
function pythonOf(folder: ProjectFolder, locks: (name: string) => boolean): string {
  const own = ['.venv', 'venv'].find((name) => folder.has(`${name}/bin/python`));
  if (own !== undefined) return `${own}/bin/python`;
  const manager = [
    ['uv', 'uv.lock'],
    ['poetry', 'poetry.lock'],
    ['pdm', 'pdm.lock'],
    ['pipenv', 'Pipfile.lock'],
  ].find(([, lock = '']) => locks(lock));
  return manager === undefined ? 'python3' : `${manager[0]} run python`;
}

/** Where nothing says how, the tests themselves do. */
export const foundTests: FindTests = (folder, locks) => {
  const python = pythonOf(folder, locks);
  for (const below of ['tests', 'test', '.']) {
    const [file] = folder.names(below, TEST_FILE);
    if (file === undefined) continue;
    const text = folder.text(`${below}/${file}`) ?? '';
    if (!/\bunittest\b/.test(text) || /\bpytest\b/.test(text)) return `${python} -m pytest`;
    if (below === '.') return `${python} -m unittest`;
    const top = folder.has(`${below}/__init__.py`) ? ' -t .' : '';
    return `${python} -m unittest discover -s ${below}${top}`;
  }
  return undefined;
};
